/** Every command that a stanza may begin with. */
import { ANSWERS } from './answers.ts'
import { ENVELOPES } from './envelopes.ts'
import { TIMES } from './times.ts'
import type { Verb } from '../../../src/marbles/verb.ts'
import { WORK } from './work.ts'

/** What the runner is given for `marbles/` and the docs. */
export const VERBS: readonly Verb[] = [...ENVELOPES, ...TIMES, ...WORK, ...ANSWERS]
