/**
 * One process of the demo: it waits for all the others, broadcasts, and reports what its inbox saw.
 */
import type { Order, Report } from './demo-words.ts'
import { BROADCAST } from '../model/pid.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import { createNode } from '../node/create-node.ts'
import { Seen } from './demo-seen.ts'
import { firstValueFrom } from 'rxjs'

/** How often it reports, in milliseconds. */
const REPORT_MS = 50

/** Envelopes that may wait for one peer before the sender makes a pause. */
const WAITING_MAX = 2_000

const [config = '', pid = ''] = process.argv.slice(2)

process.once('disconnect', () => process.exit(1))
// ^C on a terminal reaches every process; the parent decides how this one ends.
process.on('SIGINT', () => undefined)

try {
  await work(await createNode(config, Number(pid)))
} catch (error) {
  const code = error instanceof ClusterError ? error.code : 'BUG'
  say({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) })
}

async function work(node: ClusterNode): Promise<void> {
  let dead = 0
  node.deadLetters.subscribe(() => dead++)
  const seen = new Seen(say)
  node.inbox.subscribe((envelope) => seen.add(envelope.pid, envelope.msg as number))
  const reports = setInterval(() => seen.report(), REPORT_MS)
  await firstValueFrom(node.ready())
  const orders = new Promise<void>((resolve) => {
    process.on('message', (order: Order) => {
      if (order.type === 'go') void broadcast(node, order.messages)
      else resolve()
    })
  })
  say({ type: 'ready' })
  await orders
  clearInterval(reports)
  await node.close()
  seen.report()
  say({ type: 'done', sent: node.stats().sent, dead })
  process.disconnect()
}

/** Puts its messages into the outbox, numbered from 0, no faster than its peers take them. */
async function broadcast(node: ClusterNode, messages: number): Promise<void> {
  let sequence = 0
  while (sequence < messages) {
    const queued = Math.max(0, ...[...node.stats().peers.values()].map((peer) => peer.queued))
    const end = Math.min(messages, sequence + Math.max(0, WAITING_MAX - queued))
    // Silence is how the parent knows that nothing moves any more.
    if (sequence < end) say({ type: 'sent', count: end })
    while (sequence < end) node.outbox.next({ pid: BROADCAST, msg: sequence++ })
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function say(report: Report): void {
  if (process.connected) process.send?.(report)
}
