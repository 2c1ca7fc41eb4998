/** Real faults between real processes: the delivery guarantee holds. */
import { describe, it } from 'vitest'
import { runFaults } from './run.ts'

const NOTHING_WRONG = { ok: true, lost: 0, duplicated: 0, reordered: 0 }

describe('real processes under faults', { concurrent: true, timeout: 60_000 }, () => {
  it('10 resets: no envelope is lost, duplicated, reordered or dead', async ({ expect }) => {
    const result = await runFaults('resets', '--kills', '10', '--messages', '50000')
    expect(result).toMatchObject({
      ...NOTHING_WRONG,
      messages: 50_000,
      kills: 10,
      dead: 0,
      unknown: 0,
    })
  })

  it('an outage of one second: no envelope is lost, duplicated, reordered or dead', async ({
    expect,
  }) => {
    const result = await runFaults('outage', '--ms', '1000', '--messages', '20000')
    expect(result).toMatchObject({ ...NOTHING_WRONG, messages: 20_000, dead: 0, unknown: 0 })
  })

  it('100,000 hostile frames: decoders throw their own errors only, and nothing grows', async ({
    expect,
  }) => {
    const result = await runFaults('fuzz', '--frames', '100000')
    expect(result).toMatchObject({ ok: true, throws: 0, untouched: true })
    // Enough of the frames are valid, and the nodes go on.
    for (const figure of ['valid', 'messages', 'delivered']) {
      expect(result[figure]).toBeGreaterThan(5_000)
    }
  })

  it('3 restarts: each envelope is delivered or dead, and its outcome is true', async ({
    expect,
  }) => {
    const result = await runFaults('restarts', '--times', '3')
    expect(result).toMatchObject({ ...NOTHING_WRONG, times: 3, redelivered: 0 })
    expect(result['unknownMax']).toBeLessThanOrEqual(result['unknownLimit'] as number)
  })

  it('3 restarts with `resend`: no envelope is dead; some may be delivered again', async ({
    expect,
  }) => {
    const result = await runFaults('restarts', '--times', '3', '--policy', 'resend')
    expect(result).toMatchObject({ ...NOTHING_WRONG, times: 3, dead: 0, unknown: 0 })
  })
})
