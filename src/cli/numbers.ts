/** Parses the integers of options and arguments, and formats integers for output. */
import { InvalidArgumentError } from 'commander'

/** Returns a parser of an option or argument that is a whole number from `min` to `max`. */
export function integerParser(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
  }
}

/** Formats 1234567 as 1,234,567. */
export function formatInteger(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
