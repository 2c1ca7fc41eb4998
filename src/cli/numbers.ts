/** Numbers on the command line, in and out. */
import { InvalidArgumentError } from 'commander'

/** A parser for a whole number within bounds. */
export function parseInteger(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`)
  }
}

/** 1234567 as 1,234,567. */
export function formatInteger(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
