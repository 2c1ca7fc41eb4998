// The node that is attacked: answers every envelope, and observes itself.
import { disconnect, serveCommands, settings } from '../child-commands.js'
import { createNode } from '../../dist/index.js'
import { firstValueFrom } from 'rxjs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { snapshotOfPrototypes } from '../prototypes.js'

const MIB = 2 ** 20
const SAMPLE_MS = 50
/** What it sends to the attacker, where the attack needs it. */
const TALK_BYTES = 20_000
const TALK_QUEUED_MAX = 50

const { cluster, pids, publicKeys, secretKey, token, attackerPort, talks } = settings
const prototypes = snapshotOfPrototypes()
const delays = monitorEventLoopDelay({ resolution: 5 })
const self = {
  pid: pids.victim,
  endpoint: 'tcp://127.0.0.1:1',
  bind: 'tcp://127.0.0.1:0',
  publicKey: publicKeys?.victim,
}
const node = await createNode({ cluster, peers: [self] }, pids.victim, { secretKey })
const port = Number(new URL(await firstValueFrom(node.bound())).port)

/** The sequence numbers that it has from the honest node. */
const taken = new Set()
/** Envelopes that the sender did not send: by the pid that they claim. */
const forged = {}
const events = {}
let duplicates = 0
let rssPeak = 0

node.inbox.subscribe(({ pid, msgId, msg }) => {
  if (pid === pids.honest && msg?.token === token) {
    if (taken.has(msg.sequence)) duplicates++
    taken.add(msg.sequence)
  } else forged[pid] = (forged[pid] ?? 0) + 1
  node.outbox.next({ pid, re: msgId, msg })
})
node.deadLetters.subscribe()
node.events.subscribe(({ type, reason }) => {
  const name = reason === undefined ? type : `${type} ${reason}`
  events[name] = (events[name] ?? 0) + 1
})
setInterval(sampleMemory, SAMPLE_MS).unref()

for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, () => void node.close().then(disconnect))

serveCommands(
  {
    peers: ({ honestPort }) => {
      const address = (peerPort) => `tcp://127.0.0.1:${peerPort}`
      const { honest, attacker } = publicKeys ?? {}
      node.addPeer({ pid: pids.honest, endpoint: address(honestPort), publicKey: honest })
      node.addPeer({ pid: pids.attacker, endpoint: address(attackerPort), publicKey: attacker })
    },
    /** Begins a phase. */
    begin: () => {
      rssPeak = 0
      sampleMemory()
      delays.enable()
      delays.reset()
      return rssPeak / MIB
    },
    talk: () => {
      if (!talks) return
      setInterval(() => {
        const { queued } = node.stats().peers.get(pids.attacker)
        for (let count = queued; count < TALK_QUEUED_MAX; count++)
          node.outbox.next({ pid: pids.attacker, msg: new Uint8Array(TALK_BYTES) })
      }, 20).unref()
    },
    report: () => ({
      rssPeakMb: rssPeak / MIB,
      loopDelayMs: delays.max / 1e6,
      forged,
      duplicates,
      events,
      prototypesChanged: snapshotOfPrototypes() !== prototypes,
    }),
    taken: () => [...taken],
    close: async () => {
      await node.close()
      disconnect()
    },
  },
  { port },
)

function sampleMemory() {
  try {
    rssPeak = Math.max(rssPeak, process.memoryUsage.rss())
  } catch {
    // Needs a descriptor.
  }
}
