/** Every command that a stanza may begin with. */
import { ENVELOPES } from './envelopes.ts'
import { RETRIES } from './retries.ts'
import type { Verb } from './verb.ts'

/** The verbs by their names. */
export const VERBS: ReadonlyMap<string, Verb> = new Map(
  [...ENVELOPES, ...RETRIES].map((verb) => [verb.name, verb]),
)
