/** Real faults between real processes: the law holds. */
import { describe, it } from 'vitest'
import { runFaults } from './run.ts'

const NOTHING_WRONG = { ok: true, lost: 0, duplicated: 0, reordered: 0 }

describe('real processes, mistreated', { concurrent: true, timeout: 60_000 }, () => {
  it('10 resets: nothing is lost, doubled, overtaken or dead', async ({ expect }) => {
    const result = await runFaults('resets', '--kills', '10', '--messages', '50000')
    expect(result).toMatchObject({
      ...NOTHING_WRONG,
      messages: 50_000,
      kills: 10,
      dead: 0,
      unknown: 0,
    })
  })

  it('an outage of a second: the same', async ({ expect }) => {
    const result = await runFaults('outage', '--ms', '1000', '--messages', '20000')
    expect(result).toMatchObject({ ...NOTHING_WRONG, messages: 20_000, dead: 0, unknown: 0 })
  })

  it('3 restarts: what no life has taken is a dead letter, and none lies', async ({ expect }) => {
    const result = await runFaults('restarts', '--times', '3')
    expect(result).toMatchObject({ ...NOTHING_WRONG, times: 3, again: 0 })
    expect(result['unknownMost']).toBeLessThanOrEqual(result['unknownLimit'] as number)
  })

  it('3 restarts with `resend`: nothing is dead, though some may come again', async ({
    expect,
  }) => {
    const result = await runFaults('restarts', '--times', '3', '--policy', 'resend')
    expect(result).toMatchObject({ ...NOTHING_WRONG, times: 3, dead: 0, unknown: 0 })
  })
})
