// A node in a process of its own: floods its peer, logs what it receives, and reports both.
import { isIntact, messageOf } from './message.js'
import { disconnect, emit, serveCommands, settings } from './child-commands.js'
import { openSync, writeSync } from 'node:fs'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { createNode } from '../dist/index.js'
import { firstValueFrom } from 'rxjs'
import { DeliveryLog } from './delivery-log.js'

/** Limits of the queue: below `bufSize` and `bufBytes`, as with backpressure. */
const QUEUED_MAX = 4_000
const QUEUED_BYTES_MAX = 32 * 2 ** 20

const {
  pid,
  sender = pid,
  cluster = 'faults',
  port = 0,
  size = 32,
  deliverEvery = Infinity,
  limits,
} = settings
const queuedMax = Math.min(QUEUED_MAX, Math.floor(QUEUED_BYTES_MAX / size))
const self = { pid, endpoint: 'tcp://127.0.0.1:1', bind: `tcp://127.0.0.1:${port}` }
const node = await createNode({ cluster, ...limits, peers: [self] }, pid)
const bound = await firstValueFrom(node.bound())

const deliveries = new DeliveryLog()
/** Dead letters: `[sequence, reason, outcome, number of incarnations of the peer so far]`. */
const deadLetters = []
/** Results of `deliver`: sequences with a receipt, and sequences with the code of their error. */
const receipts = []
const failures = []
const events = {}
const waiting = []
let incarnation
let incarnations = 0
let violations = 0
let granted = 0
let total = 0
let sent = 0

/** Written before the acknowledgement is sent: the log is complete when the process is killed. */
const writeReceived = log(settings.log)
const writeReceipt = log(settings.receiptLog)
node.inbox.subscribe(({ msg }) => {
  writeReceived(msg.sequence)
  deliveries.add(msg, isIntact(msg, size))
  if (deliveries.received === 1) emit('first-message')
  while (waiting[0]?.count <= deliveries.received) waiting.shift().resolve()
})
node.deadLetters.subscribe(({ envelope, reason, outcome }) => {
  deadLetters.push([envelope.msg.sequence, reason, outcome, incarnations])
})
node.events.subscribe(({ type, reason, incarnation: current }) => {
  if (type === 'accepted-by-peer' && current !== incarnation) {
    incarnation = current
    incarnations++
  }
  const name = reason === undefined ? type : `${type} ${reason}`
  events[name] = (events[name] ?? 0) + 1
})

serveCommands(
  {
    peer: ({ pid, port }) => node.addPeer({ pid, endpoint: `tcp://127.0.0.1:${port}` }),
    ready: async () => void (await firstValueFrom(node.ready())),
    /** Raises how many messages may be sent. */
    grant: ({ messages }) => void (granted = messages),
    flood,
    /** Ends the flood with what was sent so far. */
    stop: () => void (total = sent),
    /** Answers once `count` messages were received. */
    reach: ({ count }) =>
      deliveries.received >= count
        ? undefined
        : new Promise((resolve) => waiting.push({ count, resolve })),
    block: ({ ms }) => {
      const endMs = performance.now() + ms
      while (performance.now() < endMs);
    },
    /** Pauses the inbox; envelopes that arrive are neither delivered nor acknowledged. */
    pause: async ({ ms }) => {
      const paused = node.pause()
      await sleep(ms)
      paused.unsubscribe()
    },
    summary: ({ sender, sent }) => deliveries.summary(sender, sent),
    report,
    close: async () => {
      await node.close()
      disconnect()
    },
  },
  { port: Number(new URL(bound).port) },
)

/** Sends as fast as the grants allow, until all messages are sent and settled. */
async function flood({ to, messages }) {
  const startMs = performance.now()
  total = messages
  for (let sequence = 0; sequence < total;) {
    const room = queuedMax - node.stats().peers.get(to).queued
    const end = Math.min(total, granted, sequence + Math.max(0, room))
    const idle = sequence === end
    while (sequence < end) send(to, sequence++)
    sent = sequence
    checkInvariant()
    await (idle ? sleep(1) : turn())
  }
  while (node.stats().inFlight > 0) {
    checkInvariant()
    await sleep(1)
  }
  checkInvariant()
  return { sent, seconds: (performance.now() - startMs) / 1_000 }
}

function send(to, sequence) {
  const envelope = { pid: to, msg: messageOf(sender, sequence, size) }
  if (sequence % deliverEvery !== deliverEvery - 1) return node.outbox.next(envelope)
  node.deliver(envelope).subscribe({
    complete: () => {
      receipts.push(sequence)
      writeReceipt(sequence)
      if (receipts.length === 1) emit('first-receipt')
    },
    error: ({ code }) => failures.push([sequence, code]),
  })
}

/** Invariant: sent = delivered + dead + inFlight. */
function checkInvariant() {
  const all = node.stats()
  for (const { sent, delivered, dead, inFlight } of [all, ...all.peers.values()]) {
    if (sent !== delivered + dead + inFlight) violations++
  }
}

function report() {
  const { peers, ...totals } = node.stats()
  const links = Object.fromEntries([...node.links.value].map(([pid, { state }]) => [pid, state]))
  const counted = { ...totals, peers: Object.fromEntries(peers), links, events, violations }
  return { ...counted, sent, received: deliveries.received, deadLetters, receipts, failures }
}

/** @returns a function that appends a number to a file synchronously */
function log(path) {
  if (path === undefined) return () => undefined
  const file = openSync(path, 'a')
  return (number) => writeSync(file, `${number}\n`)
}
