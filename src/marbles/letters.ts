/** Letters: finds the letter of a value that came out, or gives it one. */
import { isObservable } from 'rxjs'
import type { Notation } from './notation.ts'
import { renderNotation } from './notation.ts'
import { renderDefinition } from './render.ts'
import type { Definition, Part } from './stanza.ts'
import { notationOf, valueOf } from './values.ts'

const FRESH = 'pqrstuvwxyzabcdefghijklmnoPQRSTUVWXYZABCDEFGHIJKLMNO'

/** Gives letters to values, in the order in which they are asked for. */
export interface Letters {
  /**
   * The letter of a value; a value that nobody knows gets a new one.
   *
   * @param wish the letter that would be good
   */
  of(value: unknown, wish?: string): string
  /** The letters that were given, in order of their first use. */
  readonly given: readonly Definition[]
}

/**
 * Begins with the letters that stand above the line, and keeps those below it where they still fit.
 *
 * A new letter is, where it is free, the capital of the letter with the same message; otherwise the
 * first free one from p on.
 *
 * @param known every letter above the line with its value, and other names for the same value
 * @param before what stood below the line so far
 */
export function lettersFor(
  known: readonly (readonly [letter: string, value: unknown])[],
  before: readonly Definition[],
): Letters {
  const letters = new Map<string, string>()
  const streams = new Map<unknown, string>()
  const taken = new Set(known.map(([letter]) => letter))
  for (const [letter, value] of known) {
    const text = identityOf(value)
    if (!letters.has(text)) letters.set(text, letter)
  }
  const wanted = before.map(({ letter, value }) => ({ letter, texts: wantedAs(letter, value) }))
  const reserved = new Set(before.map(({ letter }) => letter))
  const given: Definition[] = []
  const free = (letter: string): boolean => !taken.has(letter) && !reserved.has(letter)
  const fresh = (value: unknown, wish: string | undefined): string => {
    const text = identityOf(value)
    const kept = wanted.find((one) => one.texts.includes(text) && !taken.has(one.letter))
    if (kept !== undefined) return kept.letter
    const capital = wish ?? capitalFor(value, known)
    const choices = [...(capital === undefined ? [] : [capital]), ...FRESH]
    const choice = choices.find(free) ?? choices.find((letter) => !taken.has(letter))
    if (choice === undefined) throw new Error('more than 52 different values: draw fewer')
    return choice
  }
  return {
    given,
    of(value, wish) {
      const key = isObservable(value) ? value : identityOf(value)
      const found = typeof key === 'string' ? letters.get(key) : streams.get(key)
      if (found !== undefined) return found
      const letter = fresh(value, wish)
      taken.add(letter)
      if (typeof key === 'string') letters.set(key, letter)
      else streams.set(key, letter)
      given.push({ letter, value: shown(letter, notationOf(value)) })
      return letter
    },
  }
}

/**
 * Draws twice: letters that stood below the line and are used no more are free the second time.
 *
 * @param before what stands below the line
 * @param draw draws, and begins with these letters
 */
export function drawnTwice(
  before: readonly Definition[],
  draw: (before: readonly Definition[]) => Part,
): Part {
  const used = new Set(draw(before).definitions.map(renderDefinition))
  return draw(before.filter((definition) => used.has(renderDefinition(definition))))
}

/** Two values are the same where this is; keys are sorted, and a `msgId` is always named. */
function identityOf(value: unknown): string {
  return textOf(notationOf(value))
}

function textOf(notation: Notation): string {
  if (!('json' in notation)) return renderNotation(notation)
  return renderNotation({ ...notation, json: sorted(notation.json) })
}

/** An envelope has the `msgId` of its letter, or none that anybody wants to know. */
function wantedAs(letter: string, value: Notation): readonly string[] {
  return value.kind === 'words' ? [value.text] : [identityOf(valueOf(letter, value)), textOf(value)]
}

/** Leaves out what the letter says already. */
function shown(letter: string, notation: Notation): Notation {
  if (notation.kind !== 'mail' || notation.as !== letter) return notation
  const { as: _said, ...rest } = notation
  return rest
}

function capitalFor(
  value: unknown,
  known: readonly (readonly [letter: string, value: unknown])[],
): string | undefined {
  const message = messageOf(value)
  const same = known.find(([, other]) => messageOf(other) === message)
  return same?.[0].toUpperCase()
}

function messageOf(value: unknown): string {
  const notation = notationOf(value)
  return 'json' in notation ? sorted(notation.json) : ''
}

function sorted(json: string): string {
  if (json === 'undefined') return json
  return JSON.stringify(JSON.parse(json), (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
