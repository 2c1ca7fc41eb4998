/** reconcile: which links to close, open and move. */
import { describe, expect, it } from 'vitest'
import { reconcile } from '../../src/node/reconcile.ts'

describe('reconcile(open, wanted)', () => {
  const peers = (...all: [number, string][]): Map<number, { pid: number; endpoint: string }> =>
    new Map(all.map(([pid, endpoint]) => [pid, { pid, endpoint }]))
  const table: [string, [number, string][], [number, string][], object][] = [
    ['no change', [[1, 'a']], [[1, 'a']], { close: [], open: [], move: [] }],
    ['a new peer', [], [[1, 'a']], { close: [], open: [{ pid: 1, endpoint: 'a' }], move: [] }],
    ['a removed peer', [[1, 'a']], [], { close: [1], open: [], move: [] }],
    [
      'another address',
      [[1, 'a']],
      [[1, 'b']],
      { close: [], open: [], move: [{ pid: 1, endpoint: 'b' }] },
    ],
    [
      'all at once',
      [
        [1, 'a'],
        [2, 'b'],
      ],
      [
        [2, 'c'],
        [3, 'd'],
      ],
      { close: [1], open: [{ pid: 3, endpoint: 'd' }], move: [{ pid: 2, endpoint: 'c' }] },
    ],
  ]
  it.each(table)('%s', (_, open, wanted, expected) => {
    expect(reconcile(new Map(open), peers(...wanted))).toEqual(expected)
  })
})
