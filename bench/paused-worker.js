// Nodes of a run in which one of them pauses: the sender, the one that pauses, or those who only answer. Started with --expose-gc.
import { BehaviorSubject, concat, defer, filter, firstValueFrom, ignoreElements, map, merge, of, repeat, take, takeWhile, tap } from 'rxjs'
import { bounded, createNode, fromPeer, pause, reply } from '../dist/index.js'
import { nowMs, serve } from './crew.js'
import { setTimeout as sleep } from 'node:timers/promises'

const NOWHERE = 'tcp://127.0.0.1:1'
const SENDER = 1
const PAUSED = 2

/** What goes into the outbox in one turn of the event loop; there is no pause between turns. */
const PER_TURN = 50

const PING_EVERY_MS = 10

/** Work that waits behind `bounded`, and how much of it is under way: one keeps the order, which is checked. */
const WAITING = 1_000
const CONCURRENCY = 1

let nodes = []
/** What the sender has sent, the receipts it has, and what it was told will not come. */
let sequence = 0
let receipts = 0
let failures = 0
let sending = new AbortController()
let ended = Promise.resolve()
/** What the one that pauses has taken. */
let received = 0
let last = -1
let disorder = 0
let resume = () => undefined
const open$ = new BehaviorSubject(true)

serve(
  {
    open: async ({ pids, limits }) => {
      const open = (pid) =>
        createNode({ cluster: 'paused', peers: [{ pid, endpoint: NOWHERE, bind: 'tcp://127.0.0.1:0' }] }, pid, limits)
      nodes = await Promise.all(pids.map(open))
      return Promise.all(nodes.map(async (node) => ({ pid: node.pid, endpoint: await firstValueFrom(node.bound()) })))
    },

    join: async (peers) => {
      for (const node of nodes) {
        node.peers.next(new Map(peers.filter(({ pid }) => pid !== node.pid).map((peer) => [peer.pid, peer])))
      }
      await Promise.all(nodes.map((node) => firstValueFrom(node.ready())))
    },

    /** Says back what is said to it. */
    answer: () => nodes.forEach((node) => node.inbox.pipe(map((envelope) => reply(envelope, envelope.msg))).subscribe(node.outbox)),

    /** Takes what comes: at once, or behind work that `bounded` lets wait. */
    take: ({ isBounded }) => {
      const [node] = nodes
      const mail$ = node.inbox.pipe(fromPeer(SENDER))
      const gate = ({ msg }) => concat(open$.pipe(filter(Boolean), take(1), ignoreElements()), of(msg))
      const taken$ = isBounded
        ? mail$.pipe(bounded(WAITING, gate, { concurrency: CONCURRENCY, overflow: pause(node) }))
        : mail$.pipe(map(({ msg }) => msg))
      taken$.subscribe((msg) => {
        received++
        if (msg.sequence <= last) disorder++
        last = msg.sequence
      })
    },

    /** Stops taking: the node itself, or the work behind `bounded`, which then pauses the node. */
    pause: ({ isBounded }) => {
      if (isBounded) open$.next(false)
      else resume = nodes[0].pause()
    },

    resume: () => {
      open$.next(true)
      resume()
    },

    /** Sends at full speed, until `stop`. */
    start: ({ inFlight, bytes }) => {
      sending = new AbortController()
      ended = inFlight > 0 ? deliverAll(inFlight, bytes, sending.signal) : postAll(bytes, sending.signal)
    },

    /** Sends nothing more for now; what waits goes on waiting. */
    stop: () => sending.abort(),

    /** Waits until nothing of what was sent is on its way. */
    drain: async () => {
      await ended
      while (nodes[0].stats().inFlight > 0) await sleep(10)
    },

    /** Says something to each of the others again and again for so long, and tells what their answers took. */
    ping: async ({ pids, seconds }) => {
      const [node] = nodes
      const tookMs = []
      const answers = node.inbox.pipe(fromPeer(...pids)).subscribe(({ msg }) => tookMs.push(nowMs() - msg.pingMs))
      const endMs = nowMs() + seconds * 1000
      while (nowMs() < endMs) {
        for (const pid of pids) node.outbox.next({ pid, msg: { pingMs: nowMs() } })
        await sleep(PING_EVERY_MS)
      }
      await sleep(500)
      answers.unsubscribe()
      const sorted = Float64Array.from(tookMs).sort()
      const at = (share) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] * 1000) / 1000
      return { answers: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
    },

    weigh: async () => {
      for (let round = 0; round < 4; round++) {
        globalThis.gc()
        await sleep(100)
      }
      return process.memoryUsage().rss
    },

    /** What is on its way to the one that pauses. */
    waiting: () => nodes[0].stats().peers.get(PAUSED),

    count: () => ({ sent: sequence, receipts, failures, received, disorder }),
  },
  () => ({ sequence, receipts, failures, received }),
)

/** So many deliveries at a time, each followed by the next: nothing waits anywhere but in the node. */
function deliverAll(inFlight, bytes, signal) {
  const [node] = nodes
  const lane = defer(() => node.deliver({ pid: PAUSED, msg: messageOf(bytes) })).pipe(
    tap({ next: () => receipts++, error: () => failures++ }),
    repeat(),
    takeWhile(() => !signal.aborted),
  )
  const lanes = Array.from({ length: inFlight }, () => lane)
  return new Promise((resolve, reject) => merge(...lanes).subscribe({ complete: resolve, error: reject }))
}

/** As fast as the outbox takes it, with nobody asking whether it arrives. */
async function postAll(bytes, signal) {
  const [node] = nodes
  while (!signal.aborted) {
    for (let count = 0; count < PER_TURN; count++) node.outbox.next({ pid: PAUSED, msg: messageOf(bytes) })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function messageOf(bytes) {
  return { sequence: sequence++, body: new Uint8Array(bytes) }
}
