/** Makes `Intl.DateTimeFormat` format virtual time where no date is passed. */
import type { Replacements } from './replacements.ts'

/** Replaces `format` and `formatToParts`: without a date they format the time `nowMs()`. */
export function virtualDateTimeFormat(replacements: Replacements, nowMs: () => number): void {
  const { prototype } = Intl.DateTimeFormat
  const atNow = (format: unknown) =>
    function (this: unknown, date?: unknown): unknown {
      return (format as (date: unknown) => unknown).call(this, date === undefined ? nowMs() : date)
    }
  // `format` is an accessor that returns a bound function, `formatToParts` a method.
  const { get } = Object.getOwnPropertyDescriptor(prototype, 'format') ?? {}
  replacements.replace(prototype, 'formatToParts', atNow)
  if (get === undefined) return
  replacements.define(prototype, 'format', {
    configurable: true,
    enumerable: false,
    get(this: Intl.DateTimeFormat) {
      return atNow(get.call(this))
    },
  })
}
