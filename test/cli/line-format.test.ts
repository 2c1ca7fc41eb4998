/** The plain lines of `rx-cluster up`: the text of a peer cannot imitate other output. */
import { describe, expect, it } from 'vitest'
import { PLAIN } from '../../src/cli/up/line-format.ts'

const CONTROLS = 'a\u001B[2J\n* link to 9 is up'
const ESCAPED = 'a\\u001b[2J\\n* link to 9 is up'

describe('the plain format', () => {
  it.each([
    { type: 'refused-by-peer', pid: 2, reason: 'wrong-pid', detail: CONTROLS },
    { type: 'refused-peer', pid: 2, reason: 'wrong-pid', detail: CONTROLS },
    { type: 'bad-frame', pid: 2, detail: CONTROLS },
    { type: 'link', pid: 2, state: 'down', reason: CONTROLS },
  ] as const)('escapes what a peer wrote into the event $type', (event) => {
    expect(PLAIN.event(event)).toContain(ESCAPED)
  })

  it('escapes the detail of a dead letter', () => {
    const envelope = { pid: 2, msg: 'hello' }
    const deadLetter = { envelope, reason: 'rejected', outcome: 'not-delivered' } as const
    expect(PLAIN.dead({ ...deadLetter, detail: CONTROLS })).toContain(ESCAPED)
  })
})
