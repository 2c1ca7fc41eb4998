/** Timelines: lanes of marks with a legend. */
import { describe, expect, it } from 'vitest'
import { type TimelineMark, renderTimeline } from '../../src/testing/marbles/timeline.ts'

const one = (atMs: number, what: string, lane = 'one'): TimelineMark => ({
  atMs,
  lane,
  meaning: what,
})

describe('a timeline', () => {
  it('has letters, groups, signs, and idle times', () => {
    const marks: TimelineMark[] = [
      { atMs: 0, lane: 'one', meaning: 'start', sign: '^' },
      one(2.9, 'hello'),
      one(2.95, 'world', 'three'),
      one(2.99, 'hello', 'three'),
      one(7, 'hello'),
      one(5_007, 'late', 'three'),
      { atMs: 5_258, lane: 'one', meaning: 'end', sign: '|' },
    ]
    expect(renderTimeline(marks, { lanes: ['one', 'three'], fromMs: 0 })).toEqual([
      'one   ^-a    4ms a 4999ms - 250ms |',
      'three --(ba) 4ms - 4999ms c 250ms -',
      'a = hello',
      'b = world',
      'c = late',
    ])
  })

  it('begins at fromMs', () => {
    expect(renderTimeline([one(1_002, 'a')], { lanes: ['one'], fromMs: 1_000 })).toEqual([
      'one --a',
      'a = a',
    ])
    expect(renderTimeline([one(3_000, 'a')], { lanes: ['one'], fromMs: 0 })).toEqual([
      'one  3s a',
      'a = a',
    ])
  })

  it('continues in another segment, with its own letters, when a line is full', () => {
    const marks = [one(0, 'a'), one(100, 'b'), one(200, 'c'), one(201, 'a')]
    expect(renderTimeline(marks, { lanes: ['one'], fromMs: 0, columns: 14 })).toEqual([
      'one a 99ms b',
      'a = a',
      'b = b',
      '',
      'from 101ms on:',
      'one  99ms ab',
      'a = c',
      'b = a',
    ])
  })

  it('continues when letters run out, even within one millisecond, without omitting marks', () => {
    const marks = Array.from({ length: 150 }, (_, n) => one(n < 100 ? 5 : 6, `number ${n}`))
    for (const columns of [Infinity, 50]) {
      const lines = renderTimeline(marks, { lanes: ['one'], fromMs: 5, columns })
      const meanings = lines.flatMap((line) => / = (.*)$/.exec(line)?.[1] ?? [])
      expect(meanings).toEqual(marks.map(({ meaning: what }) => what))
      const drawn = lines.filter((line) => line.startsWith('one'))
      expect(drawn.join('').replaceAll(/one| |\(|\)/g, '').length).toBe(150)
      expect(Math.max(...drawn.map(({ length }) => length))).toBeLessThanOrEqual(columns)
    }
  })
})
