/** A `Date` constructor that follows virtual time. */

/**
 * Returns a replacement for `Date`: without arguments it constructs the time `nowMs()`. Its
 * instances are real dates.
 */
export function virtualDate(RealDate: DateConstructor, nowMs: () => number): DateConstructor {
  const now = (): number => Math.floor(nowMs())
  return new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length > 0 ? given : [nowMs()], newTarget) as object,
    apply: () => new RealDate(nowMs()).toString(),
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  })
}
