/** Another listener has the peer's port for a while; then the peer starts there. */
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { freePort } from './ports.js'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { withHarness } from './run-harness.js'

/** By name: listens at a port. @returns a function that closes the listener */
const LISTENERS = {
  silent: (port) => listen(createServer(), port),
  'ends connections': (port) =>
    listen(
      createServer((socket) => socket.end()),
      port,
    ),
  'resets connections': (port) =>
    listen(
      createServer((socket) => socket.resetAndDestroy()),
      port,
    ),
  http: (port) =>
    listen(
      createHttpServer((_, response) => response.writeHead(404).end()),
      port,
    ),
  router: (port) => zmq('Router', port),
  dealer: (port) => zmq('Dealer', port),
  pub: (port) => zmq('Publisher', port),
  'other cluster': (port, harness) => node(harness, { pid: 2, cluster: 'another', port }),
  'other pid': (port, harness) => node(harness, { pid: 3, port }),
  'not yet a member': (port, harness) => node(harness, { pid: 2, port }),
}

export const about = "another listener has the peer's port, and then the peer"

export const options = {
  listener: {
    default: 'all',
    choices: ['all', ...Object.keys(LISTENERS)],
    about: 'which listener',
  },
  ms: { default: 1_500, about: 'how long' },
  messages: { default: 3_000, about: 'messages queued for the peer: fewer than `bufSize`' },
}

export const variants = [{}]

/** Runs the listeners one after the other, each with its own processes. */
export async function run({ listener, ms, messages }) {
  const names = listener === 'all' ? Object.keys(LISTENERS) : [listener]
  const results = []
  for (const name of names) results.push(await runListener(name, ms, messages))
  const sum = (key) => results.reduce((total, result) => total + result[key], 0)
  /** From when the peer listens until all queued messages are delivered. */
  const recoveredMs = Object.fromEntries(results.map((result) => [result.name, result.recoveredMs]))
  const problems = results.flatMap((result) => result.problems)
  return {
    messages: sum('messages'),
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    reordered: sum('reordered'),
    dead: sum('dead'),
    recoveredMs,
    ok: problems.length === 0,
    problems,
  }
}

async function runListener(name, ms, messages) {
  return withHarness(30 + ms / 1_000, async (harness) => {
    const port = await freePort()
    const close = await LISTENERS[name](port, harness)
    const sender = await harness.start('sender', 'worker.js', { pid: 1 })
    await sender.ask('peer', { pid: 2, port })
    sender.send('grant', { messages })
    const flooded = sender.ask('flood', { to: 2, messages })
    await sleep(ms)
    await close()
    const receiver = await harness.start('receiver', 'worker.js', { pid: 2, port })
    await receiver.ask('peer', { pid: 1, port: sender.hello.port })
    const listensMs = performance.now()
    await flooded
    const recoveredMs = Math.round(performance.now() - listensMs)
    const summary = await receiver.ask('summary', { sender: 1, sent: messages })
    const { dead, delivered, events, violations } = await sender.ask('report')
    await Promise.all([sender.close(), receiver.close()])
    const { lost, duplicated, reordered } = summary
    const isWrong = lost + duplicated + reordered + dead + violations > 0 || delivered !== messages
    const details = { ...summary, dead, delivered, violations, events }
    const problems = isWrong ? [`${name}: ${JSON.stringify(details)}`] : []
    return { name, messages, lost, duplicated, reordered, dead, recoveredMs, problems }
  })
}

async function listen(server, port) {
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return () => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  }
}

/** Binds a ZeroMQ socket that sends nothing. */
async function zmq(type, port) {
  const socket = new (await import('zeromq'))[type]({ linger: 0 })
  await socket.bind(`tcp://127.0.0.1:${port}`)
  return async () => {
    await socket.unbind(`tcp://127.0.0.1:${port}`)
    socket.close()
  }
}

/** Starts a node that is not the expected peer. */
async function node(harness, settings) {
  const child = await harness.start('listener', 'worker.js', settings)
  return () => child.close()
}
