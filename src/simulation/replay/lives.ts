/** The lives of the peers in a recording: which of them begins when. */
import type { Incarnation } from '../../model/envelope.ts'
import type { Peer } from '../../model/peer.ts'
import type { Pid } from '../../model/pid.ts'
import type { Recording } from '../../model/recording.ts'

/** One life of a peer, from just after an event on; -1: from the beginning. */
export interface PeerLife {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly after: number
}

/**
 * When which life of each peer begins. A life that follows another begins when the link to the
 * other broke, if it broke after the last word of that, or else right before its own first word.
 * One that said nothing has a made-up incarnation.
 */
export function livesOf({ peers, events }: Recording): readonly PeerLife[] {
  const lives: PeerLife[] = []
  const present = new Map<Pid, Incarnation>()
  const broken = new Map<Pid, number>()
  const silent = new Set(peers.map(({ pid }) => pid))
  for (const [index, event] of events.entries()) {
    if (event.type === 'link') {
      silent.add(event.peer)
      if (event.state === 'down' && !broken.has(event.peer)) broken.set(event.peer, index)
    } else if (event.type === 'peers') {
      for (const { pid } of event.peers) silent.add(pid)
    } else if (event.type === 'received') {
      const { from: pid, incarnation } = event
      const before = present.get(pid)
      if (before !== incarnation) {
        const after = before === undefined ? -1 : (broken.get(pid) ?? index - 1)
        lives.push({ pid, incarnation, after })
      }
      present.set(pid, incarnation)
      broken.delete(pid)
    }
  }
  const others = [...silent].filter((pid) => !present.has(pid))
  const made = others.map((pid) => ({ pid, incarnation: madeUp(pid), after: -1 }))
  return [...made, ...lives].toSorted((a, b) => a.after - b.after)
}

/** Whoever was a peer at any time, and where; the latest last. */
export function everybodyIn({ peers, events }: Recording): readonly Peer[] {
  return [...peers, ...events.flatMap((event) => (event.type === 'peers' ? event.peers : []))]
}

function madeUp(pid: Pid): Incarnation {
  return pid.toString(16).padStart(16, '0')
}
