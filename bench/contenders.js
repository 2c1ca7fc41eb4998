/**
 * The contenders: what each requires, and how it is opened.
 *
 * What a contender does in a benchmark is in `<benchmark>-ends.js`, as its users would write it.
 * The two ends of a pair, `far` and `near`, are separate processes connected by TCP on loopback.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

/**
 * The requirements of optional contenders: packages of this folder and programs.
 */
const NEEDS = {
  'nats.js': { packages: ['@nats-io/transport-node'], programs: ['nats-server'] },
  'nats.js request': { packages: ['@nats-io/transport-node'], programs: ['nats-server'] },
  moleculer: { packages: ['moleculer'], programs: [] },
  'node net': { packages: ['msgpackr'], programs: [] },
  msgpackr: { packages: ['msgpackr'], programs: [] },
  '@msgpack/msgpack': { packages: ['@msgpack/msgpack'], programs: [] },
  'cbor-x': { packages: ['cbor-x'], programs: [] },
}

const HOW_TO_INSTALL = {
  'nats-server': 'apt-get install nats-server',
  default: 'npm ci --prefix bench',
}

/** The small object that is sent: 90 bytes of JSON, like a vote or a heartbeat. */
export function messageOf(sequence) {
  return {
    type: 'append',
    term: 7,
    leader: 1,
    sequence,
    prevIndex: sequence - 1,
    commit: 12,
    ok: true,
  }
}

/** @returns why a contender cannot run and what to install; undefined when it can */
export function absence(name) {
  const { packages, programs } = NEEDS[name] ?? { packages: [], programs: [] }
  const missing = [
    ...packages.filter((one) => !installed(one)),
    ...programs.filter((one) => !runs(one)),
  ]
  if (missing.length === 0) return undefined
  return missing
    .map((one) => `${one} is not installed: ${HOW_TO_INSTALL[one] ?? HOW_TO_INSTALL.default}`)
    .join('; ')
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

/**
 * Opens a node of rx-cluster with the default options, at a free port.
 *
 * @param keys pairs by side, where the benchmark runs with keys
 */
export async function openRxCluster(pid, { keys } = {}) {
  const { library, rxjs } = await import('./adapters.js')
  const { firstValueFrom } = rxjs
  const [own, other] = pid === 1 ? [keys?.near, keys?.far] : [keys?.far, keys?.near]
  const publicKey = own?.publicKey
  const self = { pid, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0', publicKey }
  const options = { secretKey: own?.secretKey }
  const node = await library.createNode({ cluster: 'bench', peers: [self] }, pid, options)
  return {
    node,
    address: await firstValueFrom(node.bound()),
    /** Both ends add the other as a peer: a node refuses non-members. */
    connect: async (endpoint) => {
      node.addPeer({ pid: pid === 1 ? 2 : 1, endpoint, publicKey: other?.publicKey })
      await firstValueFrom(node.ready())
    },
    close: () => node.close(),
  }
}

/** Opens a ROUTER of zeromq.js at a free port, with CURVE where there are keys. */
export async function openRouter(options = {}, { keys } = {}) {
  const { Router } = await import('zeromq')
  const curve = keys && { curveServer: true, curveSecretKey: keys.far.secretKey }
  const socket = new Router({ linger: 0, ...options, ...curve })
  await socket.bind('tcp://127.0.0.1:*')
  return { socket, address: socket.lastEndpoint, close: () => socket.close() }
}

/** Opens a DEALER of zeromq.js, which connects to a ROUTER. */
export async function openDealer(options = {}, { keys } = {}) {
  const { Dealer } = await import('zeromq')
  const curve = keys && {
    curveServerKey: keys.far.publicKey,
    curvePublicKey: keys.near.publicKey,
    curveSecretKey: keys.near.secretKey,
  }
  const socket = new Dealer({ linger: 0, ...options, ...curve })
  return { socket, connect: (address) => socket.connect(address), close: () => socket.close() }
}

/** Opens a connection of nats.js to the server of this benchmark. */
export async function openNats({ natsUrl }) {
  const { connect } = await import('@nats-io/transport-node')
  const connection = await connect({ servers: natsUrl })
  return { connection, close: () => connection.close() }
}

/**
 * Opens a broker of Moleculer with TCP, its fastest transporter, and its defaults: JSON, no
 * metrics, no tracing. Only the log is off, and addresses are given instead of discovered over UDP.
 *
 * @param known addresses by node; undefined for the end that waits for the other
 */
export async function openMoleculer(nodeID, { known, services = [] }) {
  const { ServiceBroker } = (await import('moleculer')).default
  const transporter = {
    type: 'TCP',
    options: { udpDiscovery: false, urls: known ?? [], gossipPeriod: 1, useHostname: false },
  }
  const broker = new ServiceBroker({ nodeID, transporter, logger: false })
  for (const service of services) broker.createService(service)
  await broker.start()
  return { broker, address: `127.0.0.1:${broker.transit.tx.opts.port}`, close: () => broker.stop() }
}

/** Creates the pairs of both sides, where a benchmark runs with keys. */
export async function worldOf(withKeys) {
  if (!withKeys) return {}
  const { curveKeyPair } = await import('zeromq')
  return { keys: { near: curveKeyPair(), far: curveKeyPair() } }
}

/** The contenders that run with keys: CURVE on bare sockets is what the keys of rx-cluster use. */
export const KEYED = ['rx-cluster', 'raw zeromq']
