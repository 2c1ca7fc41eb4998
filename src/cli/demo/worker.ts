/** The program of a demo process: broadcasts numbers, and reports those that it receives. */
import { type ParentMessage, type SequenceRange, type WorkerMessage, wallClockMs } from './ipc.ts'
import { BROADCAST } from '../../model/pid.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { ClusterNode } from '../../node/cluster-node.ts'
import { createNode } from '../../node/create-node.ts'
import { firstValueFrom } from 'rxjs'

const REPORT_MS = 50

/** Broadcasting pauses while this many envelopes are queued for one peer. */
const QUEUED_MAX = 2_000

const [config = '', pid = ''] = process.argv.slice(2)

process.once('disconnect', () => process.exit(1))
// A terminal sends ^C to every process of the demo. The parent decides how this one ends.
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
  const report = reportReceived(node)
  const reportTimer = setInterval(report, REPORT_MS)
  send({ type: 'open' })
  await firstValueFrom(node.ready())
  const stopRequested = new Promise<void>((resolve) => {
    process.on('message', (message: ParentMessage) => {
      if (message.type === 'start') void broadcast(node, message.messages)
      else resolve()
    })
  })
  send({ type: 'ready' })
  await stopRequested
  clearInterval(reportTimer)
  await node.close()
  report()
  send({ type: 'done', sent: node.stats().sent, dead })
  process.disconnect()
}

/** Collects the numbers that the inbox emits. @returns sends those since the last report */
function reportReceived(node: ClusterNode): () => void {
  let ranges: [sender: number, first: number, last: number][] = []
  let atMs = 0
  node.inbox.subscribe(({ pid: sender, msg }) => {
    const sequence = msg as number
    atMs = wallClockMs()
    const range = ranges.at(-1)
    if (range?.[0] === sender && range[2] + 1 === sequence) range[2] = sequence
    else ranges.push([sender, sequence, sequence])
  })
  return () => {
    if (ranges.length === 0) return
    const reported: readonly SequenceRange[] = ranges
    ranges = []
    send({ type: 'received', ranges: reported, atMs })
  }
}

/** Broadcasts the numbers from 0 up, no faster than the slowest peer accepts them. */
async function broadcast(node: ClusterNode, messages: number): Promise<void> {
  let sequence = 0
  while (sequence < messages) {
    const queued = Math.max(0, ...[...node.stats().peers.values()].map((peer) => peer.queued))
    const end = Math.min(messages, sequence + Math.max(0, QUEUED_MAX - queued))
    // No report without progress: the parent detects a stall by silence.
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
