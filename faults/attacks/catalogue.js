/**
 * All attacks. Each has a name, a letter for its kind, and what it does; `run(attacker)` is repeated
 * until the time is over.
 *
 * - `finding`: what it broke before it was closed;
 * - `abortsLibzmq`: the decision that accepts what it does without keys, or by a member;
 * - `talks`: the victim sends to the attacker;
 * - `descriptors`: the limit of the victim;
 * - `ends`: how the victim is ended halfway, `close` or a signal;
 * - `records`: the attacker gets the bytes of the honest caller.
 */
import { ACKS } from './rows/acks.js'
import { BOMBS } from './rows/bombs.js'
import { CONNECTIONS } from './rows/connections.js'
import { FLOODS } from './rows/floods.js'
import { MUTATIONS } from './rows/mutations.js'
import { PARTS } from './rows/parts.js'
import { SHORTAGES } from './rows/shortages.js'
import { SPOOFS } from './rows/spoofs.js'
import { UNREAD } from './rows/unread.js'

const ROWS = [
  ...[...CONNECTIONS, ...PARTS, ...MUTATIONS, ...FLOODS, ...SPOOFS],
  ...[...BOMBS, ...ACKS, ...UNREAD, ...SHORTAGES],
]

/** Those that broke something first, in the order of severity. */
export const ATTACKS = ROWS.toSorted(
  (one, other) => (one.finding ?? 'Z').localeCompare(other.finding ?? 'Z') || 0,
)

/** Returns an attack; undefined for another name. */
export function attackNamed(name) {
  return ATTACKS.find((attack) => attack.name === name)
}
