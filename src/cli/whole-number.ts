/** Numbers on the command line. */
import { InvalidArgumentError } from 'commander'

/** A parser for an integer in a range; what it throws is shown by commander. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected an integer from ${least} to ${most}.`)
  }
}
