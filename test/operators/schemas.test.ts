/** Schemas: io-ts codecs and Standard Schemas give the same stream, and the same path of a problem. */
import * as v from 'valibot'
import { from } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { VOTES, type Vote } from './schemas.ts'
import type { Envelope } from '../../src/model/envelope.ts'
import type { RejectedMessage } from '../../src/operators/decode-message.ts'
import { decodeMessage } from '../../src/operators/decode-message.ts'
import { envelopeFrom, recordNotifications } from './operator-harness.ts'
import type { InputOf, OutputOf } from '../../src/ports/schema.ts'

const good = { type: 'vote', terms: [{ term: 1 }, { term: 2 }] }
const bad = { type: 'vote', terms: [{ term: 1 }, { term: 'two' }] }
const envelopes = [good, bad, 'no object', good].map((msg, id) => envelopeFrom(2, id, msg))

function decodeAll(schema: (typeof VOTES)[keyof typeof VOTES]) {
  const rejected: RejectedMessage[] = []
  const sink = (one: RejectedMessage): void => void rejected.push(one)
  const votes = from(envelopes).pipe(decodeMessage(schema as never, { rejected: sink }))
  return { votes: recordNotifications(votes).values, rejected }
}

describe.each(Object.entries(VOTES))('a vote in %s', (_, schema) => {
  it('gives the same stream', () => {
    const { votes, rejected } = decodeAll(schema)
    expect(votes.map(({ msgId }) => msgId)).toEqual([0, 3])
    expect(votes[0]).toEqual(envelopes[0])
    expect(rejected.map(({ envelope }) => envelope.msgId)).toEqual([1, 2])
  })

  it('gives the same path, and then the text of the library', () => {
    const [first, second] = decodeAll(schema).rejected
    expect(first?.issues).toHaveLength(1)
    expect(first?.issues[0]).toMatch(/^msg\.terms\[1\]\.term: .*number/i)
    expect(second?.issues[0]).toMatch(/^msg: /)
  })
})

it('infers the same type from each of them', () => {
  expectTypeOf<OutputOf<(typeof VOTES)['io-ts']>>().toEqualTypeOf<Vote>()
  expectTypeOf<OutputOf<(typeof VOTES)['zod']>>().toEqualTypeOf<Vote>()
  expectTypeOf<OutputOf<(typeof VOTES)['valibot']>>().toEqualTypeOf<Vote>()
  expectTypeOf<OutputOf<(typeof VOTES)['arktype']>>().toEqualTypeOf<Vote>()
  const trimmed = z.string().transform((text) => text.length)
  expectTypeOf<InputOf<typeof trimmed>>().toEqualTypeOf<string>()
  expectTypeOf<OutputOf<typeof trimmed>>().toEqualTypeOf<number>()
  const votes = from(envelopes as Envelope[]).pipe(decodeMessage(VOTES.zod))
  expectTypeOf(votes).toEqualTypeOf<import('rxjs').Observable<Envelope<Vote>>>()
})

describe('an asynchronous schema', () => {
  it('is refused at the call', () => {
    const schema = v.pipeAsync(
      v.string(),
      v.checkAsync(async () => true),
    )
    expect(() => decodeMessage(schema as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching('asynchronous one of valibot'),
      }),
    )
  })

  it('that is asynchronous only for some messages is an error of the result', () => {
    const schema = z.string().refine(async () => true)
    const seen = recordNotifications(
      from([envelopeFrom(2, 1, 7), envelopeFrom(2, 2, 'a')]).pipe(decodeMessage(schema)),
    )
    expect(seen.error).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

it.each([undefined, null, 7, {}, { '~standard': {} }])('%s is no schema', (schema) => {
  expect(() => decodeMessage(schema as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  )
})

describe('a type guard', () => {
  const isText = (msg: unknown): msg is string => typeof msg === 'string'
  const texts = from([envelopeFrom(2, 1, 'a'), envelopeFrom(2, 2, 7)] as Envelope[])

  it('gives what it accepts, with its type; the rest is rejected', () => {
    const rejected: RejectedMessage[] = []
    const decoded = texts.pipe(decodeMessage(isText, { rejected: (one) => rejected.push(one) }))
    expectTypeOf(decoded).toEqualTypeOf<import('rxjs').Observable<Envelope<string>>>()
    expect(recordNotifications(decoded).values.map(({ msg }) => msg)).toEqual(['a'])
    expect(rejected.map(({ issues }) => issues)).toEqual([['msg: not accepted, got 7']])
  })

  it.each([
    ['throws', () => JSON.parse('{'), /^msg: the type guard threw: /],
    ['is asynchronous', async () => true, /^msg: the type guard returned neither true nor false$/],
    ['is a class', Map, /^msg: the type guard threw: /],
  ])('that %s rejects the message, and the result goes on', (_, guard, issue) => {
    const rejected: RejectedMessage[] = []
    const sink = (one: RejectedMessage): void => void rejected.push(one)
    const seen = recordNotifications(texts.pipe(decodeMessage(guard as never, { rejected: sink })))
    expect(rejected).toHaveLength(2)
    expect(rejected[0]?.issues[0]).toMatch(issue)
    expect([seen.values, seen.ended]).toEqual([[], 'completed'])
  })
})

it('a schema that returns no result rejects the message, and the result goes on', () => {
  const schema = { '~standard': { version: 1, vendor: 'own', validate: () => undefined } }
  const rejected: RejectedMessage[] = []
  const seen = recordNotifications(
    from([envelopeFrom(2, 1, 'a')]).pipe(
      decodeMessage(schema as never, { rejected: (one) => rejected.push(one) }),
    ),
  )
  expect(rejected[0]?.issues).toEqual(['msg: the schema returned no result'])
  expect(seen.ended).toBe('completed')
})

it('a schema that throws rejects the message', () => {
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'own',
      validate: (value: unknown) => {
        if (value === 'bad') throw new Error('cannot read it')
        return { value }
      },
    },
  }
  const rejected: RejectedMessage[] = []
  const seen = recordNotifications(
    from([envelopeFrom(2, 1, 'bad'), envelopeFrom(2, 2, 'good')]).pipe(
      decodeMessage(schema, { rejected: (one) => rejected.push(one) }),
    ),
  )
  expect(rejected[0]?.issues).toEqual(['msg: the schema threw: cannot read it'])
  expect(seen.values).toHaveLength(1)
})
