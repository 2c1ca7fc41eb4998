/** Arguments that are numbers: refused at once where they make no sense. */

/** What a number has to be. */
export interface NumberRule {
  readonly min: number
  /** Infinity where it is left out. */
  readonly max?: number
  /** Only integers. */
  readonly integer?: boolean
}

/**
 * Refuses a number that breaks a rule.
 *
 * @param name what the message calls it
 * @throws RangeError
 */
export function checkNumber(name: string, value: number, rule: NumberRule): void {
  const { min, max = Infinity, integer = false } = rule
  const fits = typeof value === 'number' && value >= min && value <= max
  if (fits && (!integer || Number.isInteger(value))) return
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`
  throw new RangeError(
    `${name}: expected ${integer ? 'an integer' : 'a number'} ${range}, got ${String(value)}`,
  )
}
