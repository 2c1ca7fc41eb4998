// A node in a process of its own: it floods its peer, records what it takes, and tells both when it is asked.
import { isIntact, messageOf } from './message.js'
import { leave, say, settings, takeOrders } from './orders.js'
import { openSync, writeSync } from 'node:fs'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { createNode } from '../dist/index.js'
import { firstValueFrom } from 'rxjs'
import { Record } from './record.js'

/** What waits for the peer at most: below `bufSize` and `bufBytes`, as backpressure would keep it. */
const QUEUED_MAX = 4_000
const QUEUED_BYTES_MAX = 32 * 2 ** 20

const { pid, sender = pid, cluster = 'faults', port = 0, size = 32, deliverEvery = Infinity, limits } = settings
const queuedMax = Math.min(QUEUED_MAX, Math.floor(QUEUED_BYTES_MAX / size))
const me = { pid, endpoint: 'tcp://127.0.0.1:1', bind: `tcp://127.0.0.1:${port}` }
const node = await createNode({ cluster, ...limits, peers: [me] }, pid)
const bound = await firstValueFrom(node.bound())

const record = new Record()
/** What was sent and will not arrive: `[sequence, reason, outcome, lives of the peer]`. */
const letters = []
/** Deliveries: sequences that have a receipt, and codes of those that have an error. */
const receipts = []
const refusals = []
const events = {}
const waiting = []
let life
let lives = 0
let lawBroken = 0
let granted = 0
let total = 0
let sent = 0

/** Before the acknowledgement can leave it is in the file: what a killed process has taken can be read there. */
const writeTaken = log(settings.log)
const writeReceipt = log(settings.receiptLog)
node.inbox.subscribe(({ msg }) => {
  writeTaken(msg.sequence)
  record.take(msg, isIntact(msg, size))
  if (record.taken === 1) say('first')
  while (waiting[0]?.count <= record.taken) waiting.shift().resolve()
})
node.deadLetters.subscribe(({ envelope, reason, outcome }) => {
  letters.push([envelope.msg.sequence, reason, outcome, lives])
})
node.events.subscribe(({ type, reason, incarnation }) => {
  if (type === 'welcomed' && incarnation !== life) {
    life = incarnation
    lives++
  }
  const name = reason === undefined ? type : `${type} ${reason}`
  events[name] = (events[name] ?? 0) + 1
})

takeOrders(
  {
    peer: ({ pid, port }) => node.addPeer({ pid, endpoint: `tcp://127.0.0.1:${port}` }),
    ready: async () => void (await firstValueFrom(node.ready())),
    /** Raises how many may be sent. */
    grant: ({ messages }) => void (granted = messages),
    flood,
    /** What was sent up to now is all. */
    stop: () => void (total = sent),
    /** Answers once it has taken so many. */
    reach: ({ count }) =>
      record.taken >= count ? undefined : new Promise((resolve) => waiting.push({ count, resolve })),
    block: ({ ms }) => {
      const endMs = performance.now() + ms
      while (performance.now() < endMs);
    },
    /** For so long the inbox takes nothing; what has come is held, and not acknowledged. */
    pause: async ({ ms }) => {
      const resume = node.pause()
      await sleep(ms)
      resume()
    },
    tally: ({ sender, sent }) => record.tally(sender, sent),
    report,
    close: async () => {
      await node.close()
      leave()
    },
  },
  { port: Number(new URL(bound).port) },
)

/** Sends as fast as it may, until all that was granted for good is sent and settled. */
async function flood({ to, messages }) {
  const startMs = performance.now()
  total = messages
  for (let sequence = 0; sequence < total; ) {
    const room = queuedMax - node.stats().peers.get(to).queued
    const end = Math.min(total, granted, sequence + Math.max(0, room))
    const idle = sequence === end
    while (sequence < end) send(to, sequence++)
    sent = sequence
    checkLaw()
    await (idle ? sleep(1) : turn())
  }
  while (node.stats().inFlight > 0) {
    checkLaw()
    await sleep(1)
  }
  checkLaw()
  return { sent, seconds: (performance.now() - startMs) / 1_000 }
}

function send(to, sequence) {
  const envelope = { pid: to, msg: messageOf(sender, sequence, size) }
  if (sequence % deliverEvery !== deliverEvery - 1) return node.outbox.next(envelope)
  node.deliver(envelope).subscribe({
    complete: () => {
      receipts.push(sequence)
      writeReceipt(sequence)
      if (receipts.length === 1) say('receipt')
    },
    error: ({ code }) => refusals.push([sequence, code]),
  })
}

function checkLaw() {
  const all = node.stats()
  for (const { sent, delivered, dead, inFlight } of [all, ...all.peers.values()]) {
    if (sent !== delivered + dead + inFlight) lawBroken++
  }
}

function report() {
  const { peers, ...totals } = node.stats()
  const links = Object.fromEntries(node.links.value)
  const counted = { ...totals, peers: Object.fromEntries(peers), links, events, lawBroken }
  return { ...counted, sent, taken: record.taken, letters, receipts, refusals }
}

/** Writes numbers to a file, each at once. */
function log(path) {
  if (path === undefined) return () => undefined
  const file = openSync(path, 'a')
  return (number) => writeSync(file, `${number}\n`)
}
