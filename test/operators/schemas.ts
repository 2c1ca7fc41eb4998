/** The same vote in four schema libraries: its choice is red or blue, its term a number. */
import * as t from 'io-ts'
import * as v from 'valibot'
import { type } from 'arktype'
import { z } from 'zod'

export const VOTES = {
  'io-ts': t.type({ type: t.literal('vote'), terms: t.array(t.type({ term: t.number })) }),
  zod: z.object({ type: z.literal('vote'), terms: z.array(z.object({ term: z.number() })) }),
  valibot: v.object({ type: v.literal('vote'), terms: v.array(v.object({ term: v.number() })) }),
  arktype: type({ type: "'vote'", terms: type({ term: 'number' }).array() }),
}

/** What all of them infer. */
export interface Vote {
  type: 'vote'
  terms: { term: number }[]
}
