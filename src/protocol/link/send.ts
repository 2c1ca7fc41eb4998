/** Fills DATA frames round-robin from the ready sessions of a link. */
import type { Link, LinkEffect } from './link-state.ts'
import type { StepContext } from '../step.ts'
import { type OutboundSession, expire, sendNext } from '../session/outbound-session.ts'
import { type OutgoingBatch, inlineBytes, encodeDataFrame } from '../wire/data-frame.ts'
import type { Entry } from '../session/entries.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { NOTHING_DELIVERED } from '../session/entries.ts'
import { hasSeparatePart, sizeOf } from '../wire/entry.ts'

/** The bytes that still fit into a frame. */
interface FrameBudget {
  firstPartBytes: number
  frameBytes: number
}

/** Queues a session for sending if it is established and has unsent entries. */
export function markReady(link: Link, session: OutboundSession): void {
  if (session.status !== 'established' || session.buffer.length === session.written) return
  link.readyQueue.set(session, session)
}

/** Returns the number of DATA frames on the wire, after removing those that have arrived. */
export function countFramesOnWire({ framesOnWire }: Link): number {
  for (;;) {
    const frame = framesOnWire.at(0)
    if (frame === undefined) return 0
    const { session, generation, end } = frame
    if (session.generation === generation && session.received < end) return framesOnWire.length
    framesOnWire.shift()
  }
}

/**
 * Sends the entries of the ready sessions, until window, credit or `framesOnWireMax` stops it.
 *
 * This is all the batching: while it is stopped, the queues grow, and so do the next frames.
 */
export function flush(link: Link, context: StepContext, effects: LinkEffect[]): void {
  if (link.phase !== 'open') return
  // In this order, so that frames that have arrived are removed even if no session is ready.
  while (countFramesOnWire(link) < link.tuning.framesOnWireMax && link.readyQueue.size > 0) {
    const batches = nextBatches(link, context, effects)
    if (batches.length === 0) return
    link.lastSentMs = context.nowMs
    effects.push({ type: 'send', frame: encodeDataFrame(batches) })
  }
}

/** Returns the batches of the next frame; none if no ready session may send. */
function nextBatches(link: Link, context: StepContext, effects: LinkEffect[]): OutgoingBatch[] {
  const { firstPartBytesMax, frameBytesMax, frameBatchesMax } = link.tuning
  const budget: FrameBudget = { firstPartBytes: firstPartBytesMax, frameBytes: frameBytesMax }
  let batches: OutgoingBatch[] = EMPTY_LIST
  let lastSession: OutboundSession | undefined
  while (budget.firstPartBytes > 0 && budget.frameBytes > 0 && batches.length < frameBatchesMax) {
    const session = link.readyQueue.first
    if (session === undefined) break
    link.readyQueue.delete(session)
    const batch =
      session.status === 'established'
        ? nextBatch(link, session, budget, context, effects)
        : undefined
    if (batch === undefined) continue
    batches = append(batches, batch)
    lastSession = session
    markReady(link, session)
  }
  if (lastSession !== undefined) {
    link.framesOnWire.push({
      session: lastSession,
      generation: lastSession.generation,
      end: lastSession.settled + lastSession.written,
    })
  }
  return batches
}

function nextBatch(
  link: Link,
  session: OutboundSession,
  budget: FrameBudget,
  context: StepContext,
  effects: LinkEffect[],
): OutgoingBatch | undefined {
  const dead = expire(session, context.nowMs)
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
  }
  if (session.buffer.unacked === 0) session.stalledSinceMs = context.nowMs
  const { batchEntriesMax } = link.tuning
  const { epoch, settled, receiver } = session
  const first = settled + session.written + 1
  const entries: Entry[] = []
  let inlineSize = 0
  let separateParts = 0
  let urgent = false
  while (budget.firstPartBytes > 0 && budget.frameBytes > 0 && entries.length < batchEntriesMax) {
    const entry = sendNext(session)
    if (entry === undefined) break
    entries.push(entry)
    const entryBytes = inlineBytes(entry)
    inlineSize += entryBytes
    budget.firstPartBytes -= entryBytes
    budget.frameBytes -= sizeOf(entry)
    if (hasSeparatePart(entry)) separateParts++
    if (entry.waiter !== undefined) urgent = true
  }
  if (entries.length === 0) return undefined
  // Entries are left over: an acknowledgement may free window or credit for them.
  if (session.buffer.queued > 0) urgent = true
  if (urgent && session.rttSequence === 0) {
    session.rttSequence = first + entries.length - 1
    session.rttStartMs = context.nowMs
  }
  const toEpoch = receiver?.toEpoch ?? 0
  const { pid } = session.localNode
  return { pid, epoch, toEpoch, settled, first, entries, inlineSize, separateParts, urgent }
}
