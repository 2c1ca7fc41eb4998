/** The drawing in `docs/recording.md` is the one that `rx-cluster show` prints. */
import type { Incarnation } from '../../src/model/envelope.ts'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { renderRecordingTimeline } from '../../src/cli/show/render-recording.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import type { NodeTraceEvent } from '../../src/recording/trace-event.ts'
import { absolute } from './documents.ts'

const COMMAND = '$ npx rx-cluster show node-1.jsonl'

/** An election: node 2 asks for a vote, node 3 does twice, the second time after a restart. */
function recordedEvents(): readonly NodeTraceEvent[] {
  const first = '2a'.repeat(8) as Incarnation
  const second = '3a'.repeat(8) as Incarnation
  const restarted = '3b'.repeat(8) as Incarnation
  const at = (atMs: number) => ({ atMs, pid: 1 })
  const beats = (atMs: number, msgId: number): readonly NodeTraceEvent[] =>
    [2, 3].map((to) => ({ ...at(atMs), type: 'sent', to, msgId, msg: 'beat' }))
  const request = (atMs: number, from: number, incarnation: Incarnation, term: number) => {
    const msg = { type: 'vote?', term }
    return { ...at(atMs), type: 'received', from, incarnation, msgId: term, msg } as const
  }
  const vote = (atMs: number, to: number, term: number) => {
    const msg = { type: 'yes', term }
    return { ...at(atMs), type: 'sent', to, msgId: 1000 + term, re: term, msg } as const
  }
  const link = (atMs: number, peer: number, state: 'up' | 'down') =>
    ({ ...at(atMs), type: 'link', peer, state }) as const
  const lost = { to: 9, msgId: 2000 }
  return [
    { ...at(0), type: 'started', incarnation: 'b1531ec3334d71b3' as Incarnation },
    ...[link(3, 2, 'down'), link(3, 3, 'down'), link(9, 2, 'up'), link(14, 3, 'up')],
    ...[request(17, 2, first, 1), vote(18, 2, 1), ...beats(18, 1100), ...beats(119, 1101)],
    ...[request(187, 3, second, 2), vote(187, 3, 2), ...beats(220, 1102), ...beats(320, 1103)],
    link(417, 3, 'down'),
    { ...at(418), type: 'sent', ...lost, msg: 'who?' },
    { ...at(418), type: 'dead', ...lost, reason: 'unknown-pid', outcome: 'not-delivered' },
    ...[link(917, 3, 'up'), request(919, 3, restarted, 3), vote(919, 3, 3)],
    { ...at(1_021), type: 'closed' },
  ]
}

it('docs/recording.md shows what show prints', () => {
  const recording = {
    pid: 1,
    incarnation: 'b1531ec3334d71b3' as Incarnation,
    cluster: 'default',
    bind: 'inproc://one',
    startedAt: new Date('2026-11-23T09:39:04.556Z'),
    limits: DEFAULT_LIMITS,
    dropped: 0,
    peers: [2, 3].map((pid) => ({ pid, endpoint: `inproc://${pid}`, link: 'connecting' as const })),
    events: recordedEvents(),
  }
  const lines = renderRecordingTimeline(recording, { columns: 100, last: 200 })
  const expected = [COMMAND, ...lines].map((line) => `    ${line}`.trimEnd()).join('\n')
  expect(readFileSync(absolute('docs/recording.md'), 'utf8')).toContain(`\n${expected}\n`)
})
