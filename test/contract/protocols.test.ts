/** Protocols written against `Post` run unchanged in simulation, in memory and over ZeroMQ. */
import * as rx from 'rxjs'
import { describe, expect, it } from 'vitest'
import { type Reign, elect } from '../../examples/elect.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Pid } from '../../src/model/pid.ts'
import { createNode } from '../../src/node/create-node.ts'
import { freeConfig } from '../../examples/free-ports.ts'
import { register } from '../../examples/register.ts'
import { simulate } from '../../src/testing.ts'

/** Time and chance, as a protocol is given them. */
interface Around {
  readonly chance: () => number
  readonly scheduler: rx.SchedulerLike
}

/** Three nodes somewhere, all of whose links are up. */
interface Stage {
  /** Runs something at a node, from now on. */
  run<T>(
    pid: Pid,
    protocol: (node: ClusterNode, around: Around) => rx.Observable<T>,
  ): rx.Observable<T>
  /** A node leaves for good. */
  stop(pid: Pid): void
}

/** What is done on a stage, the same on all of them; completes with what came of it. */
type Play<T> = (stage: Stage) => rx.Observable<T>

const PIDS = [1, 2, 3]
const PATIENCE_MS = 15_000
let names = 0

/** On virtual time, over a network that loses frames. */
async function inSimulation<T>(play: Play<T>): Promise<T> {
  const outcomes: T[] = []
  simulate({ peers: PIDS, joined: true, network: '(drop 10%; delay 0..20ms)' }, (world) => {
    const stage: Stage = {
      run: (pid, protocol) =>
        world.as(pid, (node, local) => {
          const said = new rx.ReplaySubject<rx.ObservedValueOf<ReturnType<typeof protocol>>>()
          protocol(node, local).subscribe(said)
          return said
        }),
      stop: (pid) => world.as(pid, (node) => void node.close()),
    }
    play(stage).subscribe((outcome) => outcomes.push(outcome))
    expect(world.runUntil(() => outcomes.length > 0, 600_000)).toBe(true)
  })
  return outcomes[0] as T
}

/** On real time. */
async function inReality<T>(config: Parameters<typeof createNode>[0], play: Play<T>): Promise<T> {
  const nodes = new Map<Pid, ClusterNode>()
  const nodeOf = (pid: Pid): ClusterNode => nodes.get(pid) as ClusterNode
  const stage: Stage = {
    run(pid, protocol) {
      const said = new rx.ReplaySubject<rx.ObservedValueOf<ReturnType<typeof protocol>>>()
      protocol(nodeOf(pid), { chance: Math.random, scheduler: rx.asyncScheduler }).subscribe(said)
      return said
    },
    stop: (pid) => void nodeOf(pid).close(),
  }
  try {
    for (const pid of PIDS) nodes.set(pid, await createNode(config, pid))
    await Promise.all(PIDS.map((pid) => rx.firstValueFrom(nodeOf(pid).ready())))
    return await rx.firstValueFrom(play(stage).pipe(rx.timeout(PATIENCE_MS)))
  } finally {
    await Promise.all([...nodes.values()].map((node) => node.close()))
  }
}

const STAGES = {
  simulation: inSimulation,
  memory: <T>(play: Play<T>) => {
    const peers = PIDS.map((pid) => ({
      pid,
      endpoint: `inproc://contract-${process.pid}-${++names}`,
    }))
    return inReality({ cluster: 'contract', peers }, play)
  },
  ZeroMQ: async <T>(play: Play<T>) => inReality(await freeConfig('contract', PIDS.length), play),
}

/** A leader is elected; when it has left, another one is. */
const succession: Play<{ reigns: readonly Reign[]; all: readonly Reign[] }> = ({ run, stop }) => {
  const all: Reign[] = []
  const waits = { everyMs: 50, patienceMs: 150 }
  const said = new Map(
    PIDS.map((pid) => [pid, run(pid, (node, around) => elect(node, waits, around))] as const),
  )
  for (const reigns of said.values()) reigns.subscribe((reign) => all.push(reign))
  const agreed = (among: readonly Pid[], since: number): rx.Observable<Reign> =>
    rx.combineLatest(among.map((pid) => said.get(pid) as rx.Observable<Reign>)).pipe(
      rx.filter((reigns) => {
        const [{ leader, term }] = reigns as [Reign]
        const alike = reigns.every((one) => one.leader === leader && one.term === term)
        return alike && leader !== undefined && among.includes(leader) && term > since
      }),
      rx.map(([reign]) => reign as Reign),
      rx.take(1),
    )
  return agreed(PIDS, 0).pipe(
    rx.switchMap((reign) => {
      const others = PIDS.filter((pid) => pid !== reign.leader)
      stop(reign.leader as Pid)
      return agreed(others, reign.term).pipe(rx.map((next) => ({ reigns: [reign, next], all })))
    }),
  )
}

/** Everybody reads what was written last, also when one of three has left. */
const library: Play<readonly unknown[]> = ({ run, stop }) => {
  const registers = new Map<Pid, ReturnType<typeof register>>()
  const of = (pid: Pid): ReturnType<typeof register> =>
    registers.get(pid) as ReturnType<typeof register>
  for (const pid of PIDS) {
    run(pid, (node, around) => {
      registers.set(pid, register(node, { everyMs: 50 }, around))
      return of(pid).serve
    })
  }
  const write = (pid: Pid, value: unknown) => rx.defer(() => run(pid, () => of(pid).write(value)))
  const read = (pid: Pid) => rx.defer(() => run(pid, () => of(pid).read()))
  const leave = (pid: Pid) => rx.defer(() => (stop(pid), rx.EMPTY))
  return rx
    .concat(
      read(1),
      write(1, 'a'),
      read(2),
      read(3),
      leave(3),
      write(2, { b: 1 }),
      read(1),
      write(1, 'c'),
      read(2),
    )
    .pipe(rx.toArray())
}

describe.each(Object.entries(STAGES))('in %s', (_name, on) => {
  it('a leader is elected, and when it has left another one, and no term has two', async () => {
    const { reigns, all } = await on(succession)
    const [first, next] = reigns
    expect(next?.leader).not.toBe(first?.leader)
    const led = all.filter(({ leader }) => leader !== undefined)
    const pairs = new Set(led.map(({ leader, term }) => `${term} ${leader}`))
    expect(pairs.size).toBe(new Set(led.map(({ term }) => term)).size)
  })

  it('a register is read as it was written last, by whomever', async () => {
    expect(await on(library)).toEqual([undefined, 'a', 'a', 'a', { b: 1 }, { b: 1 }, 'c', 'c'])
  })
})
