/** Validation of arguments that are numbers. */

/** The range that `checkNumber` accepts. */
export interface NumberRule {
  readonly min: number
  /** Default: Infinity. */
  readonly max?: number
  /** Whether a fraction is refused. Default: false. */
  readonly integer?: boolean
}

/**
 * Checks that an argument is a number within `rule`.
 *
 * @param name the name of the argument in the message
 * @throws RangeError if it is not
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
