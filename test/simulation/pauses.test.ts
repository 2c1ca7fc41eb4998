/** Long pauses: late deliveries and cancelled timers. */
import { describe, expect, it } from 'vitest'
import { Observable, type Subscription, tap, timer } from 'rxjs'
import type { TraceEvent } from '../../src/recording/trace-event.ts'
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

  it('does not run an overdue timer that earlier work cancels', () => {
    const outputs: unknown[] = []
    simulate(
      {
        peers: 2,
        protocol: ({ pid, inbox, outbox }, { scheduler }) =>
          pid === 1
            ? timer(0, 100, scheduler).pipe(tap(() => outbox.next({ pid: 2, msg: 'beat' })))
            : new Observable((out) => {
                let wait: Subscription | undefined
                inbox.subscribe(() => {
                  wait?.unsubscribe()
                  wait = scheduler.schedule(() => out.next('silence'), 250)
                })
              }),
      },
      (world) => {
        world.trace.subscribe((event) => {
          if (event.type === 'output' && event.pid === 2) outputs.push(event.value)
        })
        world.run(1_000)
        world.pause(2)
        world.run(1_000)
        // The beats that arrived during the pause run first, and cancel the overdue timer.
        world.resume(2)
        world.run(1_000)
      },
    )
    expect(outputs).toEqual([])
  })
})
