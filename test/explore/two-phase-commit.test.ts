/** A protocol whose bug is a race of milliseconds: the delays that the seeds draw find it. */
import { EMPTY, type Observable, filter, map, mergeMap, of, takeUntil, timer } from 'rxjs'
import { type Scenario, explore, replay } from '../../src/testing.ts'
import { describe, expect, it } from 'vitest'
import { outputs } from './planted/outputs.ts'

interface Message {
  readonly type: 'prepare' | 'vote'
  readonly tx: number
}

/**
 * Decentralized two-phase commit: node 1 asks 2 and 3 to prepare; each votes to the other, and
 * commits once it knows both votes. The bug: it drops votes for a transaction that it does not know
 * yet, so it never commits where a vote overtakes the request to prepare.
 */
const commit: Scenario = {
  peers: 3,
  minPeers: 3,
  untilMs: 3_000,
  recoveryMs: 2_000,
  faults: false,
  commands: (random) =>
    [1, 2, 3].map((tx) => ({ atMs: random() * 900, pid: 1, name: 'begin', args: tx })),
  protocol: (node, _local, commands) => {
    const send = (pid: number, type: Message['type'], tx: number): void =>
      node.outbox.next({ pid, msg: { type, tx } })
    if (node.pid === 1) {
      return commands.subscribe(({ args }) =>
        [2, 3].forEach((pid) => send(pid, 'prepare', Number(args))),
      )
    }
    const prepared = new Set<number>()
    return node.inbox.pipe(
      map(({ msg }) => msg as Message),
      mergeMap(({ type, tx }) => {
        if (type === 'vote') return prepared.has(tx) ? of({ commit: tx }) : EMPTY
        prepared.add(tx)
        send(5 - node.pid, 'vote', tx)
        return EMPTY
      }),
    )
  },
  checks: (world) =>
    world.check('both commit', (trace) => {
      const committed = (pid: number, tx: number): Observable<unknown> =>
        trace.pipe(
          outputs<{ commit: number }>(),
          filter((output) => output.pid === pid && output.value.commit === tx),
        )
      return trace.pipe(
        mergeMap((event) => {
          if (event.type !== 'sent') return EMPTY
          const { type, tx } = event.msg as Message
          if (type !== 'prepare') return EMPTY
          return timer(1_000).pipe(
            takeUntil(committed(event.to, tx)),
            map(() => `${event.to} does not commit transaction ${tx}`),
          )
        }),
      )
    }),
}

describe('a race of milliseconds', () => {
  it('is found by the delays that the seeds draw, and made small with its delay', async () => {
    const { failure, seeds } = await explore({ scenario: commit, progress: false })
    expect(seeds).toBeLessThan(50)
    const { plan } = failure ?? {}
    expect(plan?.commands).toHaveLength(1)
    expect(plan?.delay?.kind).toMatch(/uniform|exponential/)
    expect(`${failure}`).toContain('; every path has a delay of ')
    const line = /'(.*)'/.exec(failure?.replay ?? '')?.[1] ?? ''
    expect(line).toContain('; delay ')
    expect(() => replay(line, commit)).toThrow('both commit')
  })

  it('is not found where the scenario sets a delay of 1 ms', async () => {
    const scenario: Scenario = { ...commit, conditions: { delay: { kind: 'fixed', ms: 1 } } }
    const { failure } = await explore({ scenario, seeds: 100, progress: false })
    expect(failure).toBeUndefined()
  })
})
