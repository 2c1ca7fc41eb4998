/** The ledger of a node: what became of the envelopes for each receiver. */
import type { PeerStats, Tally } from '../model/stats.ts'
import type { Outbound } from '../core/outbound.ts'
import { inFlight } from '../core/outbound.ts'

/** Counts one receiver's envelopes. */
export class Account implements Tally {
  sent = 0
  delivered = 0
  dead = 0
  received = 0
  /** Where the envelopes in flight are; none for the receivers that are no peers. */
  protected session: Outbound | undefined = undefined

  /** Counted where they are, so that the law can fail where the code is wrong. */
  get inFlight(): number {
    return this.session === undefined ? 0 : inFlight(this.session)
  }

  /** Takes over what a former peer's account says; nothing is in flight there any more. */
  add(former: Account): void {
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
      queued: this.session?.mail.waiting ?? 0,
      unacknowledged: this.session?.mail.unacked ?? 0,
      received,
      roundTripMs: this.session?.roundTripMs,
    }
  }
}

/** Adds up accounts. */
export function total(accounts: Iterable<Tally>): Tally {
  const sum = { sent: 0, delivered: 0, dead: 0, inFlight: 0 }
  for (const account of accounts) {
    sum.sent += account.sent
    sum.delivered += account.delivered
    sum.dead += account.dead
    sum.inFlight += account.inFlight
  }
  return sum
}
