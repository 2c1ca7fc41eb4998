/** The lives of the peers in a recording: which of them begins when. */
import type { Incarnation } from '../../model/envelope.ts'
import type { Peer } from '../../model/peer.ts'
import type { Pid } from '../../model/pid.ts'
import type { Recording } from '../../recording/recording.ts'

/** One life of a peer, from just after an event on; -1: from the beginning. */
export interface PeerIncarnation {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly afterIndex: number
}

/**
 * When which life of each peer begins. A life that follows another begins when the link to the
 * other broke, if it broke after the last word of that, or else right before its own first word.
 * One that said nothing has a made-up incarnation.
 */
export function peerIncarnationsOf({ peers, events }: Recording): readonly PeerIncarnation[] {
  const incarnations: PeerIncarnation[] = []
  const current = new Map<Pid, Incarnation>()
  const downSince = new Map<Pid, number>()
  const knownPids = new Set(peers.map(({ pid }) => pid))
  for (const [index, event] of events.entries()) {
    if (event.type === 'link') {
      knownPids.add(event.peer)
      if (event.state === 'down' && !downSince.has(event.peer)) downSince.set(event.peer, index)
    } else if (event.type === 'peers') {
      for (const { pid } of event.peers) knownPids.add(pid)
    } else if (event.type === 'received') {
      const { from: pid, incarnation } = event
      const previous = current.get(pid)
      if (previous !== incarnation) {
        const afterIndex = previous === undefined ? -1 : (downSince.get(pid) ?? index - 1)
        incarnations.push({ pid, incarnation, afterIndex })
      }
      current.set(pid, incarnation)
      downSince.delete(pid)
    }
  }
  const silentPids = [...knownPids].filter((pid) => !current.has(pid))
  const synthetic = silentPids.map((pid) => ({
    pid,
    incarnation: syntheticIncarnation(pid),
    afterIndex: -1,
  }))
  return [...synthetic, ...incarnations].toSorted((a, b) => a.afterIndex - b.afterIndex)
}

/** Whoever was a peer at any time, and where; the latest last. */
export function allPeersIn({ peers, events }: Recording): readonly Peer[] {
  return [...peers, ...events.flatMap((event) => (event.type === 'peers' ? event.peers : []))]
}

function syntheticIncarnation(pid: Pid): Incarnation {
  return pid.toString(16).padStart(16, '0')
}
