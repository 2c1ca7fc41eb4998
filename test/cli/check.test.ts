/** `rx-cluster check`, and the help and exit codes of all commands. */
import { describe, expect, it } from 'vitest'
import { command, directory } from './command.ts'
import { join } from 'node:path'

const COMPUTED_CONFIG = {
  selfHandle: 'tcp://127.0.0.1:',
  peersPid: '1,2',
  peersHandle: 'tcp://127.0.0.1:',
  startAddress: 5000,
  startMsgId: 1000,
  bufSize: 5000,
}

async function check(
  content: string | object,
): Promise<{ code: number | null; out: string; err: string }> {
  const files = await directory({ 'c.json': content })
  try {
    return await command('check', join(files.path, 'c.json'))
  } finally {
    await files[Symbol.asyncDispose]()
  }
}

describe('check', () => {
  it('prints the members of a config with computed addresses', async () => {
    const { code, out } = await check(COMPUTED_CONFIG)
    expect(code).toBe(0)
    expect(out).toContain('cluster default, 2 members, computed addresses')
    expect(out).toMatch(/1 {2}tcp:\/\/127\.0\.0\.1:5001 {2}tcp:\/\/127\.0\.0\.1:5001/)
    expect(out).toMatch(/bufSize +5,000/)
    expect(out).toMatch(/bufBytes +64 MiB/)
    expect(out).toMatch(/closeTimeoutMs +5,000 ms/)
  })

  it('warns of members that other machines can reach', async () => {
    const peers = [{ pid: 1, endpoint: 'tcp://10.0.0.1:5000', bind: 'tcp://*:5000' }]
    const refused = await check({ peers })
    expect(refused.out).toContain('refused at start, because insecure is not true')
    expect(refused.out).toContain('1 member,')
    // As `up` would end.
    expect(refused.code).toBe(4)
    const allowed = await check({ peers, insecure: true })
    expect(allowed.out).toContain('other machines can reach node 1, without')
    expect(allowed.code).toBe(0)
  })

  it('prints every error with its path, and exits with 3', async () => {
    const invalid = { peersPid: '1,x', selfHandle: 5, startAddress: 70_000, bufsize: 2 }
    const { code, out, err } = await check(invalid)
    expect([code, out]).toEqual([3, ''])
    for (const part of [
      'CONFIG_INVALID',
      'selfHandle:',
      'peersPid[1]:',
      'peersHandle:',
      'did you mean bufSize',
    ]) {
      expect(err).toContain(part)
    }
    expect(err).not.toContain('    at ')
  })

  it.each([
    ['not JSON', '{ "peers": [', 'CONFIG_NOT_JSON', 3],
    ['an array', '[]', 'CONFIG_INVALID', 3],
  ])('%s', async (_, content, part, expected) => {
    const { code, err } = await check(content)
    expect(code).toBe(expected)
    expect(err).toContain(part)
  })

  it('a missing file', async () => {
    const { code, err } = await command('check', '/nowhere/c.json')
    expect(code).toBe(3)
    expect(err).toContain('CONFIG_UNREADABLE')
  })
})

describe('the command', () => {
  it.each([
    [['--help']],
    [['check', '--help']],
    [['up', '--help']],
    [['demo', '--help']],
    [['show', '--help']],
    [['keygen', '--help']],
    [['--version']],
  ])('%j exits with 0', async (args) => {
    const { code, out } = await command(...args)
    expect(code).toBe(0)
    expect(out).not.toBe('')
    if (args.length === 2) expect(out).toContain('Exit codes:')
  })

  it.each([
    [[]],
    [['nonsense']],
    [['demo', '--peers', '1']],
    [['demo', '--messages', '1.5']],
    [['up', 'c.json']],
    [['show']],
    [['show', 'x.jsonl', '--last', '0']],
    [['show', 'x.jsonl', '--width', '5']],
    [['up', 'c.json', 'x']],
  ])('%j exits with 2 and an error', async (args) => {
    const { code, err } = await command(...args)
    expect(code).toBe(2)
    expect(err).not.toBe('')
  })
})
