/** The harness of `faults/`: it detects losses of raw sockets, and leaves no process behind. */
import { describe, it } from 'vitest'
import { runFaults, isAlive, start } from './run.ts'
import { once } from 'node:events'

describe('the harness', { concurrent: true, timeout: 60_000 }, () => {
  it('detects the losses of a raw DEALER and ROUTER under the same 10 resets', async ({
    expect,
  }) => {
    const result = await runFaults('baseline', '--kills', '10', '--messages', '20000')
    expect(result['ok']).toBe(true)
    expect(result['lost']).toBeGreaterThan(0)
  })

  it('a run that exceeds its time limit fails with the state of each process', async ({
    expect,
  }) => {
    const { problems, ...result } = await runFaults(
      'outage',
      '--ms',
      '60000',
      '--messages',
      '1000',
      '--limit',
      '5',
    )
    expect(result['ok']).toBe(false)
    expect(String(problems)).toMatch(
      /not finished after 5 s\nsender: \{"sent":\d+.*\nreceiver: \{"sent":0,/,
    )
  })

  it('kills its processes when it is interrupted', async ({ expect }) => {
    const run = start(['sigstop', '--ms', '60000'], true)
    // It prints the scenario before it starts the processes.
    await Promise.race([once(run.child.stdout!, 'data'), once(run.child.stderr!, 'data')])
    expect(isAlive(run)).toBe(true)
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(130)
    await expect.poll(() => isAlive(run)).toBe(false)
  })

  it('prints its usage on request and on wrong arguments', async ({ expect }) => {
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
