/** dedupe: one envelope per sender, incarnation and msgId within the window. */
import fc from 'fast-check'
import { from } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Envelope } from '../../src/model/envelope.ts'
import { dedupe } from '../../src/operators/dedupe.ts'
import { operatorContract } from './operator-contract.ts'
import { envelopeFrom, recordNotifications } from './operator-harness.ts'

operatorContract('dedupe', () => dedupe<Envelope<string>>(2), [
  envelopeFrom(2, 1, 'a'),
  envelopeFrom(2, 1, 'a again'),
  envelopeFrom(2, 2, 'b'),
])

/** The naive model: searches the last `window` envelopes that passed. */
function scan(sent: readonly Envelope[], window: number): readonly Envelope[] {
  const passed: Envelope[] = []
  for (const candidate of sent) {
    const recent = passed.slice(Math.max(0, passed.length - window))
    const isDuplicate = recent.some(
      (other) =>
        other.pid === candidate.pid &&
        other.incarnation === candidate.incarnation &&
        other.msgId === candidate.msgId,
    )
    if (!isDuplicate) passed.push(candidate)
  }
  return passed
}

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('dedupe', () => {
  it('drops the same envelopes as a search through a list', () => {
    const envelope = fc
      .record({ pid: fc.nat(2), msgId: fc.nat(5), incarnation: fc.constantFrom('1', '2', '1 1') })
      .map(({ pid, msgId, incarnation }) => envelopeFrom(pid, msgId, null, { incarnation }))
    const window = fc.integer({ min: 1, max: 8 })
    fc.assert(
      fc.property(fc.array(envelope, { maxLength: 60 }), window, (sent, n) => {
        expect(recordNotifications(from(sent).pipe(dedupe(n))).values).toEqual(scan(sent, n))
      }),
    )
  })

  it('does not compare messages', () => {
    const sent = [envelopeFrom(2, 1, 'a'), envelopeFrom(2, 1, 'b')]
    expect(recordNotifications(from(sent).pipe(dedupe(1))).values).toEqual([sent[0]])
  })

  it('keeps an envelope of a restarted sender', () => {
    const sent = [envelopeFrom(2, 1, 'a'), envelopeFrom(2, 1, 'a', { incarnation: '2' })]
    expect(recordNotifications(from(sent).pipe(dedupe(9))).values).toEqual(sent)
  })

  it('refuses an invalid window', () => {
    for (const window of [0, 1.5, NaN, -1, Infinity]) {
      expect(() => dedupe(window)).toThrow(INVALID)
    }
  })
})
