/** Long pauses: late deliveries and cancelled timers. */
import { describe, expect, it } from 'vitest'
import { Observable, distinctUntilChanged, ignoreElements, map, merge, tap, timer } from 'rxjs'
import { type FailureDetectorOptions, detectFailures } from '../../src/operators/detect-failures.ts'
import type { Protocol } from '../../src/testing/simulation/world.ts'
import type { TraceEvent } from '../../src/recording/trace-event.ts'
import { broadcast } from '../../src/operators/broadcast.ts'
import { heartbeat } from '../../src/operators/heartbeat.ts'
import { simulate } from '../../src/testing/simulation/simulate.ts'

describe('a process that was paused', () => {
  it('may receive an envelope once that its sender has given up', () => {
    const events: TraceEvent[] = []
    simulate({ peers: 2, limits: { peerTimeoutMs: 300 } }, (world) => {
      world.trace.subscribe((event) => events.push(event))
      world.run(100)
      world.pause(2)
      world.as(1, (node) => node.outbox.next({ pid: 2, msg: 'late' }))
      world.run(1_000)
      world.resume(2)
      world.run(1_000)
    })
    const outcomes = events.flatMap((event) =>
      event.type === 'dead' || event.type === 'received' ? [event] : [],
    )
    expect(outcomes).toMatchObject([
      { type: 'dead', outcome: 'unknown' },
      { type: 'received', pid: 2, msg: 'late' },
    ])
  })

  it('runs the timers that are due before it receives what arrived, as Node does', () => {
    const outputs: unknown[] = []
    simulate(
      {
        peers: 2,
        protocol: ({ pid, inbox, outbox }, { scheduler }) =>
          pid === 1
            ? timer(0, 100, scheduler).pipe(
                tap((beat) => outbox.next({ pid: 2, msg: beat })),
                ignoreElements(),
              )
            : merge(
                timer(50, 500, scheduler).pipe(map(() => 'timer')),
                inbox.pipe(map(({ msg }) => msg)),
              ),
      },
      (world) => {
        world.run(1_000)
        world.trace.subscribe((event) => {
          if (event.type === 'output' && event.pid === 2) outputs.push(event.value)
        })
        world.pause(2)
        world.run(1_000)
        world.resume(2)
        world.run(20)
      },
    )
    const [first, ...beats] = outputs
    expect(first).toBe('timer')
    expect(beats.length).toBeGreaterThan(8)
    expect(beats).toEqual(beats.toSorted((a, b) => Number(a) - Number(b)))
  })

  it('does not run an overdue timer that an earlier one cancels', () => {
    const outputs: unknown[] = []
    simulate(
      {
        peers: 1,
        protocol: (_node, { scheduler }) =>
          new Observable((out) => {
            const later = scheduler.schedule(() => out.next('later'), 250)
            scheduler.schedule(() => {
              later.unsubscribe()
              out.next('earlier')
            }, 200)
          }),
      },
      (world) => {
        world.trace.subscribe((event) => {
          if (event.type === 'output') outputs.push(event.value)
        })
        world.run(100)
        world.pause(1)
        world.run(1_000)
        world.resume(1)
        world.run(1_000)
      },
    )
    expect(outputs).toEqual(['earlier'])
  })
})

describe('detectFailures in a process that stood still', () => {
  /** Node 2 beats every 200 ms; node 1 assesses, and outputs changes of the verdict. */
  const verdictsOf = (
    options: FailureDetectorOptions,
    network: string,
    { beatMs = 200, untilMs = 30_000 } = {},
  ): readonly string[] => {
    const verdicts: string[] = []
    const protocol: Protocol = ({ pid, inbox, outbox }) =>
      pid === 2
        ? heartbeat(beatMs, (beat) => beat).pipe(broadcast(), tap(outbox), ignoreElements())
        : inbox.pipe(
            detectFailures(options),
            map(({ verdict }) => verdict),
            distinctUntilChanged(),
          )
    simulate({ seed: 3, peers: 2, connected: true, protocol, network }, (world) => {
      world.trace.subscribe((event) => {
        if (event.type === 'output' && event.pid === 1) {
          verdicts.push(`${Math.round(event.atMs / 1_000)} ${event.value}`)
        }
      })
      world.run(untilMs)
    })
    return verdicts
  }

  const STALLS = [10_000, 10_110, 10_550, 10_950].flatMap((startMs) =>
    [600, 950, 1_300, 2_000, 5_000].map((stallMs) => [startMs, stallMs] as const),
  )

  it.each([100, 200, 1_000, 5_000])('suspects no peer, assessing every %i ms', (everyMs) => {
    for (const [startMs, stallMs] of STALLS) {
      const network = `- ${startMs}ms (pause 1) ${stallMs}ms (resume 1)`
      const verdicts = verdictsOf({ everyMs }, network).map((line) => line.slice(line.indexOf(' ')))
      expect(verdicts).toEqual([' alive'])
    }
  })

  it('suspects no peer after several stalls in a row', () => {
    const stalls = Array.from({ length: 5 }, () => '2s (resume 1) 10ms (pause 1)').join(' ')
    expect(verdictsOf({ everyMs: 1_000 }, `- 10s (pause 1) ${stalls} 2s (resume 1)`)).toEqual([
      '1 alive',
    ])
  })

  it('still suspects a peer that died meanwhile, soon after', () => {
    const network = '- 10s (pause 1) 1s (crash 2) 3s (resume 1)'
    expect(verdictsOf({ everyMs: 200 }, network)).toEqual(['0 alive', '15 suspect'])
  })

  it('still suspects a peer that died, although this process stands still all the time', () => {
    const stalls = Array.from({ length: 100 }, () => '150ms (resume 1) 10ms (pause 1)').join(' ')
    const network = `- 10s (crash 2; pause 1) ${stalls} (resume 1)`
    const [, suspicion = ''] = verdictsOf({ everyMs: 100, minStdDevMs: 50 }, network)
    expect(suspicion).toMatch(/^1\d suspect$/)
  })

  it('stays alive after a partition, whose heartbeats come in one burst', () => {
    const network = '- 60s (partition 1|2) 25s (heal)'
    const verdicts = verdictsOf({ window: 20 }, network, { beatMs: 1_000, untilMs: 150_000 })
    expect(verdicts).toEqual(['1 alive', '61 suspect', '85 alive'])
  })
})
