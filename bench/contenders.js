/**
 * Who takes part in the comparisons: what each needs to be present, and how it is opened.
 *
 * What a contender does in a comparison stands in `<comparison>-ends.js`, as its users would write it. The two ends of a pair, `far`
 * and `near`, are processes of their own; whatever passes between them goes over TCP on loopback.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

/** What the contenders that are not always there need: packages, of this folder but for msgpackr, and programs. */
const NEEDS = {
  'nats.js': { packages: ['@nats-io/transport-node'], programs: ['nats-server'] },
  'nats.js request': { packages: ['@nats-io/transport-node'], programs: ['nats-server'] },
  'moleculer': { packages: ['moleculer'], programs: [] },
  'node net': { packages: ['msgpackr'], programs: [] },
}

const HOW_TO_INSTALL = {
  'nats-server': 'apt-get install nats-server',
  'msgpackr': 'npm ci',
  'default': 'npm ci --prefix bench',
}

/** The small object that is sent, about 90 bytes of JSON, like a vote or a heartbeat. */
export function messageOf(sequence) {
  return { type: 'append', term: 7, leader: 1, sequence, prevIndex: sequence - 1, commit: 12, ok: true }
}

/** @returns why a contender cannot take part, and what to do about it; nothing when it can */
export function absence(name) {
  const { packages, programs } = NEEDS[name] ?? { packages: [], programs: [] }
  const missing = [...packages.filter((one) => !installed(one)), ...programs.filter((one) => !runs(one))]
  if (missing.length === 0) return undefined
  return missing.map((one) => `${one} is not installed: ${HOW_TO_INSTALL[one] ?? HOW_TO_INSTALL.default}`).join('; ')
}

function installed(name) {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

function runs(program) {
  return spawnSync(program, ['--version']).error === undefined
}

/** A node of rx-cluster with the default options, at a port that the system picks. */
export async function openRxCluster(pid) {
  const { createNode } = await import('../dist/index.js')
  const { firstValueFrom } = await import('rxjs')
  const itself = { pid, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' }
  const node = await createNode({ cluster: 'bench', peers: [itself] }, pid)
  return {
    node,
    address: await firstValueFrom(node.bound()),
    /** Both sides have to know each other: one does not accept strangers. */
    meet: async (endpoint) => {
      node.addPeer({ pid: pid === 1 ? 2 : 1, endpoint })
      await firstValueFrom(node.ready())
    },
    close: () => node.close(),
  }
}

/** A ROUTER of zeromq.js at a port that the system picks. */
export async function openRouter(options = {}) {
  const { Router } = await import('zeromq')
  const socket = new Router({ linger: 0, ...options })
  await socket.bind('tcp://127.0.0.1:*')
  return { socket, address: socket.lastEndpoint, close: () => socket.close() }
}

/** A DEALER of zeromq.js, which connects to a ROUTER. */
export async function openDealer(options = {}) {
  const { Dealer } = await import('zeromq')
  const socket = new Dealer({ linger: 0, ...options })
  return { socket, meet: (address) => socket.connect(address), close: () => socket.close() }
}

/** A connection of nats.js to the server that runs for this comparison. */
export async function openNats({ natsUrl }) {
  const { connect } = await import('@nats-io/transport-node')
  const connection = await connect({ servers: natsUrl })
  return { connection, close: () => connection.close() }
}

/**
 * A broker of Moleculer with the TCP transporter, the fastest it has, and everything else as it comes: JSON, no metrics, no tracing.
 * Only the log is off, and who is where is told, not searched for over UDP.
 *
 * @param known address by node; nobody, for who waits to be called
 */
export async function openMoleculer(nodeID, { known, services = [] }) {
  const { ServiceBroker } = (await import('moleculer')).default
  const transporter = { type: 'TCP', options: { udpDiscovery: false, urls: known ?? [], gossipPeriod: 1, useHostname: false } }
  const broker = new ServiceBroker({ nodeID, transporter, logger: false })
  for (const service of services) broker.createService(service)
  await broker.start()
  return { broker, address: `127.0.0.1:${broker.transit.tx.opts.port}`, close: () => broker.stop() }
}
