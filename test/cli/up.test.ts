/** `rx-cluster up`: two processes, driven through pipes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RunningCommand, command, directory, ipcConfig } from './command.ts'
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'

let files: Awaited<ReturnType<typeof directory>>
let config: string
const running: RunningCommand[] = []

beforeEach(async () => {
  files = await directory()
  config = join(files.path, 'c.json')
  await writeFile(config, JSON.stringify(ipcConfig(files.path, 2)))
})
afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL')
  await files[Symbol.asyncDispose]()
})

function up(...args: string[]): RunningCommand {
  const one = new RunningCommand('up', config, ...args)
  running.push(one)
  return one
}

const containing =
  (part: string) =>
  (line: string): boolean =>
    line.includes(part)

describe('the plain format', () => {
  it('sends lines to all peers or to one, prints link states, and ends with the input', async () => {
    const [one, two] = [up('1'), up('2')]
    await Promise.all([
      one.line(containing('* link to 2 is up')),
      two.line(containing('* link to 1 is up')),
    ])
    one.writeLine('hello, all')
    expect(await two.line(containing('hello, all'))).toBe('1: hello, all')
    two.writeLine('@1 only you')
    expect(await one.line(containing('only you'))).toBe('2: only you')
    one.writeLine('@oops')
    expect(await one.line(containing('! not sent'))).toBe(
      '! not sent: to send to one peer, write "@2 hello"',
    )
    one.writeLine('@7 lost')
    expect(await one.line(containing('lost'))).toBe('! to 7: lost: not delivered: unknown-pid')
    two.child.stdin.end()
    expect((await two.ended).code).toBe(0)
    await one.line(containing('* link to 2 is down: '))
    one.child.kill('SIGINT')
    expect((await one.ended).code).toBe(0)
  })

  it('--record writes a recording that show draws', async () => {
    const recordingPath = join(files.path, 'node-1.jsonl')
    const [one, two] = [up('1', '--record', recordingPath), up('2')]
    await Promise.all([
      one.line(containing('* link to 2 is up')),
      two.line(containing('* link to 1 is up')),
    ])
    two.writeLine('hello')
    await one.line(containing('2: hello'))
    one.writeLine('bye')
    await two.line(containing('bye'))
    one.child.stdin.end()
    expect((await one.ended).code).toBe(0)
    const drawn = await command('show', recordingPath)
    expect(drawn.code).toBe(0)
    // Node 2 may have started later: then the first letter says why its link was not up yet.
    const [, received, sent] = /^(.) = from 2: "hello"\n(.) = to 2: "bye"$/m.exec(drawn.out) ?? []
    expect(drawn.out).toMatch(new RegExp(`^node 1 \\^.*${sent}.*\\|$`, 'm'))
    expect(drawn.out).toMatch(new RegExp(`^peer 2 [^!]*\\^.*${received}.*$`, 'm'))
  })

  it('all lines before the end of the input are delivered', async () => {
    const [one, two] = [up('1'), up('2')]
    await one.line(containing('* link to 2 is up'))
    const count = 12_000
    for (let line = 0; line < count; line++) one.writeLine(`line ${line}`)
    one.child.stdin.end()
    expect((await one.ended).code).toBe(0)
    const received = two.lines.filter(containing(': line '))
    expect(received).toEqual(Array.from({ length: count }, (_, line) => `1: line ${line}`))
  })
})

describe('plain output', () => {
  it('names the file of an invalid config', async () => {
    await writeFile(config, '{"peers":[{"pid":1}]}')
    const { code, err } = await command('up', config, '1')
    expect(code).toBe(3)
    expect(err).toContain(`CONFIG_INVALID: ${config}: `)
  })

  it('escapes control characters of messages', async () => {
    const [one, two] = [up('1', '--json'), up('2')]
    await one.line(containing('"state":"up"'))
    one.writeLine(JSON.stringify({ pid: 2, msg: 'a\u001B[2J\n* 9 is up' }))
    expect(await two.line(containing('1: a'))).toBe('1: a\\u001b[2J\\n* 9 is up')
  })

  it('reports a message that cannot be delivered before the end, and exits with 1', async () => {
    const one = up('1')
    await one.line(containing('node 1 listens'))
    one.writeLine('@2 never')
    one.child.stdin.end()
    const { code, out } = await one.ended
    expect(out).toContain('* the input has ended, so this node closes; with --stay it runs on')
    expect(out).toContain('! to 2: never: not delivered: closed')
    expect(code).toBe(1)
  })
})

describe('the end of a node', () => {
  it('says what it waits for, and a second signal ends it at once', async () => {
    const one = up('1')
    await one.line(containing('node 1 listens'))
    one.writeLine('@2 never')
    one.writeLine('@oops')
    await one.line(containing('! not sent'))
    one.child.kill('SIGINT')
    expect(await one.line(containing('closing'))).toBe(
      '* closing: waits for 1 envelope for 2; ^C ends at once',
    )
    one.child.kill('SIGINT')
    expect((await one.ended).code).toBe(130)
  })

  it('--stay runs on without an input, until a signal', async () => {
    const [one, two] = [up('1', '--stay'), up('2', '--stay')]
    for (const { child } of [one, two]) child.stdin.end()
    await Promise.all([
      one.line(containing('* link to 2 is up')),
      two.line(containing('* link to 1 is up')),
    ])
    for (const { child } of [one, two]) child.kill('SIGTERM')
    expect((await one.ended).code).toBe(0)
    expect((await two.ended).code).toBe(0)
  })
})

describe('the JSON format', () => {
  it('is one JSON object per line, in both directions', async () => {
    const [one, two] = [up('1', '--json'), up('2', '--json')]
    await one.line(containing('"state":"up"'))
    const msg = {
      term: 1,
      big: { $bigint: '9007199254740993' },
      bytes: { $bytes: 'AQI=' },
      none: null,
    }
    one.writeLine(JSON.stringify({ pid: 2, msgId: 7, msg }))
    const envelope: unknown = JSON.parse(await two.line(containing('"type":"envelope"')))
    expect(envelope).toMatchObject({ type: 'envelope', pid: 1, msgId: 7, msg })
    two.writeLine(JSON.stringify({ pid: -1, re: 7, msg: 'reply' }))
    expect(JSON.parse(await one.line(containing('reply')))).toMatchObject({
      pid: 2,
      re: 7,
      msg: 'reply',
    })
    const headers = { trace: '1' }
    const error = { code: 'FULL', message: 'later' }
    two.writeLine(JSON.stringify({ pid: 1, re: 7, headers, error }))
    const failed = JSON.parse(await one.line(containing('FULL'))) as object
    expect(failed).toMatchObject({ type: 'envelope', pid: 2, re: 7, headers, error })
    expect(failed).not.toHaveProperty('msg')
    for (const line of one.lines) expect(JSON.parse(line)).toHaveProperty('type')
  })

  it('reports an invalid line as an error or a dead letter, and goes on', async () => {
    const one = up('1', '--json')
    await one.line(containing('"type":"ready"'))
    for (const line of ['{', '5', '{"pid":2}', '{"pid":2.5,"msg":0}', '{"pid":9,"msg":0}'])
      one.writeLine(line)
    await one.line(containing('unknown-pid'))
    const types = one.lines.map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types.filter((type) => type === 'error')).toHaveLength(3)
    expect(types.filter((type) => type === 'dead-letter')).toHaveLength(2)
  })
})

describe('a node that cannot start', () => {
  it('exits with 3 for a pid that is not in the config', async () => {
    const { code, err } = await command('up', config, '9')
    expect(code).toBe(3)
    expect(err).toContain('PID_NOT_IN_CONFIG')
  })

  it('exits with 4 for an address that other machines can reach, and says what to do', async () => {
    await writeFile(
      config,
      JSON.stringify({ peers: [{ pid: 1, endpoint: 'tcp://10.0.0.1:1', bind: 'tcp://*:0' }] }),
    )
    const { code, err } = await command('up', config, '1')
    expect(code).toBe(4)
    expect(err).toContain('INSECURE_BIND')
    expect(err).toContain('insecure')
  })

  it('exits with 1 before it starts if the recording has no directory', async () => {
    const { code, out, err } = await command('up', config, '1', '--record', '/nowhere/x.jsonl')
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('there is no directory /nowhere; create it first (mkdir -p /nowhere)')
  })

  it('exits with 4 for an address that is taken', async () => {
    const one = up('1')
    await one.line(containing('node 1 listens'))
    const { code, err } = await command('up', config, '1')
    expect(code).toBe(4)
    expect(err).toContain('ADDRESS_IN_USE')
    expect(one.child.exitCode).toBe(null)
  })
})
