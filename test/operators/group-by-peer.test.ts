/** groupByPeer: one group per sender, until that peer is removed. */
import fc from 'fast-check'
import { BehaviorSubject, Subject, map, mergeMap, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import { groupByPeer } from '../../src/operators/group-by-peer.ts'
import { operatorContract } from './operator-contract.ts'
import {
  FAILURE,
  countSubscriptions,
  envelopeFrom,
  peersOf,
  recordNotifications,
} from './operator-harness.ts'
import type { NotificationLog } from './operator-harness.ts'

operatorContract(
  'groupByPeer',
  () => (source) =>
    source.pipe(
      groupByPeer(new BehaviorSubject(peersOf(2, 3))),
      mergeMap((group) => group.pipe(map(({ msg }) => [group.key, msg]))),
    ),
  [envelopeFrom(2, 1, 'a'), envelopeFrom(3, 2, 'b'), envelopeFrom(2, 3, 'c')],
)

interface GroupLog {
  readonly pid: number
  readonly seen: NotificationLog<Envelope<string>>
}

function setup() {
  const inbox = new Subject<Envelope<string>>()
  const peers = new BehaviorSubject<Peers>(peersOf(2, 3))
  const groups: GroupLog[] = []
  const source = countSubscriptions(inbox)
  const outer = recordNotifications(
    source.stream.pipe(
      groupByPeer(peers),
      map((group) => groups.push({ pid: group.key, seen: recordNotifications(group) })),
    ),
  )
  return { inbox, peers, groups, source, outer }
}

describe('groupByPeer', () => {
  it('makes the same groups as a list that is updated at each event', () => {
    const anyEvent = fc.oneof(
      fc.record({ from: fc.nat(3) }),
      fc.record({ peers: fc.uniqueArray(fc.nat(3)) }),
    )
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const { inbox, peers, groups } = setup()
        const model: { pid: number; messages: string[]; open: boolean }[] = []
        let currentPids: readonly number[] = [2, 3]
        for (const [index, event] of events.entries()) {
          if ('from' in event) {
            const { from: pid } = event
            inbox.next(envelopeFrom(pid, index, `m${index}`))
            if (!currentPids.includes(pid)) continue
            const open = model.find((group) => group.pid === pid && group.open)
            if (open === undefined) model.push({ pid, messages: [`m${index}`], open: true })
            else open.messages.push(`m${index}`)
          } else {
            currentPids = event.peers
            peers.next(peersOf(...currentPids))
            for (const group of model) if (!currentPids.includes(group.pid)) group.open = false
          }
        }
        const actual = groups.map(({ pid, seen }) => ({
          pid,
          messages: seen.values.map(({ msg }) => msg),
          open: seen.ended === undefined,
        }))
        expect(actual).toEqual(model)
      }),
    )
  })

  it('begins a new group for a peer that is added again', () => {
    const { inbox, peers, groups } = setup()
    inbox.next(envelopeFrom(2, 1, 'a'))
    peers.next(peersOf(3))
    expect(groups[0]?.seen.ended).toBe('completed')
    inbox.next(envelopeFrom(2, 2, 'lost'))
    peers.next(peersOf(2, 3))
    inbox.next(envelopeFrom(2, 3, 'b'))
    expect(groups.map(({ pid, seen }) => [pid, seen.values.map(({ msg }) => msg)])).toEqual([
      [2, ['a']],
      [2, ['b']],
    ])
  })

  it('passes completion and errors to every open group', () => {
    for (const [end, how] of [
      ['complete', 'completed'],
      ['error', 'errored'],
    ] as const) {
      const { inbox, groups, outer } = setup()
      inbox.next(envelopeFrom(2, 1, 'a'))
      inbox.next(envelopeFrom(3, 1, 'a'))
      if (end === 'complete') inbox.complete()
      else inbox.error(FAILURE)
      expect([outer.ended, ...groups.map(({ seen }) => seen.ended)]).toEqual([how, how, how])
    }
  })

  it('goes on if peers completes, and errors if it errors', () => {
    const { inbox, peers, groups } = setup()
    inbox.next(envelopeFrom(2, 1, 'a'))
    peers.complete()
    inbox.next(envelopeFrom(2, 2, 'b'))
    inbox.next(envelopeFrom(3, 3, 'c'))
    expect(groups.map(({ seen }) => seen.values.length)).toEqual([2, 1])
    const failing = recordNotifications(inbox.pipe(groupByPeer(throwError(() => FAILURE))))
    expect(failing.error).toBe(FAILURE)
  })

  it('drops every envelope until peers emits', () => {
    const seen = recordNotifications(
      of(envelopeFrom(2, 1, 'a')).pipe(groupByPeer(new Subject<Peers>())),
    )
    expect([seen.values, seen.ended]).toEqual([[], 'completed'])
  })

  it('stays subscribed to source and peers while a group has a subscriber', () => {
    const { inbox, peers, groups, source, outer } = setup()
    inbox.next(envelopeFrom(2, 1, 'a'))
    outer.unsubscribe()
    expect([source.unsubscribed, peers.observed]).toEqual([0, true])
    inbox.next(envelopeFrom(2, 2, 'b'))
    expect(groups[0]?.seen.values).toHaveLength(2)
    groups[0]?.seen.unsubscribe()
    expect([source.unsubscribed, peers.observed]).toEqual([1, false])
  })
})
