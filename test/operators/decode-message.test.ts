/** decodeMessage: which messages pass, and what reaches the sink of rejected ones. */
import fc from 'fast-check'
import * as t from 'io-ts'
import { Subject, from, of } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Envelope } from '../../src/model/envelope.ts'
import { decodeMessage } from '../../src/operators/decode-message.ts'
import type { RejectedMessage } from '../../src/operators/decode-message.ts'
import type { Decoder } from '../../src/ports/schema.ts'
import { operatorContract } from './operator-contract.ts'
import { envelopeFrom, recordNotifications } from './operator-harness.ts'

const Vote = t.type({ type: t.literal('vote'), term: t.number })

/** The same schema, written by hand. */
function isVote(msg: unknown): boolean {
  if (typeof msg !== 'object' || msg === null) return false
  return 'type' in msg && msg.type === 'vote' && 'term' in msg && typeof msg.term === 'number'
}

function decode(schema: Decoder<unknown>, msg: unknown) {
  const rejections: RejectedMessage[] = []
  const seen = recordNotifications(
    of(envelopeFrom(2, 7, msg, { re: 3 })).pipe(
      decodeMessage(schema, { rejected: (rejection) => rejections.push(rejection) }),
    ),
  )
  return { seen, rejections, issues: rejections.flatMap((rejected) => rejected.issues) }
}

operatorContract<Envelope, Envelope>('decodeMessage', () => decodeMessage(Vote), [
  envelopeFrom(2, 1, { type: 'vote', term: 1 }),
  envelopeFrom(2, 2, 'no vote'),
  envelopeFrom(2, 3, { type: 'vote', term: 2 }),
])

describe('decodeMessage', () => {
  it('keeps the messages that a hand-written predicate accepts, and rejects the others', () => {
    const vote = fc.record({ type: fc.constant('vote'), term: fc.nat() })
    const message = fc.oneof(fc.anything(), vote)
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const sent = messages.map((msg, msgId) => envelopeFrom(2, msgId, msg))
        const rejections: RejectedMessage[] = []
        const decoder = decodeMessage(Vote, {
          rejected: { next: (rejection) => rejections.push(rejection) },
        })
        const seen = recordNotifications(from(sent).pipe(decoder))
        expect(seen.values).toEqual(sent.filter(({ msg }) => isVote(msg)))
        expect(rejections.map(({ envelope }) => envelope)).toEqual(
          sent.filter(({ msg }) => !isVote(msg)),
        )
        for (const { issues } of rejections) expect(issues.length).toBeGreaterThan(0)
      }),
    )
  })

  it('keeps headers, and rejects an error reply undecoded, whatever the schema', () => {
    const error = { code: 'FULL', message: 'later' }
    const headers = { trace: '1' }
    const message = { ...envelopeFrom(2, 1, undefined), headers }
    const failed = { ...envelopeFrom(2, 2, undefined, { re: 1 }), headers, error }
    const rejections: RejectedMessage[] = []
    const anything = decodeMessage((_msg: unknown): _msg is unknown => true, {
      rejected: (rejection) => rejections.push(rejection),
    })
    expect(recordNotifications(of(message, failed).pipe(anything)).values).toEqual([message])
    expect(rejections).toEqual([
      { envelope: failed, issues: ['error: the reply is an error, FULL: later'] },
    ])
  })

  it('emits the decoded message in the same envelope', () => {
    const length: Decoder<number> = {
      decode: (input) => ({ _tag: 'Right', right: String(input).length }),
    }
    expect(decode(length, 'four').seen.values).toEqual([envelopeFrom(2, 7, 4, { re: 3 })])
  })

  it('names the path that failed, the expected type, and the value', () => {
    const { rejections } = decode(Vote, { type: 'vote', term: 'a' })
    expect(rejections).toEqual([
      {
        envelope: envelopeFrom(2, 7, { type: 'vote', term: 'a' }, { re: 3 }),
        issues: ['msg.term: expected number, got "a"'],
      },
    ])
  })

  it('rejects a message if the decoder throws or returns no Either, and goes on', () => {
    const broken: Decoder<string> = {
      decode: (input) => {
        if (input === 'throw') throw new Error('out of paper')
        if (input === 'nonsense') return undefined as never
        if (input === 'promise') return Promise.resolve() as never
        return { _tag: 'Right', right: 'fine' }
      },
    }
    expect(decode(broken, 'throw').issues).toEqual(['msg: the decoder threw: out of paper'])
    for (const msg of ['nonsense', 'promise']) {
      expect(decode(broken, msg).issues).toEqual([
        'msg: the decoder returned neither Left nor Right',
      ])
    }
    const sent = ['throw', 'nonsense', 'fine'].map((msg, msgId) => envelopeFrom(2, msgId, msg))
    expect(recordNotifications(from(sent).pipe(decodeMessage(broken))).values).toEqual([
      envelopeFrom(2, 2, 'fine'),
    ])
  })

  it('neither completes nor errors the sink, so that operators can share it', () => {
    const rejections = new Subject<RejectedMessage>()
    const seen = recordNotifications(rejections)
    const options = { rejected: rejections }
    recordNotifications(of(envelopeFrom(2, 1, 'a')).pipe(decodeMessage(Vote, options)))
    recordNotifications(of(envelopeFrom(3, 1, 'b')).pipe(decodeMessage(t.number, options)))
    expect(seen.values.map(({ envelope }) => envelope.pid)).toEqual([2, 3])
    expect(seen.ended).toBeUndefined()
  })

  it('infers the type of the message', () => {
    const votes = of(envelopeFrom<unknown>(2, 1, 'a')).pipe(decodeMessage(Vote))
    expectTypeOf(votes).toEqualTypeOf(of({} as Envelope<{ type: 'vote'; term: number }>))
  })
})
