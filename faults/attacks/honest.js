// The peer that nothing may happen to: 200 `deliver` per second, and what became of each.
import { disconnect, serveCommands, settings } from '../child-commands.js'
import { createNode } from '../../dist/index.js'
import { firstValueFrom } from 'rxjs'
import { setTimeout as sleep } from 'node:timers/promises'

const INTERVAL_MS = 5

const { cluster, pids, publicKeys, secretKey, token, victimPort } = settings
const self = {
  pid: pids.honest,
  endpoint: 'tcp://127.0.0.1:1',
  bind: 'tcp://127.0.0.1:0',
  publicKey: publicKeys?.honest,
}
const node = await createNode({ cluster, peers: [self] }, pids.honest, { secretKey })
const port = Number(new URL(await firstValueFrom(node.bound())).port)

const receipts = []
const failures = []
/** By phase: how long each receipt took, in milliseconds. */
const latencies = {}
let phase
let sequence = 0
let startMs = 0
const pending = new Set()
node.deadLetters.subscribe()
node.inbox.subscribe()

serveCommands(
  {
    connect: async () => {
      const endpoint = `tcp://127.0.0.1:${victimPort}`
      node.addPeer({ pid: pids.victim, endpoint, publicKey: publicKeys?.victim })
      await firstValueFrom(node.ready({ timeoutMs: 10_000 }))
    },
    phase: ({ name }) => {
      latencies[name] = []
      phase = name
      if (startMs > 0) return
      startMs = performance.now()
      setInterval(send, INTERVAL_MS).unref()
    },
    /** Sends no more, and waits until all is settled. */
    stop: async ({ timeoutMs }) => {
      phase = undefined
      const endMs = performance.now() + timeoutMs
      while (pending.size > 0 && performance.now() < endMs) await sleep(20)
      const codes = {}
      for (const code of failures) codes[code] = (codes[code] ?? 0) + 1
      return { sent: sequence, receipts, pending: pending.size, codes, p99: p99s() }
    },
    report: () => ({ sent: sequence, receipts, pending: pending.size }),
    close: async () => {
      await node.close()
      disconnect()
    },
  },
  { port },
)

/** Timers that come late are made up for: the rate holds on a busy machine. */
function send() {
  if (phase === undefined) return
  const due = Math.floor((performance.now() - startMs) / INTERVAL_MS)
  while (sequence < due) deliver(sequence++, latencies[phase])
}

function deliver(number, into) {
  const sentMs = performance.now()
  pending.add(number)
  node.deliver({ pid: pids.victim, msg: { token, sequence: number } }).subscribe({
    complete: () => {
      pending.delete(number)
      receipts.push(number)
      into.push(performance.now() - sentMs)
    },
    error: ({ code }) => {
      pending.delete(number)
      failures.push(code)
    },
  })
}

function p99s() {
  const p99 = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.99)]
  return Object.fromEntries(Object.entries(latencies).map(([name, list]) => [name, p99(list)]))
}
