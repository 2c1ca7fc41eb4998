/** Letters: finds the letter of a value that came out, or gives it one. */
import { isObservable } from 'rxjs'
import type { MarbleNotation } from './notation.ts'
import { renderNotation } from './notation.ts'
import { renderDefinition } from './render.ts'
import type { MarbleDefinition, MarblePart } from './marble-test.ts'
import { notationOf, valueOf } from './values.ts'

const LETTER_ORDER = 'pqrstuvwxyzabcdefghijklmnoPQRSTUVWXYZABCDEFGHIJKLMNO'

/** Gives letters to values, in the order in which they are asked for. */
export interface Labels {
  /**
   * The letter of a value; a value that nobody knows gets a new one.
   *
   * @param preferred the letter that would be good
   */
  of(value: unknown, preferred?: string): string
  /** The letters that were given, in order of their first use. */
  readonly assigned: readonly MarbleDefinition[]
}

/**
 * Begins with the letters that stand above the line, and keeps those below it where they still fit.
 *
 * A new letter is, where it is free, the capital of the letter with the same message; otherwise the
 * first free one from p on.
 *
 * @param labelledValues every letter above the line with its value, and other names for the same value
 * @param previous what stood below the line so far
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
    if (choice === undefined) throw new Error('more than 52 different values: draw fewer')
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
 * Draws twice: letters that stood below the line and are used no more are free the second time.
 *
 * @param previous what stands below the line
 * @param render draws, and begins with these letters
 */
export function assignTwice(
  previous: readonly MarbleDefinition[],
  render: (previous: readonly MarbleDefinition[]) => MarblePart,
): MarblePart {
  const used = new Set(render(previous).definitions.map(renderDefinition))
  return render(previous.filter((definition) => used.has(renderDefinition(definition))))
}

/** Two values are the same where this is; keys are sorted, and a `msgId` is always named. */
function identityText(value: unknown): string {
  return canonicalText(notationOf(value))
}

function canonicalText(notation: MarbleNotation): string {
  if (!('json' in notation)) return renderNotation(notation)
  return renderNotation({ ...notation, json: withSortedKeys(notation.json) })
}

/** An envelope has the `msgId` of its letter, or none that anybody wants to know. */
function textsFor(letter: string, value: MarbleNotation): readonly string[] {
  return value.kind === 'literal'
    ? [value.text]
    : [identityText(valueOf(letter, value)), canonicalText(value)]
}

/** Leaves out what the letter says already. */
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
