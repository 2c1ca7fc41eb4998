/** The incarnations of the peers in a recording, and when each one starts. */
import type { Incarnation } from '../../model/envelope.ts'
import type { Peer } from '../../model/peer.ts'
import type { Pid } from '../../model/pid.ts'
import type { Recording } from '../../recording/recording.ts'

/** An incarnation that starts just after the event with index `afterIndex`; -1: at the start. */
export interface PeerIncarnation {
  readonly pid: Pid
  readonly incarnation: Incarnation
  readonly afterIndex: number
}

/**
 * Returns when each incarnation of each peer starts.
 *
 * A later incarnation starts when the link went down after the last message of the one before. If
 * it did not go down, it starts right before its own first message. A peer that sent nothing gets a
 * synthetic incarnation.
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

/** Returns every peer that the node ever had, with each of its endpoints; the latest last. */
export function allPeersIn({ peers, events }: Recording): readonly Peer[] {
  return [...peers, ...events.flatMap((event) => (event.type === 'peers' ? event.peers : []))]
}

function syntheticIncarnation(pid: Pid): Incarnation {
  return pid.toString(16).padStart(16, '0') as Incarnation
}
