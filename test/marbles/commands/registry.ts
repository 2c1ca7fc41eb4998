/** Every command that a stanza may begin with. */
import { ANSWERS } from './answers.ts'
import { ENVELOPES } from './envelopes.ts'
import { TIMES } from './times.ts'
import type { Verb } from './verb.ts'
import { WORK } from './work.ts'

/** The verbs by their names. */
export const VERBS: ReadonlyMap<string, Verb> = new Map(
  [...ENVELOPES, ...TIMES, ...WORK, ...ANSWERS].map((verb) => [verb.name, verb]),
)
