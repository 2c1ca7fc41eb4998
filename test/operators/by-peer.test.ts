/** byPeer: one stream per sender, as long as it is a peer. */
import fc from 'fast-check'
import { BehaviorSubject, Subject, map, mergeMap, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import { byPeer } from '../../src/operators/by-peer.ts'
import { operatorContract } from './contract.ts'
import { FAILURE, counted, mail, peersOf, record } from './lab.ts'
import type { Recording } from './lab.ts'

operatorContract(
  'byPeer',
  () => (source) =>
    source.pipe(
      byPeer(new BehaviorSubject(peersOf(2, 3))),
      mergeMap((stream) => stream.pipe(map(({ msg }) => [stream.key, msg]))),
    ),
  [mail(2, 1, 'a'), mail(3, 2, 'b'), mail(2, 3, 'c')],
)

interface Opened {
  readonly pid: number
  readonly seen: Recording<Envelope<string>>
}

function setting() {
  const inbox = new Subject<Envelope<string>>()
  const peers = new BehaviorSubject<Peers>(peersOf(2, 3))
  const streams: Opened[] = []
  const source = counted(inbox)
  const outer = record(
    source.stream.pipe(
      byPeer(peers),
      map((stream) => streams.push({ pid: stream.key, seen: record(stream) })),
    ),
  )
  return { inbox, peers, streams, source, outer }
}

describe('byPeer', () => {
  it('agrees with a list of streams that is kept by hand', () => {
    const event = fc.oneof(
      fc.record({ from: fc.nat(3) }),
      fc.record({ peers: fc.uniqueArray(fc.nat(3)) }),
    )
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const { inbox, peers, streams } = setting()
        const model: { pid: number; messages: string[]; open: boolean }[] = []
        let present: readonly number[] = [2, 3]
        for (const [index, happens] of events.entries()) {
          if ('from' in happens) {
            const { from: pid } = happens
            inbox.next(mail(pid, index, `m${index}`))
            if (!present.includes(pid)) continue
            const open = model.find((stream) => stream.pid === pid && stream.open)
            if (open === undefined) model.push({ pid, messages: [`m${index}`], open: true })
            else open.messages.push(`m${index}`)
          } else {
            present = happens.peers
            peers.next(peersOf(...present))
            for (const stream of model) if (!present.includes(stream.pid)) stream.open = false
          }
        }
        const said = streams.map(({ pid, seen }) => ({
          pid,
          messages: seen.values.map(({ msg }) => msg),
          open: seen.ended === undefined,
        }))
        expect(said).toEqual(model)
      }),
    )
  })

  it('begins a new stream for a peer that comes back', () => {
    const { inbox, peers, streams } = setting()
    inbox.next(mail(2, 1, 'a'))
    peers.next(peersOf(3))
    expect(streams[0]?.seen.ended).toBe('completed')
    inbox.next(mail(2, 2, 'lost'))
    peers.next(peersOf(2, 3))
    inbox.next(mail(2, 3, 'b'))
    expect(streams.map(({ pid, seen }) => [pid, seen.values.map(({ msg }) => msg)])).toEqual([
      [2, ['a']],
      [2, ['b']],
    ])
  })

  it('passes completion and errors to every open stream', () => {
    for (const [end, how] of [
      ['complete', 'completed'],
      ['error', 'errored'],
    ] as const) {
      const { inbox, streams, outer } = setting()
      inbox.next(mail(2, 1, 'a'))
      inbox.next(mail(3, 1, 'a'))
      if (end === 'complete') inbox.complete()
      else inbox.error(FAILURE)
      expect([outer.ended, ...streams.map(({ seen }) => seen.ended)]).toEqual([how, how, how])
    }
  })

  it('goes on when peers completes, and errors when it errors', () => {
    const { inbox, peers, streams } = setting()
    inbox.next(mail(2, 1, 'a'))
    peers.complete()
    inbox.next(mail(2, 2, 'b'))
    inbox.next(mail(3, 3, 'c'))
    expect(streams.map(({ seen }) => seen.values.length)).toEqual([2, 1])
    const failing = record(inbox.pipe(byPeer(throwError(() => FAILURE))))
    expect(failing.error).toBe(FAILURE)
  })

  it('takes everybody for a stranger before peers has spoken', () => {
    const seen = record(of(mail(2, 1, 'a')).pipe(byPeer(new Subject<Peers>())))
    expect([seen.values, seen.ended]).toEqual([[], 'completed'])
  })

  it('keeps source and peers as long as one of its streams is in use', () => {
    const { inbox, peers, streams, source, outer } = setting()
    inbox.next(mail(2, 1, 'a'))
    outer.stop()
    expect([source.closed, peers.observed]).toEqual([0, true])
    inbox.next(mail(2, 2, 'b'))
    expect(streams[0]?.seen.values).toHaveLength(2)
    streams[0]?.seen.stop()
    expect([source.closed, peers.observed]).toEqual([1, false])
  })
})
