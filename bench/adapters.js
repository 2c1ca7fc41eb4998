/**
 * The one file of `bench/` that loads the library, and knows the names that differ between builds.
 *
 * `RX_CLUSTER_BENCH_BUILD` names the tree whose `dist` is measured; by default it is this one.
 * Each adapter looks for the current name first, and falls back to the former one.
 */
import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { join, resolve } from 'node:path'

const OWN_TREE = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(resolve(process.env['RX_CLUSTER_BENCH_BUILD'] ?? OWN_TREE), 'dist')

/** The public entry point of the measured build. */
export const library = await import(pathToFileURL(join(DIST, 'index.js')))

/** The RxJS that the measured build itself loads: two copies in one process would cost memory. */
export const rxjs = createRequire(join(DIST, 'index.js'))('rxjs')

/** Loads `rx-cluster/testing`. */
export function loadTesting() {
  return load('testing.js')
}

/** Loads the class of the virtual clock. */
export async function loadVirtualClock() {
  const file = 'simulation/virtual-clock.js'
  return (await load('testing/simulation/time/virtual-clock.js', file)).VirtualClock
}

/** Returns a ZeroMQ transport. */
export async function openZmqTransport() {
  return (await load('transports/zmq/zmq-transport.js')).zmqTransport()
}

/** Returns the MessagePack codec. */
export async function openCodec(options) {
  const { messagePack } = await load('codec/message-pack.js', 'transports/codec/message-pack.js')
  return messagePack(options)
}

/** Removes a peer; formerly `delPeer`. */
export function removePeer(node, pid) {
  if (node.removePeer === undefined) node.delPeer(pid)
  else node.removePeer(pid)
}

/** The operator that runs `project` behind a bounded queue and pauses `node` while it is full. */
export function pausingMergeMap(node, project, { bufSize, concurrency }) {
  const { boundedMergeMap, bounded, pause } = library
  if (boundedMergeMap === undefined) {
    return bounded(bufSize, project, { concurrency, overflow: pause(node) })
  }
  return boundedMergeMap(project, { bufSize, concurrency, overflow: { pause: node } })
}

/** Pauses a node. @returns resumes it */
export function pauseNode(node) {
  const paused = node.pause()
  return typeof paused === 'function' ? paused : () => paused.unsubscribe()
}

/** Imports the first of these files of the build that exists. */
function load(...files) {
  const found = files.find((file) => existsSync(join(DIST, file)))
  if (found === undefined) throw new Error(`the build ${DIST} has no ${files.join(' or ')}`)
  return import(pathToFileURL(join(DIST, found)))
}
