/** Two attacks by the command that runs all of them. */
import { describe, it } from 'vitest'
import { start } from './run.ts'

interface Total {
  readonly attacks: number
  readonly crashed: number
  readonly accepted: number
  readonly honestLost: number
  readonly rows: readonly { readonly did: Readonly<Record<string, number>> }[]
}

const NOTHING_WRONG = { attacks: 1, crashed: 0, accepted: 0, honestLost: 0 }

async function attack(...args: string[]): Promise<{ code: number | null; total: Total }> {
  const short = ['--seconds', '1', '--no-control', '--json']
  const { code, out } = await start(['attacks', ...args, ...short]).ended
  return { code, total: JSON.parse(out.trim().split('\n').at(-1) ?? '') as Total }
}

describe('a node with keys under attack', { concurrent: true, timeout: 60_000 }, () => {
  it('accepts no member under the pid of another one, and the other loses nothing', async ({
    expect,
  }) => {
    const { code, total } = await attack('spoofed-pid', '--as', 'member')
    expect(total).toMatchObject(NOTHING_WRONG)
    expect(total.rows[0]?.did['spoofs']).toBeGreaterThan(0)
    expect(total.rows[0]?.did['accepted']).toBeUndefined()
    expect(code).toBe(0)
  })

  it('refuses an outsider in the handshake', async ({ expect }) => {
    const { code, total } = await attack('claimed-ids', '--as', 'outsider')
    expect(total).toMatchObject(NOTHING_WRONG)
    expect(total.rows[0]?.did['refused']).toBeGreaterThan(0)
    expect(total.rows[0]?.did['claims']).toBeUndefined()
    expect(code).toBe(0)
  })
})
