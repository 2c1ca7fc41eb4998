/** broadcast, toPeer and fromPeer, compared with array functions. */
import fc from 'fast-check'
import { from, of } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import { broadcast } from '../../src/operators/broadcast.ts'
import { fromPeer } from '../../src/operators/from-peer.ts'
import { toPeer } from '../../src/operators/to-peer.ts'
import { operatorContract } from './operator-contract.ts'
import { envelopeFrom, recordNotifications } from './operator-harness.ts'

const envelopes = [envelopeFrom(2, 1, 'a'), envelopeFrom(3, 2, 'b'), envelopeFrom(2, 3, 'c')]

operatorContract('broadcast', () => broadcast<string>(), ['a', 'b'])
operatorContract('toPeer', () => toPeer<string>(2), ['a', 'b'])
operatorContract('fromPeer', () => fromPeer<Envelope<string>>(2), envelopes)

describe('broadcast', () => {
  it('puts every value unchanged into an envelope to all peers', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (values) => {
        const seen = recordNotifications(from(values).pipe(broadcast()))
        expect(seen.values).toEqual(values.map((msg) => ({ pid: -1, msg })))
        for (const [index, value] of values.entries()) expect(seen.values[index]?.msg).toBe(value)
      }),
    )
  })
})

describe('toPeer', () => {
  it('puts every value into an envelope to that peer', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), fc.nat(), (values, pid) => {
        const seen = recordNotifications(from(values).pipe(toPeer(pid)))
        expect(seen.values).toEqual(values.map((msg) => ({ pid, msg })))
      }),
    )
  })
})

describe('fromPeer', () => {
  it('keeps the same envelopes as Array.filter', () => {
    const pids = fc.nat(5)
    fc.assert(
      fc.property(fc.array(pids), fc.array(pids), (senders, kept) => {
        const sent = senders.map((pid, msgId) => envelopeFrom(pid, msgId, null))
        const seen = recordNotifications(from(sent).pipe(fromPeer(...kept)))
        expect(seen.values).toEqual(sent.filter(({ pid }) => kept.includes(pid)))
      }),
    )
  })

  it('drops every envelope without a pid', () => {
    expect(recordNotifications(from(envelopes).pipe(fromPeer())).values).toEqual([])
  })
})

describe('the types of the operators', () => {
  it('keep the type of the message', () => {
    expectTypeOf(of('a').pipe(broadcast())).toEqualTypeOf(of({} as OutgoingEnvelope<string>))
    expectTypeOf(of('a').pipe(toPeer(2))).toEqualTypeOf(of({} as OutgoingEnvelope<string>))
    expectTypeOf(from(envelopes).pipe(fromPeer(2))).toEqualTypeOf(of({} as Envelope<string>))
  })
})
