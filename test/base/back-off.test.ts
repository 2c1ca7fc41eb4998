/** Back-off delays. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backOffDelayMs } from '../../src/base/back-off.ts'

describe('backOffDelayMs', () => {
  it('doubles up to maxMs without jitter', () => {
    const delays = [0, 1, 2, 3, 4, 5].map((attempt) => backOffDelayMs(attempt, 10, 100, 0, 0.5))
    expect(delays).toEqual([10, 20, 40, 80, 100, 100])
  })

  it('is at least the part without jitter, and at most the full delay', () => {
    const ms = fc.integer({ min: 0, max: 100_000 })
    const fraction = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.nat(5_000),
        ms,
        ms,
        fraction,
        fraction,
        (attempt, baseMs, maxMs, jitter, random) => {
          let fullMs = baseMs
          for (let n = 0; n < attempt && fullMs < maxMs; n++) fullMs *= 2
          fullMs = baseMs === 0 ? 0 : Math.min(fullMs, maxMs)
          const delayMs = backOffDelayMs(attempt, baseMs, maxMs, jitter, random)
          expect(delayMs).toBeGreaterThanOrEqual(fullMs * (1 - jitter) - 1e-6)
          expect(delayMs).toBeLessThanOrEqual(fullMs + 1e-6)
        },
      ),
    )
  })

  it('is at most baseMs for attempt 0, and grows with random', () => {
    expect(backOffDelayMs(0, 10, 1_000, 1, 0)).toBe(0)
    expect(backOffDelayMs(0, 10, 1_000, 1, 0.999)).toBeLessThan(10)
    expect(backOffDelayMs(3, 10, 1_000, 0.5, 0.5)).toBe(60)
  })

  it('does not overflow', () => {
    expect(backOffDelayMs(100_000, 10, 1_000, 0, 0)).toBe(1_000)
    expect(backOffDelayMs(100_000, 0, 1_000, 1, 0.5)).toBe(0)
  })
})
