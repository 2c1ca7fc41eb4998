/** Protocols that take a `Mailbox` run unchanged in simulation, in memory and over ZeroMQ. */
import * as rx from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type ElectionState, elect } from '../../examples/elect.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Pid } from '../../src/model/pid.ts'
import { createNode } from '../../src/node/create-node.ts'
import { localConfig } from '../../examples/local-config.ts'
import { register } from '../../examples/register.ts'
import { simulate } from '../../src/testing.ts'

/** Time and randomness of a protocol. */
interface ProtocolEnvironment {
  readonly random: () => number
  readonly scheduler: rx.SchedulerLike
}

/** Three nodes whose links are up, in one of the environments. */
interface TestCluster {
  /** Runs a protocol on a node. */
  run<T>(
    pid: Pid,
    protocol: (node: ClusterNode, environment: ProtocolEnvironment) => rx.Observable<T>,
  ): rx.Observable<T>
  /** Closes a node. */
  stop(pid: Pid): void
}

/** A test that is the same in all environments; emits its result. */
type ClusterTest<T> = (cluster: TestCluster) => rx.Observable<T>

const PIDS = [1, 2, 3]
const TIMEOUT_MS = 15_000
let clusterCount = 0

/** Runs a test on virtual time, over a network that loses frames. */
async function inSimulation<T>(test: ClusterTest<T>): Promise<T> {
  const results: T[] = []
  simulate({ peers: PIDS, connected: true, network: '(drop 10%; delay 0..20ms)' }, (world) => {
    const cluster: TestCluster = {
      run: (pid, protocol) =>
        world.as(pid, (node, local) => {
          const output = new rx.ReplaySubject<rx.ObservedValueOf<ReturnType<typeof protocol>>>()
          protocol(node, local).subscribe(output)
          return output
        }),
      stop: (pid) => world.as(pid, (node) => void node.close()),
    }
    test(cluster).subscribe((result) => results.push(result))
    expect(world.runUntil(() => results.length > 0, 600_000)).toBe(true)
  })
  return results[0] as T
}

/** Runs a test on real time. */
async function inRealTime<T>(
  config: Parameters<typeof createNode>[0],
  test: ClusterTest<T>,
): Promise<T> {
  const nodes = new Map<Pid, ClusterNode>()
  const nodeOf = (pid: Pid): ClusterNode => nodes.get(pid) as ClusterNode
  const cluster: TestCluster = {
    run(pid, protocol) {
      const output = new rx.ReplaySubject<rx.ObservedValueOf<ReturnType<typeof protocol>>>()
      protocol(nodeOf(pid), { random: Math.random, scheduler: rx.asyncScheduler }).subscribe(output)
      return output
    },
    stop: (pid) => void nodeOf(pid).close(),
  }
  try {
    for (const pid of PIDS) nodes.set(pid, await createNode(config, pid))
    await Promise.all(PIDS.map((pid) => rx.firstValueFrom(nodeOf(pid).ready())))
    return await rx.firstValueFrom(test(cluster).pipe(rx.timeout(TIMEOUT_MS)))
  } finally {
    await Promise.all([...nodes.values()].map((node) => node.close()))
  }
}

const ENVIRONMENTS = {
  simulation: inSimulation,
  memory: <T>(test: ClusterTest<T>) => {
    const peers = PIDS.map((pid) => ({
      pid,
      endpoint: `inproc://contract-${process.pid}-${++clusterCount}`,
    }))
    return inRealTime({ cluster: 'contract', peers }, test)
  },
  ZeroMQ: async <T>(test: ClusterTest<T>) =>
    inRealTime(await localConfig('contract', PIDS.length), test),
}

/** Elects a leader, closes it, and elects another. */
const reelection: ClusterTest<{
  states: readonly ElectionState[]
  all: readonly ElectionState[]
}> = ({ run, stop }) => {
  const all: ElectionState[] = []
  const timing = { everyMs: 50, timeoutMs: 150 }
  const output = new Map(
    PIDS.map(
      (pid) => [pid, run(pid, (node, environment) => elect(node, timing, environment))] as const,
    ),
  )
  for (const states of output.values()) states.subscribe((state) => all.push(state))
  const agreed = (among: readonly Pid[], afterTerm: number): rx.Observable<ElectionState> =>
    rx.combineLatest(among.map((pid) => output.get(pid) as rx.Observable<ElectionState>)).pipe(
      rx.filter((states) => {
        const [{ leader, term }] = states as [ElectionState]
        const agree = states.every((one) => one.leader === leader && one.term === term)
        return agree && leader !== undefined && among.includes(leader) && term > afterTerm
      }),
      rx.map(([state]) => state as ElectionState),
      rx.take(1),
    )
  return agreed(PIDS, 0).pipe(
    rx.switchMap((state) => {
      const others = PIDS.filter((pid) => pid !== state.leader)
      stop(state.leader as Pid)
      return agreed(others, state.term).pipe(rx.map((next) => ({ states: [state, next], all })))
    }),
  )
}

/** Reads the last written value on every node, also after one of three nodes has closed. */
const sharedRegister: ClusterTest<readonly unknown[]> = ({ run, stop }) => {
  const registers = new Map<Pid, ReturnType<typeof register>>()
  const registerOf = (pid: Pid): ReturnType<typeof register> =>
    registers.get(pid) as ReturnType<typeof register>
  for (const pid of PIDS) {
    run(pid, (node, environment) => {
      registers.set(pid, register(node, { everyMs: 50 }, environment))
      return registerOf(pid).serve
    })
  }
  const write = (pid: Pid, value: unknown) =>
    rx.defer(() => run(pid, () => registerOf(pid).write(value)))
  const read = (pid: Pid) => rx.defer(() => run(pid, () => registerOf(pid).read()))
  const stopNode = (pid: Pid) => rx.defer(() => (stop(pid), rx.EMPTY))
  return rx
    .concat(
      read(1),
      write(1, 'a'),
      read(2),
      read(3),
      stopNode(3),
      write(2, { b: 1 }),
      read(1),
      write(1, 'c'),
      read(2),
    )
    .pipe(rx.toArray())
}

describe.each(Object.entries(ENVIRONMENTS))('in %s', (_name, runTest) => {
  it('after its leader closes, an election has another leader, and one leader per term', async () => {
    const { states, all } = await runTest(reelection)
    const [first, next] = states
    expect(next?.leader).not.toBe(first?.leader)
    const withLeader = all.filter(({ leader }) => leader !== undefined)
    const pairs = new Set(withLeader.map(({ leader, term }) => `${term} ${leader}`))
    expect(pairs.size).toBe(new Set(withLeader.map(({ term }) => term)).size)
  })

  it('a register has the last written value of any node', async () => {
    expect(await runTest(sharedRegister)).toEqual([
      undefined,
      'a',
      'a',
      'a',
      { b: 1 },
      { b: 1 },
      'c',
      'c',
    ])
  })
})
