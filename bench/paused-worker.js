// The sender, the node that pauses, or the nodes that only reply. Started with --expose-gc.
import { library, pauseNode, pausingMergeMap, rxjs } from './adapters.js'
import { nowMs, serve } from './worker-pool.js'
import { setTimeout as sleep } from 'node:timers/promises'

const { BehaviorSubject, concat, defer, filter, firstValueFrom, ignoreElements } = rxjs
const { map, merge, of, repeat, take, takeWhile, tap } = rxjs
const { createNode, fromPeer, reply } = library

/** The configured endpoint; the real port is chosen by the system. */
const UNUSED_ENDPOINT = 'tcp://127.0.0.1:1'
const SENDER = 1
const PAUSED = 2

/** Envelopes per turn of the event loop; there is no pause between turns. */
const PER_TURN = 50

const PING_EVERY_MS = 10

/** Queued and concurrent work of `boundedMergeMap`; a concurrency of 1 keeps the order. */
const WORK_QUEUED_MAX = 1_000
const CONCURRENCY = 1

let nodes = []
/** Of the sender: the next sequence number, receipts, and failed deliveries. */
let sequence = 0
let receipts = 0
let failures = 0
let sending = new AbortController()
let ended = Promise.resolve()
/** Of the node that pauses. */
let received = 0
let last = -1
let disorder = 0
let resume = () => undefined
const isOpen$ = new BehaviorSubject(true)

serve(
  {
    open: async ({ pids, limits }) => {
      const open = (pid) =>
        createNode(
          {
            cluster: 'paused',
            peers: [{ pid, endpoint: UNUSED_ENDPOINT, bind: 'tcp://127.0.0.1:0' }],
          },
          pid,
          limits,
        )
      nodes = await Promise.all(pids.map(open))
      return Promise.all(
        nodes.map(async (node) => ({
          pid: node.pid,
          endpoint: await firstValueFrom(node.bound()),
        })),
      )
    },

    connect: async (peers) => {
      for (const node of nodes) {
        node.peers.next(
          new Map(peers.filter(({ pid }) => pid !== node.pid).map((peer) => [peer.pid, peer])),
        )
      }
      await Promise.all(nodes.map((node) => firstValueFrom(node.ready())))
    },

    /** Replies to every message with the message itself. */
    echo: () =>
      nodes.forEach((node) =>
        node.inbox.pipe(map((envelope) => reply(envelope, envelope.msg))).subscribe(node.outbox),
      ),

    /** Receives envelopes directly, or through `boundedMergeMap`. */
    receive: ({ isBounded }) => {
      const [node] = nodes
      const envelopes$ = node.inbox.pipe(fromPeer(SENDER))
      const waitUntilOpen = ({ msg }) =>
        concat(isOpen$.pipe(filter(Boolean), take(1), ignoreElements()), of(msg))
      const messages$ = isBounded
        ? envelopes$.pipe(
            pausingMergeMap(node, waitUntilOpen, {
              bufSize: WORK_QUEUED_MAX,
              concurrency: CONCURRENCY,
            }),
          )
        : envelopes$.pipe(map(({ msg }) => msg))
      messages$.subscribe((msg) => {
        received++
        if (msg.sequence <= last) disorder++
        last = msg.sequence
      })
    },

    /** Pauses the node, or blocks the work of `boundedMergeMap`, which then pauses the node. */
    pause: ({ isBounded }) => {
      if (isBounded) isOpen$.next(false)
      else resume = pauseNode(nodes[0])
    },

    resume: () => {
      isOpen$.next(true)
      resume()
    },

    /** Sends at full speed, until `stop`. */
    start: ({ inFlight, bytes }) => {
      sending = new AbortController()
      ended =
        inFlight > 0 ? deliverAll(inFlight, bytes, sending.signal) : sendAll(bytes, sending.signal)
    },

    /** Stops sending; queued envelopes stay queued. */
    stop: () => sending.abort(),

    /** Waits until nothing is in flight. */
    drain: async () => {
      await ended
      while (nodes[0].stats().inFlight > 0) await sleep(10)
    },

    /** Pings each of the others repeatedly. @returns percentiles of the round-trip times */
    ping: async ({ pids, seconds }) => {
      const [node] = nodes
      const roundTripsMs = []
      const replies = node.inbox
        .pipe(fromPeer(...pids))
        .subscribe(({ msg }) => roundTripsMs.push(nowMs() - msg.pingMs))
      const endMs = nowMs() + seconds * 1000
      while (nowMs() < endMs) {
        for (const pid of pids) node.outbox.next({ pid, msg: { pingMs: nowMs() } })
        await sleep(PING_EVERY_MS)
      }
      await sleep(500)
      replies.unsubscribe()
      const sorted = Float64Array.from(roundTripsMs).sort()
      const at = (share) =>
        Math.round(sorted[Math.floor((sorted.length - 1) * share)] * 1000) / 1000
      return { replies: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
    },

    measureMemory: async () => {
      for (let round = 0; round < 4; round++) {
        globalThis.gc()
        await sleep(100)
      }
      return process.memoryUsage().rss
    },

    /** @returns the counters of the node that pauses */
    waiting: () => nodes[0].stats().peers.get(PAUSED),

    count: () => ({ sent: sequence, receipts, failures, received, disorder }),
  },
  () => ({ sequence, receipts, failures, received }),
)

/** Keeps `inFlight` deliveries in flight: envelopes queue only inside of the node. */
function deliverAll(inFlight, bytes, signal) {
  const [node] = nodes
  const lane = defer(() => node.deliver({ pid: PAUSED, msg: messageOf(bytes) })).pipe(
    tap({ next: () => receipts++, error: () => failures++ }),
    repeat(),
    takeWhile(() => !signal.aborted),
  )
  const lanes = Array.from({ length: inFlight }, () => lane)
  return new Promise((resolve, reject) =>
    merge(...lanes).subscribe({ complete: resolve, error: reject }),
  )
}

/** Sends as fast as the outbox accepts, without receipts. */
async function sendAll(bytes, signal) {
  const [node] = nodes
  while (!signal.aborted) {
    for (let count = 0; count < PER_TURN; count++)
      node.outbox.next({ pid: PAUSED, msg: messageOf(bytes) })
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function messageOf(bytes) {
  return { sequence: sequence++, body: new Uint8Array(bytes) }
}
