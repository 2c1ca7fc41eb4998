/** Whoever owns a session: what its link tells. */
import type { ClusterError } from '../../model/cluster-error.ts'
import type { LinkState } from '../../model/peer.ts'
import type { RefusalReason } from '../../model/node-event.ts'
import type { Settlement } from '../../protocol/session/entries.ts'

/** What the node behind a session is told. */
export interface SessionObserver {
  /**
   * Counts a settlement; must not call back. Every settlement of a step is counted BEFORE any of
   * them is told.
   */
  recordSettlement(settlement: Settlement): void
  settled(settlement: Settlement): void
  linkState(linkState: LinkState): void
  established(restarted: boolean): void
  refused(reason: RefusalReason, detail: string): void
  badFrame(detail: string): void
  /** No socket could be opened for the link; told once until one can. */
  linkFailed(error: ClusterError): void
}
