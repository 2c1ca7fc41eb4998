/**
 * The one writer of a link: what all its sessions have waiting, in turn, as few frames as it takes.
 */
import type { Link, LinkEffect } from './link.ts'
import type { Moment } from './step.ts'
import { type Outbound, expire, writeNext } from './outbound.ts'
import { bytesInline, encodeBatch } from './wire/batch.ts'
import { NOTHING_DELIVERED } from './entries.ts'

/** DATA frames of a link that are under way, as far as it knows. */
export function framesUnderWay(link: Link): number {
  let frames = 0
  for (const session of link.sessions.values()) frames += session.frameEnds.length
  return frames
}

/**
 * Writes what may be written: a frame of each session in turn, until window, credit or `framesMax`
 * stop it. While it is stopped the queues grow, and so do the next frames: that is the whole
 * batching.
 */
export function flush(link: Link, at: Moment, effects: LinkEffect[]): void {
  if (link.phase !== 'open') return
  const sessions = [...link.sessions.values()]
  let frames = framesUnderWay(link)
  let idle = 0
  while (idle < sessions.length && frames < link.tuning.framesMax) {
    const session = sessions[link.turn++ % sessions.length] as Outbound
    const frame = session.standing === 'welcome' ? nextFrame(link, session, at, effects) : undefined
    if (frame === undefined) {
      idle++
      continue
    }
    idle = 0
    frames++
    link.wroteAtMs = at.nowMs
    effects.push({ type: 'send', frame })
  }
}

function nextFrame(
  link: Link,
  session: Outbound,
  at: Moment,
  effects: LinkEffect[],
): Uint8Array[] | undefined {
  const dead = expire(session, at.nowMs)
  if (dead.length > 0) {
    effects.push({ type: 'settled', session, settlement: { ...NOTHING_DELIVERED, dead } })
  }
  const { batchBytes, frameBytes, batchEntries } = link.tuning
  const first = session.settled + session.written + 1
  const entries: Uint8Array[] = []
  let inline = 0
  let whole = 0
  while (inline < batchBytes && whole < frameBytes && entries.length < batchEntries) {
    const entry = writeNext(session)
    if (entry === undefined) break
    entries.push(entry.bytes)
    inline += bytesInline(entry.bytes)
    whole += entry.bytes.length
  }
  if (entries.length === 0) return undefined
  const end = first + entries.length - 1
  session.frameEnds.push(end)
  session.timed ??= { end, sinceMs: at.nowMs }
  const { from, epoch, settled, receiver } = session
  const toEpoch = receiver?.toEpoch ?? 0
  return encodeBatch({ pid: from, epoch, toEpoch, settled, first }, entries)
}
