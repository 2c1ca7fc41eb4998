/** Whoever owns a session: what its link tells. */
import type { ClusterError } from '../model/cluster-error.ts'
import type { LinkState } from '../model/peer.ts'
import type { RefusalReason } from '../model/node-event.ts'
import type { Settlement } from '../core/entries.ts'

/** What the node behind a session is told. */
export interface SessionOwner {
  /**
   * Counts a settlement; must not call back. Every settlement of a step is counted BEFORE any of
   * them is told.
   */
  count(settlement: Settlement): void
  settled(settlement: Settlement): void
  state(state: LinkState): void
  welcomed(restarted: boolean): void
  refused(reason: RefusalReason, detail: string): void
  badFrame(detail: string): void
  /** No socket could be opened for the link; told once until one can. */
  failed(error: ClusterError): void
}
