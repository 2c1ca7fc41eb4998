/** φ, compared with an integral of the normal distribution, and intervals, with a plain list. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HeartbeatHistory, phi } from '../../../src/operators/internal/phi.ts'

/** The naive model: the area under the normal density beyond `y`, by Simpson's rule. */
function areaBeyond(y: number): number {
  const [steps, end] = [20_000, Math.max(y, 0) + 12]
  const width = (end - y) / steps
  let area = 0
  for (let step = 0; step <= steps; step++) {
    const x = y + step * width
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2
    area += weight * Math.exp((-x * x) / 2)
  }
  return (area * width) / 3 / Math.sqrt(2 * Math.PI)
}

describe('phi', () => {
  it('is −log10 of the area under the normal density beyond the silence', () => {
    const deviations = fc.double({ min: -8, max: 30, noNaN: true })
    fc.assert(
      fc.property(deviations, (y) => {
        const expected = -Math.log10(areaBeyond(y))
        const level = phi(1_000 + y * 100, { meanMs: 1_000, stdDevMs: 100 })
        expect(level).toBeGreaterThanOrEqual(0)
        expect(Math.abs(level - expected)).toBeLessThan(1e-9 * Math.max(1, expected))
      }),
    )
  })

  it('has the values of the table', () => {
    const stats = { meanMs: 100, stdDevMs: 10 }
    expect(phi(100, stats)).toBeCloseTo(0.30103, 5)
    expect(phi(110, stats)).toBeCloseTo(-Math.log10(0.158655254), 7)
    expect(phi(130, stats)).toBeCloseTo(-Math.log10(0.001349898), 6)
    expect(phi(156, stats)).toBeCloseTo(7.9698, 3)
  })

  it('rises with the silence, and is finite for a day of it', () => {
    const stats = { meanMs: 1_000, stdDevMs: 100 }
    let before = 0
    for (let silenceMs = 0; silenceMs < 4_000; silenceMs += 1) {
      const level = phi(silenceMs, stats)
      expect(level).toBeGreaterThanOrEqual(before)
      before = level
    }
    expect(Number.isFinite(phi(86_400_000, stats))).toBe(true)
  })

  it('is 0 or Infinity without deviation', () => {
    const levels = [99, 100, 101].map((ms) => phi(ms, { meanMs: 100, stdDevMs: 0 }))
    expect(levels).toEqual([0, 0, Infinity])
  })
})

describe('Pulses', () => {
  it('has mean and deviation of the last intervals', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000)), fc.integer({ min: 1, max: 9 }), (intervals, size) => {
        const history = new HeartbeatHistory(size)
        for (const intervalMs of intervals) history.add(intervalMs)
        const last = intervals.slice(-size)
        const meanMs = last.reduce((a, b) => a + b, 0) / last.length
        const variance = last.reduce((a, b) => a + (b - meanMs) ** 2, 0) / last.length
        const stats = history.stats()
        if (last.length === 0) {
          expect(stats).toBeUndefined()
          return
        }
        expect(stats?.meanMs).toBeCloseTo(meanMs, 6)
        expect(stats?.stdDevMs).toBeCloseTo(Math.sqrt(variance), 6)
      }),
    )
  })

  it('counts a negative interval as 0', () => {
    const history = new HeartbeatHistory(3)
    history.add(-5_000)
    expect(history.stats()).toEqual({ meanMs: 0, stdDevMs: 0 })
  })
})
