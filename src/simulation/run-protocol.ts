/** What a simulated process is given, and how its protocol is run. */
import { Subscription, isObservable } from 'rxjs'
import type { ClusterNode } from '../node/cluster-node.ts'
import type { Environment } from '../ports/environment.ts'
import type { Protocol } from './world.ts'
import type { SimProcess } from './sim-process.ts'
import { perform } from './virtual-clock.ts'
import { VirtualScheduler } from './virtual-scheduler.ts'

/** Who hears of a protocol. */
export interface ProtocolOwner {
  output(value: unknown): void
  /** It threw, or errored. */
  failed(text: string): void
}

/** The time and the chance of a process, as its node is given them. */
export function environmentOf(process: SimProcess): Environment {
  return {
    scheduler: new VirtualScheduler(process),
    chance: process.chance,
    monotonicMs: () => process.nowMs,
    soon: (work) => process.soon(work),
  }
}

/** The scheduler of a protocol. @param fired hears of every timer, before it does its work */
export function protocolScheduler(process: SimProcess, fired: () => void): VirtualScheduler {
  return new VirtualScheduler({
    get nowMs() {
      return process.nowMs
    },
    at: (atMs, work) =>
      process.at(atMs, () => {
        fired()
        perform(work)
      }),
  })
}

/** Runs a protocol, in a turn of its process. @returns ends it */
export function runProtocol(
  protocol: Protocol,
  node: ClusterNode,
  process: SimProcess,
  scheduler: VirtualScheduler,
  owner: ProtocolOwner,
): Subscription {
  const { pid, life, storage, chance } = process
  const running = new Subscription()
  const error = (cause: unknown): void => {
    owner.failed(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))
  }
  try {
    const run = protocol(node, { pid, life, scheduler, chance, storage })
    const next = (value: unknown): void => owner.output(value)
    if (isObservable(run)) running.add(run.subscribe({ next, error }))
    else if (run !== undefined) running.add(run)
  } catch (cause) {
    error(cause)
  }
  return running
}
