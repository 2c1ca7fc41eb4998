/** Every command that a stanza may begin with. */
import { ANSWERS } from './answers.ts'
import { PROTOCOLS } from './protocols.ts'
import { ENVELOPES } from './envelopes.ts'
import { TIMES } from './times.ts'
import type { StanzaRunner, Verb } from '../../../src/marbles/verb.ts'
import { clusterStanzas } from '../../../src/simulation/stanzas/cluster-stanzas.ts'
import { WORK } from './work.ts'

/** What the runner is given for `marbles/` and the docs. */
export const VERBS: readonly (Verb | StanzaRunner)[] = [
  ...ENVELOPES,
  ...TIMES,
  ...WORK,
  ...ANSWERS,
  clusterStanzas(PROTOCOLS),
]
