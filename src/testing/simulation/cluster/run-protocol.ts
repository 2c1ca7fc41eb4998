/** Runs a protocol in a simulated process, with the environment of that process. */
import { Subscription, isObservable } from 'rxjs'
import type { ClusterNode } from '../../../node/cluster-node.ts'
import type { Environment } from '../../../ports/environment.ts'
import type { Protocol } from '../world.ts'
import type { SimProcess } from './sim-process.ts'
import { runWork } from '../time/virtual-clock.ts'
import { VirtualScheduler } from '../time/virtual-scheduler.ts'

/** Observes the protocol of one process. */
export interface ProtocolObserver {
  output(value: unknown): void
  /** The protocol threw, or its Observable errored. */
  failed(text: string): void
}

/** Returns the environment for the node of a process. */
export function environmentOf(process: SimProcess): Environment {
  return {
    scheduler: new VirtualScheduler(process),
    random: process.random,
    monotonicMs: () => process.nowMs,
    microtask: (work) => process.microtask(work),
  }
}

/** Returns the scheduler for a protocol; `onFired` is called before the work of each timer. */
export function protocolScheduler(process: SimProcess, onFired: () => void): VirtualScheduler {
  return new VirtualScheduler({
    get nowMs() {
      return process.nowMs
    },
    at: (atMs, work) =>
      process.at(atMs, () => {
        onFired()
        runWork(work)
      }),
  })
}

/** Runs a protocol; call it as its process. Unsubscribing ends the protocol. */
export function runProtocol(
  protocol: Protocol,
  node: ClusterNode,
  process: SimProcess,
  scheduler: VirtualScheduler,
  observer: ProtocolObserver,
): Subscription {
  const { pid, restarts, storage, random } = process
  const running = new Subscription()
  const error = (cause: unknown): void => {
    observer.failed(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))
  }
  try {
    const result = protocol(node, { pid, restarts, scheduler, random, storage })
    const next = (value: unknown): void => observer.output(value)
    if (isObservable(result)) running.add(result.subscribe({ next, error }))
    else if (result !== undefined) running.add(result)
  } catch (cause) {
    error(cause)
  }
  return running
}
