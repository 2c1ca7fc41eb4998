/** Arguments that are numbers: refused at once where they make no sense. */

/** What a number has to be. */
export interface NumberRule {
  readonly least: number
  readonly most?: number
  /** Only integers, or Infinity where `most` allows it. */
  readonly whole?: boolean
}

/**
 * Refuses a number that breaks a rule.
 *
 * @param name what the message calls it
 * @throws RangeError
 */
export function checkNumber(name: string, value: number, rule: NumberRule): void {
  const { least, most = Infinity, whole = false } = rule
  const fits = value >= least && value <= most
  if (fits && (!whole || Number.isInteger(value) || value === Infinity)) return
  const range = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`
  const kind = whole ? 'an integer' : 'a number'
  throw new RangeError(`${name}: expected ${kind} ${range}, got ${String(value)}`)
}
