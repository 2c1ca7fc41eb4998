/**
 * One process of the demo: it waits for all the others, broadcasts, and reports what its inbox saw.
 */
import type { ParentMessage, WorkerMessage } from './ipc.ts'
import { BROADCAST } from '../../model/pid.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { ClusterNode } from '../../node/cluster-node.ts'
import { createNode } from '../../node/create-node.ts'
import { ReceivedRanges } from './received-ranges.ts'
import { firstValueFrom } from 'rxjs'

/** How often it reports, in milliseconds. */
const FLUSH_MS = 50

/** Envelopes that may wait for one peer before the sender makes a pause. */
const QUEUED_MAX = 2_000

const [config = '', pid = ''] = process.argv.slice(2)

process.once('disconnect', () => process.exit(1))
// ^C on a terminal reaches every process; the parent decides how this one ends.
process.on('SIGINT', () => undefined)

try {
  await runWorker(await createNode(config, Number(pid)))
} catch (error) {
  const code = error instanceof ClusterError ? error.code : 'BUG'
  send({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) })
}

async function runWorker(node: ClusterNode): Promise<void> {
  let dead = 0
  node.deadLetters.subscribe(() => dead++)
  const ranges = new ReceivedRanges(send)
  node.inbox.subscribe((envelope) => ranges.add(envelope.pid, envelope.msg as number))
  const flushTimer = setInterval(() => ranges.report(), FLUSH_MS)
  await firstValueFrom(node.ready())
  const stopRequested = new Promise<void>((resolve) => {
    process.on('message', (message: ParentMessage) => {
      if (message.type === 'start') void broadcast(node, message.messages)
      else resolve()
    })
  })
  send({ type: 'ready' })
  await stopRequested
  clearInterval(flushTimer)
  await node.close()
  ranges.report()
  send({ type: 'done', sent: node.stats().sent, dead })
  process.disconnect()
}

/** Puts its messages into the outbox, numbered from 0, no faster than its peers take them. */
async function broadcast(node: ClusterNode, messages: number): Promise<void> {
  let sequence = 0
  while (sequence < messages) {
    const queued = Math.max(0, ...[...node.stats().peers.values()].map((peer) => peer.queued))
    const end = Math.min(messages, sequence + Math.max(0, QUEUED_MAX - queued))
    // Silence is how the parent knows that nothing moves any more.
    if (sequence < end) send({ type: 'sent', count: end })
    while (sequence < end) node.outbox.next({ pid: BROADCAST, msg: sequence++ })
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function send(message: WorkerMessage): void {
  if (process.connected) process.send?.(message)
}
