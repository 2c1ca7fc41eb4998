/** Squatter: somebody else sits at the peer's port for a while; then the peer comes. */
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './ports.js'
import { withCrew } from './crew.js'

/** By name: sits down at a port. @returns what leaves it */
const SQUATTERS = {
  silent: (port) => listen(createServer(), port),
  'hangs up': (port) => listen(createServer((socket) => socket.end()), port),
  cuts: (port) => listen(createServer((socket) => socket.resetAndDestroy()), port),
  http: (port) => listen(createHttpServer((_, response) => response.writeHead(404).end()), port),
  router: (port) => zmq('Router', port),
  dealer: (port) => zmq('Dealer', port),
  pub: (port) => zmq('Publisher', port),
  'other cluster': (port, crew) => node(crew, { pid: 2, cluster: 'strangers', port }),
  'other pid': (port, crew) => node(crew, { pid: 3, port }),
  'not yet a peer': (port, crew) => node(crew, { pid: 2, port }),
}

export const about = 'somebody else listens where the peer should, and then the peer does'

export const options = {
  who: { default: 'all', choices: ['all', ...Object.keys(SQUATTERS)], about: 'who sits there' },
  ms: { default: 1_500, about: 'how long' },
  messages: { default: 3_000, about: 'messages that wait for the peer: fewer than `bufSize`' },
}

export const variants = [{}]

/** One after the other, each with processes of its own. */
export async function run({ who, ms, messages }) {
  const names = who === 'all' ? Object.keys(SQUATTERS) : [who]
  const each = []
  for (const name of names) each.push(await sit(name, ms, messages))
  const sum = (key) => each.reduce((total, one) => total + one[key], 0)
  const [lost, duplicated, reordered, dead] = ['lost', 'duplicated', 'reordered', 'dead'].map(sum)
  /** From when the peer listens until all that waited has arrived. */
  const backMs = Object.fromEntries(each.map((one) => [one.who, one.backMs]))
  const problems = each.flatMap((one) => one.problems)
  return { messages: sum('messages'), lost, duplicated, reordered, dead, backMs, ok: problems.length === 0, problems }
}

async function sit(who, ms, messages) {
  return withCrew(30 + ms / 1_000, async (crew) => {
    const port = await freePort()
    const leave = await SQUATTERS[who](port, crew)
    const sender = await crew.start('sender', 'worker.js', { pid: 1 })
    await sender.ask('peer', { pid: 2, port })
    sender.tell('grant', { messages })
    const flooded = sender.ask('flood', { to: 2, messages })
    await sleep(ms)
    await leave()
    const receiver = await crew.start('receiver', 'worker.js', { pid: 2, port })
    await receiver.ask('peer', { pid: 1, port: sender.hello.port })
    const listensMs = performance.now()
    await flooded
    const backMs = Math.round(performance.now() - listensMs)
    const tally = await receiver.ask('tally', { sender: 1, sent: messages })
    const { dead, delivered, events, lawBroken } = await sender.ask('report')
    await Promise.all([sender.close(), receiver.close()])
    const { lost, duplicated, reordered } = tally
    const wrong = lost + duplicated + reordered + dead + lawBroken > 0 || delivered !== messages
    const problems = wrong ? [`${who}: ${JSON.stringify({ ...tally, dead, delivered, lawBroken, events })}`] : []
    return { who, messages, lost, duplicated, reordered, dead, backMs, problems }
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

/** A socket of ZeroMQ that is bound, and says nothing. */
async function zmq(type, port) {
  const socket = new (await import('zeromq'))[type]({ linger: 0 })
  await socket.bind(`tcp://127.0.0.1:${port}`)
  return async () => {
    await socket.unbind(`tcp://127.0.0.1:${port}`)
    socket.close()
  }
}

/** A node, but not the one: it ends as nodes do. */
async function node(crew, settings) {
  const squatter = await crew.start('squatter', 'worker.js', settings)
  return () => squatter.close()
}
