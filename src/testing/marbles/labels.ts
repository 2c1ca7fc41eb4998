/** Labels: assigns letters to the values of a result. */
import { marbleProblem } from './marble-test.ts'
import { isObservable } from 'rxjs'
import type { MarbleNotation } from './notation.ts'
import { renderNotation } from './notation.ts'
import { renderDefinition } from './render.ts'
import type { MarbleDefinition, MarblePart } from './marble-test.ts'
import { notationOf, valueOf } from './values.ts'

const LETTER_ORDER = 'pqrstuvwxyzabcdefghijklmnoPQRSTUVWXYZABCDEFGHIJKLMNO'

/** Assigns letters to values, in the order of the calls. */
export interface Labels {
  /**
   * Returns the letter of a value; a new value gets a free letter.
   *
   * @param preferred used if it is free
   */
  of(value: unknown, preferred?: string): string
  /** The new letters, in order of their first use. */
  readonly assigned: readonly MarbleDefinition[]
}

/**
 * Keeps the letters above the line, and those below it whose value still occurs.
 *
 * A new letter is the capital of the letter with the same message if that is free. Otherwise it is
 * the first free one from p on.
 *
 * @param labelledValues the letters above the line with their values; several may have one value
 * @param previous the current definitions below the line
 */
export function assignLabels(
  labelledValues: readonly (readonly [letter: string, value: unknown])[],
  previous: readonly MarbleDefinition[],
): Labels {
  const labelByText = new Map<string, string>()
  const labelByStream = new Map<unknown, string>()
  const used = new Set(labelledValues.map(([letter]) => letter))
  for (const [letter, value] of labelledValues) {
    const text = identityText(value)
    if (!labelByText.has(text)) labelByText.set(text, letter)
  }
  const previousTexts = previous.map(({ letter, value }) => ({
    letter,
    texts: textsFor(letter, value),
  }))
  const previousLetters = new Set(previous.map(({ letter }) => letter))
  const assigned: MarbleDefinition[] = []
  const isFree = (letter: string): boolean => !used.has(letter) && !previousLetters.has(letter)
  const chooseLetter = (value: unknown, preferred: string | undefined): string => {
    const text = identityText(value)
    const previousMatch = previousTexts.find(
      (one) => one.texts.includes(text) && !used.has(one.letter),
    )
    if (previousMatch !== undefined) return previousMatch.letter
    const capital = preferred ?? capitalLetterFor(value, labelledValues)
    const choices = [...(capital === undefined ? [] : [capital]), ...LETTER_ORDER]
    const choice = choices.find(isFree) ?? choices.find((letter) => !used.has(letter))
    if (choice === undefined)
      throw marbleProblem('more than 52 different values: use fewer, since each needs a letter')
    return choice
  }
  return {
    assigned,
    of(value, preferred) {
      const key = isObservable(value) ? value : identityText(value)
      const found = typeof key === 'string' ? labelByText.get(key) : labelByStream.get(key)
      if (found !== undefined) return found
      const letter = chooseLetter(value, preferred)
      used.add(letter)
      if (typeof key === 'string') labelByText.set(key, letter)
      else labelByStream.set(key, letter)
      assigned.push({ letter, value: withoutImpliedId(letter, notationOf(value)) })
      return letter
    },
  }
}

/**
 * Renders twice, so that letters below the line which are no longer used become free.
 *
 * @param previous the current definitions below the line
 * @param render renders the part below the line, with these definitions to begin with
 */
export function assignTwice(
  previous: readonly MarbleDefinition[],
  render: (previous: readonly MarbleDefinition[]) => MarblePart,
): MarblePart {
  const used = new Set(render(previous).definitions.map(renderDefinition))
  return render(previous.filter((definition) => used.has(renderDefinition(definition))))
}

/** Returns equal texts for equal values: keys are sorted, and a `msgId` is always included. */
function identityText(value: unknown): string {
  return canonicalText(notationOf(value))
}

function canonicalText(notation: MarbleNotation): string {
  if (!('json' in notation)) return renderNotation(notation)
  const sorted = { ...notation, json: withSortedKeys(notation.json) }
  if (!('headers' in sorted) || sorted.headers === undefined) return renderNotation(sorted)
  return renderNotation({ ...sorted, headers: withSortedKeys(sorted.headers) })
}

/** An envelope matches with the `msgId` of its letter, and as it is written. */
function textsFor(letter: string, value: MarbleNotation): readonly string[] {
  return value.kind === 'literal'
    ? [value.text]
    : [identityText(valueOf(letter, value)), canonicalText(value)]
}

/** Leaves out a `msgId` that the letter implies. */
function withoutImpliedId(letter: string, notation: MarbleNotation): MarbleNotation {
  if (notation.kind !== 'envelope' || notation.as !== letter) return notation
  const { as: _as, ...rest } = notation
  return rest
}

function capitalLetterFor(
  value: unknown,
  labelledValues: readonly (readonly [letter: string, value: unknown])[],
): string | undefined {
  const message = messageOf(value)
  const same = labelledValues.find(([, other]) => messageOf(other) === message)
  return same?.[0].toUpperCase()
}

function messageOf(value: unknown): string {
  const notation = notationOf(value)
  return 'json' in notation ? withSortedKeys(notation.json) : ''
}

function withSortedKeys(json: string): string {
  if (json === 'undefined') return json
  return JSON.stringify(JSON.parse(json), (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
