/** The explicit form of a config: a list of peers, each with its pid and where it is. */
import * as t from 'io-ts'
import { COMMON_FIELDS, PidCodec, endpoint } from './config-codecs.ts'
import { describe, itemContext } from './problems.ts'
import { endpointFault, normalEndpoint } from './endpoint.ts'
import { closedObject, isPlain } from './closed-object.ts'
import type { Member } from './config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isPid } from './pid.ts'

/** One of the list: `bind` is its endpoint where it is left out. */
const EntryCodec = closedObject(
  'an object { pid, endpoint, bind? }',
  { pid: PidCodec, endpoint: endpoint('connect') },
  { bind: endpoint('bind') },
)

/** The list: at least one member, and no pid and no endpoint twice. */
export const PEERS_CODEC: t.Type<readonly Member[], unknown> = new t.Type(
  'a list of { pid, endpoint, bind? }, at least one',
  (value): value is readonly Member[] => Array.isArray(value) && value.every(EntryCodec.is),
  (input, context) => {
    if (!Array.isArray(input) || input.length === 0) return t.failure(input, context)
    const entries: readonly unknown[] = input
    const errors: t.Errors = []
    const members: Member[] = []
    // By index: a hole in a list is an entry that is missing.
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index]
      const result = EntryCodec.validate(entry, itemContext(context, index, EntryCodec, entry))
      if (isLeft(result)) errors.push(...result.left)
      else members.push({ ...result.right, bind: result.right.bind ?? result.right.endpoint })
    }
    errors.push(...repeats(entries, context))
    return errors.length > 0 ? t.failures(errors) : t.success(members)
  },
  t.identity,
)

/** The keys that only this form has. */
export const EXPLICIT_FIELDS = { peers: PEERS_CODEC }

/** A whole file of this form. */
export const ExplicitForm = closedObject('an object', EXPLICIT_FIELDS, COMMON_FIELDS)

/** Pids and endpoints that stand in the list again, whatever else is wrong there. */
function repeats(entries: readonly unknown[], context: t.Context): t.Errors {
  const errors: t.Errors = []
  const pids = new Map<unknown, number>()
  const endpoints = new Map<unknown, number>()
  const look = (
    seen: Map<unknown, number>,
    { index, key, value }: { index: number; key: string; value: unknown },
    entry: unknown,
  ): void => {
    const before = seen.get(value)
    if (before === undefined) {
      seen.set(value, index)
      return
    }
    const inEntry = itemContext(context, index, EntryCodec, entry)
    const message = `expected each ${key} once, got ${describe(value)} as in peers.${before}`
    errors.push({ value, context: t.appendContext(inEntry, key, t.unknown, value), message })
  }
  for (const [index, entry] of entries.entries()) {
    if (!isPlain(entry)) continue
    const { pid, endpoint: at } = entry as { readonly pid?: unknown; readonly endpoint?: unknown }
    if (isPid(pid)) look(pids, { index, key: 'pid', value: pid }, entry)
    if (typeof at === 'string' && endpointFault(at, 'connect') === undefined) {
      look(endpoints, { index, key: 'endpoint', value: normalEndpoint(at) }, entry)
    }
  }
  return errors
}
