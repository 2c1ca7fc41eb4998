/** Arbitrary drawings, values and marble tests, in the normal form that rendering produces. */
import fc from 'fast-check'
import type { MarbleDrawing, MarbleMark } from '../../src/testing/marbles/drawing.ts'
import type { MarbleNotation } from '../../src/testing/marbles/notation.ts'
import type {
  MarbleDefinition,
  MarbleFailure,
  MarbleLane,
  MarblePart,
  MarbleTest,
} from '../../src/testing/marbles/marble-test.ts'

const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ']
const letter = fc.constantFrom(...LETTERS)
const name = fc.stringMatching(/^[a-z]{2,6}[0-9]?$/)
const pid = fc.nat({ max: 2 ** 31 - 1 })
const json = fc
  .oneof(fc.json({ maxDepth: 2 }), fc.constant('"a with {}"'))
  .map((text) => JSON.stringify(JSON.parse(text)))
const text = fc.string({ unit: 'grapheme', maxLength: 6 })
const headers = fc
  .dictionary(text, fc.oneof(text, fc.constant(' with {"a":"b"} re c')), { maxKeys: 3 })
  .map((one) => JSON.stringify(one))
const isError = fc.constant(true as const)
const reference = fc.oneof(letter, fc.nat())
const incarnation = fc.stringMatching(/^[0-9a-f]{1,16}$/)
const sentence = fc.stringMatching(/^[a-z][a-z ,:|#=()]{0,30}[a-z]$/)

type Step = { readonly idle: number } | { readonly letters: readonly string[] }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ idle: fc.oneof(fc.nat(6), fc.integer({ min: 15, max: 5000 })) }),
  fc.record({ letters: fc.array(letter, { minLength: 1, maxLength: 4 }) }),
)
const ending = fc.constantFrom(undefined, 'complete' as const, 'error' as const)

/** A drawing of values. */
export const valueDrawing: fc.Arbitrary<MarbleDrawing> = fc
  .tuple(fc.array(step, { maxLength: 8 }), fc.array(letter, { maxLength: 2 }), ending)
  .map(([steps, lastLetters, end]) => {
    const marks: MarbleMark[] = []
    let frames = 0
    const put = (group: readonly MarbleMark[]): void => {
      marks.push(...group)
      frames += group.length === 1 ? 1 : group.length + 2
    }
    const nexts = (letters: readonly string[]): readonly MarbleMark[] =>
      letters.map((one) => ({ frame: frames, kind: 'next', letter: one }))
    for (const one of steps) {
      if ('idle' in one) frames += one.idle
      else put(nexts(one.letters))
    }
    if (end !== undefined) put([...nexts(lastLetters), { frame: frames, kind: end }])
    return { marks, frames }
  })

/** A drawing of a subscription. */
export const subscriptionDrawing: fc.Arbitrary<MarbleDrawing> = fc
  .tuple(fc.nat(40), fc.nat(40), fc.boolean(), fc.nat(40))
  .map(([from, idle, ends, rest]) => {
    const start: MarbleMark = { frame: from, kind: 'subscribe' }
    if (!ends) return { marks: [start], frames: from + 1 + rest }
    const end: MarbleMark = { frame: from + 1 + idle, kind: 'unsubscribe' }
    return { marks: [start, end], frames: end.frame + 1 + rest }
  })

/** The value of a letter. */
export const notation: fc.Arbitrary<MarbleNotation> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('envelope' as const),
      pid,
      incarnation,
      as: reference,
      json,
      isError,
      headers,
      re: reference,
    },
    { requiredKeys: ['kind', 'pid', 'json'] },
  ),
  fc.record(
    {
      kind: fc.constant('outgoing' as const),
      to: fc.oneof(pid, fc.constant('all' as const)),
      as: reference,
      json,
      isError,
      headers,
      re: reference,
      ttlMs: fc.nat(),
    },
    { requiredKeys: ['kind', 'to', 'json'] },
  ),
  fc.record({ kind: fc.constant('json' as const), json }),
  fc.record({ kind: fc.constant('literal' as const), text: fc.constantFrom('a stream of 2', '-') }),
)

const failure: fc.Arbitrary<MarbleFailure> = fc.record(
  { lane: name, error: sentence },
  { requiredKeys: ['error'] },
)
const lane: fc.Arbitrary<MarbleLane> = fc.record({
  name,
  drawing: fc.oneof(valueDrawing, subscriptionDrawing),
})
const lanes = fc.uniqueArray(lane, { selector: (one) => one.name, maxLength: 4 })

const part = (letters: readonly string[]): fc.Arbitrary<MarblePart> => {
  const definition: fc.Arbitrary<MarbleDefinition> = fc.record({
    letter: fc.constantFrom(...letters),
    value: notation,
  })
  return fc.record({
    lanes,
    definitions: fc.uniqueArray(definition, { selector: (one) => one.letter, maxLength: 4 }),
    failures: fc.array(failure, { maxLength: 2 }),
  })
}

/** A complete marble test. */
export const marbleTest: fc.Arbitrary<MarbleTest> = fc.record({
  title: sentence,
  comments: fc.array(sentence, { maxLength: 2 }),
  call: fc.record({
    name: fc.stringMatching(/^[a-z][A-Za-z]{0,8}$/),
    args: fc.array(fc.stringMatching(/^[a-z0-9-]{1,5}$/), { maxLength: 3 }),
    options: fc.dictionary(name, fc.stringMatching(/^[a-z0-9,=.]{1,6}$/), { maxKeys: 3 }),
  }),
  given: part(LETTERS.slice(0, 26)),
  expected: part(LETTERS.slice(26)),
})
