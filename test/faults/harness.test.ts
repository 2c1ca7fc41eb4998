/** The harness of `faults/` can fail: the checker sees what raw sockets lose, and nothing is left behind. */
import { describe, it } from 'vitest'
import { runFaults, isAlive, start } from './run.ts'
import { setTimeout as sleep } from 'node:timers/promises'

describe('the harness', { concurrent: true, timeout: 60_000 }, () => {
  it('sees what a raw DEALER and ROUTER lose under the same 10 resets', async ({ expect }) => {
    const result = await runFaults('baseline', '--kills', '10', '--messages', '20000')
    expect(result['ok']).toBe(true)
    expect(result['lost']).toBeGreaterThan(0)
  })

  it('fails loudly when a run is not over in time, with what each process knows', async ({
    expect,
  }) => {
    const { problems, ...result } = await runFaults(
      'outage',
      '--ms',
      '60000',
      '--messages',
      '1000',
      '--limit',
      '1',
    )
    expect(result['ok']).toBe(false)
    expect(String(problems)).toMatch(
      /not over after 1 s\nsender: \{"sent":\d+.*\nreceiver: \{"sent":0,/,
    )
  })

  it('ends its processes when it is interrupted', async ({ expect }) => {
    const run = start(['sigstop', '--ms', '60000'], true)
    await sleep(700)
    expect(isAlive(run)).toBe(true)
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(130)
    await expect.poll(() => isAlive(run)).toBe(false)
  })

  it('explains itself, and what it was asked wrongly', async ({ expect }) => {
    const help = await start(['resets', '--help']).ended
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(help.out).toContain('--kills')
    for (const args of [
      ['flood'],
      ['resets', '--kills', 'many'],
      ['resets', '--ms', '1'],
      ['resets', 'outage'],
    ]) {
      const { code, err } = await start(args).ended
      expect(code).toBe(2)
      expect(err).toContain('Usage')
    }
  })
})
