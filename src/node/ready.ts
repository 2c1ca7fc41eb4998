/** Readiness: enough peers are up at once. */
import { type Observable, filter, take, throwIfEmpty } from 'rxjs'
import { ClusterError } from '../model/cluster-error.ts'
import type { Links } from '../model/peer.ts'
import type { Post } from '../ports/post.ts'

/**
 * Emits once and completes when so many peers are up; errors with `CLOSED` if `links` ends before.
 *
 * @param count default: all there are then
 */
export function readyOf({ pid, peers, links }: Post, count?: number): Observable<Links> {
  const isReady = (states: Links): boolean => {
    let up = 0
    // `links` is told a turn later than `peers`.
    for (const peer of peers.value.keys()) if (states.get(peer) === 'up') up++
    return up >= (count ?? peers.value.size)
  }
  const closed = (): ClusterError =>
    new ClusterError('CLOSED', `node ${pid} was closed before its peers were up`)
  return links.pipe(filter(isReady), take(1), throwIfEmpty(closed))
}
