/** Processes with a ZeroMQ transport: how they end, stall, and run out of descriptors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dialTo, bindTo, textBytes } from './recorded-ends.ts'
import type { Child, Compiled } from './child.ts'
import { compile } from './child.ts'
import { join } from 'node:path'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import type { AddressInfo } from 'node:net'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

const BIND = `
  const failed = (error) => print(error.code)
  const binding = transport.bind(at, limits, { ...bindingHandler, bound: print, failed })
`

describe.skipIf(process.platform === 'win32')('a process with a ZeroMQ transport', () => {
  const directory = mkdtempSync(join(tmpdir(), 'rx-cluster-'))
  const children: Child[] = []
  let compiled: Compiled

  beforeAll(() => {
    compiled = compile()
  }, 60_000)

  afterAll(() => {
    for (const { process } of children) process.kill('SIGKILL')
    compiled.remove()
    rmSync(directory, { recursive: true })
  })

  function run(program: string, before?: string): Child {
    const child = compiled.run(program, before)
    children.push(child)
    return child
  }

  it('ends when it has never used the transport', async () => {
    expect(await run('print("bye")').ended).toEqual({ code: 0, signal: null, output: 'bye\n' })
  })

  it('ends when everything is closed', async () => {
    const child = run(`
      for (const at of ['tcp://127.0.0.1:0', 'ipc://${directory}/end.sock', 'inproc://end']) {
        const binding = transport.bind(at, limits, {
          ...bindingHandler,
          bound: (endpoint) => {
            const connection = transport.connect(endpoint, limits, {
              ...connectionHandler,
              opened: () => connection.send([Buffer.from('hello')]),
              closed: (reason) => print(reason),
            })
          },
          frame: () => binding.close(100),
          closed: () => print('free'),
        })
      }
    `)
    const { code, output } = await child.ended
    expect(output.match(/free/g)).toHaveLength(3)
    expect(output.match(/inproc:|was lost/g)).toHaveLength(3)
    expect(code).toBe(0)
  })

  it('ends when everything with keys is closed, refused connections as well', async () => {
    const child = run(`
      import { curveKeyPair } from 'zeromq'
      import { decodeZ85 } from './base/z85.js'
      const pair = () => {
        const { publicKey, secretKey } = curveKeyPair()
        return { publicKey: decodeZ85(publicKey), secretKey: decodeZ85(secretKey) }
      }
      const [server, client] = [pair(), pair()]
      const answers = [false, true]
      const security = { keys: server, domain: 'hello/1', admits: () => answers.shift() }
      const binding = transport.bind('tcp://127.0.0.1:0', { ...limits, security }, {
        ...bindingHandler,
        bound: (endpoint) => {
          const security = { keys: client, serverKey: server.publicKey }
          const dial = () => {
            const connection = transport.connect(endpoint, { ...limits, security }, {
              ...connectionHandler,
              opened: () => connection.send([Buffer.from('hello')]),
              closed: (reason, error) => {
                print(error?.code ?? 'closed')
                if (error !== undefined) dial()
              },
            })
          }
          dial()
        },
        frame: () => binding.close(100),
        closed: () => print('free'),
      })
    `)
    const { code, output } = await child.ended
    expect(output.trim().split('\n').toSorted()).toEqual(['EACCES', 'closed', 'free'])
    expect(code).toBe(0)
  })

  it('ends at once with frames that the other end never reads', async () => {
    const child = run(`
      const binding = transport.bind('tcp://127.0.0.1:0', limits, {
        ...bindingHandler,
        bound: (endpoint) => {
          const connection = transport.connect(endpoint, limits, {
            ...connectionHandler,
            opened: () => {
              for (let n = 0; n < 10_000; n++) connection.send([Buffer.alloc(1024)])
              setImmediate(() => process.exit(7))
            },
          })
        },
      })
    `)
    expect(await child.ended).toMatchObject({ code: 7, signal: null })
  })

  it('keeps sockets that the program no longer references', async () => {
    const child = run(`
      let seen = 0
      const binding = new WeakRef(transport.bind('tcp://127.0.0.1:0', limits, {
        ...bindingHandler,
        bound: (endpoint) => {
          for (let n = 0; n < 20; n++) transport.connect(endpoint, limits, {
            ...connectionHandler,
            opened() { gc(); this.send?.() },
            closed: (reason) => { print(reason); process.exit(1) },
          })
        },
      }))
      let rounds = 0
      const collect = () => {
        gc()
        if (++rounds < 50) return setImmediate(collect)
        print(binding.deref() === undefined ? 'collected' : 'kept')
        process.exit()
      }
      setTimeout(collect, 100)
    `)
    expect(await child.ended).toMatchObject({ code: 0, output: 'kept\n' })
  })

  it('reports that it runs out of descriptors instead of aborting', async () => {
    const child = run(
      `
      import { openSync, closeSync } from 'node:fs'
      const home = transport.bind('tcp://127.0.0.1:0', limits, { ...bindingHandler, bound: (endpoint) => {
        const held = []
        try { for (;;) held.push(openSync('/dev/null')) } catch {}
        const other = zmqTransport()
        let left = 6
        const done = (line) => {
          print(line)
          if (--left > 0) return
          for (const descriptor of held) closeSync(descriptor)
          home.close(0)
        }
        for (const one of [transport, other]) {
          for (const at of ['tcp://127.0.0.1:*', 'tcp://0.0.0.0:*']) {
            one.bind(at, limits, { ...bindingHandler, failed: (error) => done(error.code) })
          }
          one.connect(endpoint, limits, { ...connectionHandler, closed: done })
        }
      } })
    `,
      'ulimit -n 300;',
    )
    const { code, output } = await child.ended
    expect(output.match(/^EMFILE$/gm)).toHaveLength(4)
    expect(output.match(/raise the limit/g)).toHaveLength(2)
    expect(code).toBe(0)
  })

  it('is seen as disconnected when it is killed, and when it is stopped', async () => {
    const transport = zmqTransport({ heartbeatMs: 100, heartbeatTimeoutMs: 300 })
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const child = run(`const at = 'tcp://127.0.0.1:0'; ${BIND}`)
      const connection = await dialTo(transport, await child.nextLine())
      child.process.kill(signal)
      await connection.waitUntil(() => connection.closed > 0)
      expect(connection.reason).toContain('was lost')
      child.process.kill('SIGKILL')
    }
  })

  it('is dropped by the binding, too, when its heartbeats stop', async () => {
    const binding = await bindTo(zmqTransport(), 'tcp://127.0.0.1:0')
    const heartbeatRelay = await relay(binding.endpoint)
    const child = run(`
      const quick = zmqTransport({ heartbeatMs: 100, heartbeatTimeoutMs: 200 })
      const connection = quick.connect('${heartbeatRelay.endpoint}', limits, {
        ...connectionHandler, opened: () => connection.send([Buffer.from('hello')]),
      })
    `)
    await Promise.all([
      binding.waitUntil(() => binding.frames.length > 0),
      heartbeatRelay.heartbeatSeen,
    ])
    child.process.kill('SIGSTOP')
    while (binding.disconnected.length === 0) {
      binding.send(binding.frames[0]!.from, textBytes('probe'))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await binding.close()
    heartbeatRelay.close()
  })

  it('leaves a path behind when it is killed, which the next bind replaces', async () => {
    const path = join(directory, 'stale.sock')
    const program = `const at = 'ipc://${path}'; ${BIND}`
    const first = run(program)
    expect(await first.nextLine()).toBe(`ipc://${path}`)
    const second = run(program)
    expect(await second.nextLine()).toBe('EADDRINUSE')
    expect(await second.ended).toMatchObject({ code: 0 })
    first.process.kill('SIGKILL')
    await first.ended
    expect(existsSync(path)).toBe(true)
    const third = await bindTo(zmqTransport(), `ipc://${path}`)
    await third.close()
    expect(existsSync(path)).toBe(false)
  })

  it('does not unlink a file that is no socket', async () => {
    const path = join(directory, 'notes.txt')
    writeFileSync(path, 'some text')
    await expect(bindTo(zmqTransport(), `ipc://${path}`)).rejects.toMatchObject({ code: 'EEXIST' })
    expect(existsSync(path)).toBe(true)
  })
})

/** Relays connections to `endpoint`; `heartbeatSeen` resolves at the first heartbeat. */
async function relay(
  endpoint: string,
): Promise<{ endpoint: string; heartbeatSeen: Promise<void>; close(): void }> {
  let resolveSeen: () => void
  const heartbeatSeen = new Promise<void>((resolve) => {
    resolveSeen = resolve
  })
  const server = createServer((near) => {
    const far = connect(Number(endpoint.split(':')[2]), '127.0.0.1')
    for (const socket of [near, far]) socket.on('error', () => undefined)
    near.on('data', (data) => data.includes('PING') && resolveSeen())
    near.pipe(far).pipe(near)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { endpoint: `tcp://127.0.0.1:${port}`, heartbeatSeen, close: () => void server.close() }
}
