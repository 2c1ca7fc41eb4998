/** The ledger of a node: what became of the envelopes for each receiver. */
import type { PeerStats, Counters } from '../model/stats.ts'
import type { OutboundSession } from '../protocol/session/outbound-session.ts'
import { inFlight } from '../protocol/session/outbound-session.ts'

/** Counts one receiver's envelopes. */
export class PeerCounters implements Counters {
  sent = 0
  delivered = 0
  dead = 0
  received = 0
  /** Where the envelopes in flight are; none for the receivers that are no peers. */
  protected session: OutboundSession | undefined = undefined

  /** Counted where they are, so that the law can fail where the code is wrong. */
  get inFlight(): number {
    return this.session === undefined ? 0 : inFlight(this.session)
  }

  /** Takes over what a former peer's account says; nothing is in flight there any more. */
  absorb(former: PeerCounters): void {
    this.sent += former.sent
    this.delivered += former.delivered
    this.dead += former.dead
  }

  stats(): PeerStats {
    const { sent, delivered, dead, received } = this
    return {
      sent,
      delivered,
      dead,
      inFlight: this.inFlight,
      queued: this.session?.buffer.queued ?? 0,
      unacknowledged: this.session?.buffer.unacked ?? 0,
      received,
      roundTripMs: this.session?.roundTripMs,
    }
  }
}

/** Adds up accounts. */
export function sumCounters(counters: Iterable<Counters>): Counters {
  const sum = { sent: 0, delivered: 0, dead: 0, inFlight: 0 }
  for (const each of counters) {
    sum.sent += each.sent
    sum.delivered += each.delivered
    sum.dead += each.dead
    sum.inFlight += each.inFlight
  }
  return sum
}
