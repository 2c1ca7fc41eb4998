/** Drawings: parsing agrees with RxJS's TestScheduler, and rendering with parsing. */
import fc from 'fast-check'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { subscriptionDrawing, valueDrawing } from './arbitraries.ts'
import { parseDrawing, renderDrawing, shortestTime } from '../../src/testing/marbles/drawing.ts'
import type { MarbleDrawing } from '../../src/testing/marbles/drawing.ts'

const letters = (text: string): readonly string[] =>
  parseDrawing(text).marks.map((mark) => {
    return `${mark.frame}:${mark.kind === 'next' ? mark.letter : mark.kind}`
  })

describe('a drawing', () => {
  it('is parsed', () => {
    expect(letters('-a-(bc)--|')).toEqual(['1:a', '3:b', '3:c', '9:complete'])
    expect(letters('a 9ms b 1.5s #')).toEqual(['0:a', '10:b', '1511:error'])
    expect(letters('--^--!')).toEqual(['2:subscribe', '5:unsubscribe'])
    expect(parseDrawing('a 10ms')).toMatchObject({ frames: 11 })
    expect(parseDrawing('')).toEqual({ marks: [], frames: 0 })
  })

  it('is rendered with long idle times in milliseconds', () => {
    const drawing = parseDrawing('a------------------------b----------------------------')
    expect(renderDrawing(drawing)).toBe('a 24ms b 27ms -')
    expect(renderDrawing(parseDrawing('a---b--'), 3)).toBe('a 3ms b--')
    expect(shortestTime('a 5ms b 2s c')).toBe(5)
    expect(shortestTime('a--b')).toBe(Infinity)
  })

  it.each([
    ['-a-1-', '"1" is not a mark'],
    ['-(a', 'a group is not closed: add ")"'],
    ['-a)', '")" without "("'],
    ['-((a)', 'a group cannot contain a group'],
    ['-(a-b)', 'time cannot pass inside a group'],
    ['-a-|-b', 'marks after the end of the lane'],
    ['-a-^-', 'either values or a subscription'],
    ['-^-^-', 'one ^ and then at most one !'],
    ['-!-^-', 'one ^ and then at most one !'],
    ['-^-!-!', 'at most one !'],
    ['a 1.5ms b', 'not a whole number of milliseconds'],
  ])('%s is invalid: %s', (text, problem) => {
    expect(() => parseDrawing(text)).toThrow(problem)
  })

  it('cannot render a mark that overlaps the group before it', () => {
    const marks = [1, 1, 2].map((frame) => ({ frame, kind: 'next' as const, letter: 'a' }))
    expect(() => renderDrawing({ marks, frames: 3 })).toThrow('at frame 2 overlaps the group')
  })

  it('is unchanged after rendering and parsing', () => {
    const drawings = fc.oneof(valueDrawing, subscriptionDrawing)
    fc.assert(
      fc.property(drawings, fc.integer({ min: 1, max: 40 }), (drawing, longIdle) => {
        expect(parseDrawing(renderDrawing(drawing, longIdle))).toEqual(drawing)
      }),
    )
  })

  it('means the same to TestScheduler', () => {
    fc.assert(
      fc.property(valueDrawing, (drawing) => {
        expect(testSchedulerMarks(drawing)).toEqual(ownMarks(drawing))
      }),
    )
  })
})

function ownMarks({ marks }: MarbleDrawing): readonly unknown[] {
  return marks.map((mark) => {
    return [mark.frame, mark.kind, mark.kind === 'next' ? mark.letter : undefined]
  })
}

function testSchedulerMarks(drawing: MarbleDrawing): readonly unknown[] {
  const kinds = { N: 'next', E: 'error', C: 'complete' }
  const text = renderDrawing(drawing)
  const scheduler = new TestScheduler(() => undefined)
  return scheduler
    .run(() => TestScheduler.parseMarbles(text, undefined, undefined, false, true))
    .map(({ frame, notification }) => {
      const value = notification.kind === 'N' ? notification.value : undefined
      return [frame, kinds[notification.kind], value]
    })
}
