/** Receipts: what `deliver` emits, for one receiver or for everybody. */
import { type Observable, defer, merge } from 'rxjs'
import type { OutgoingEnvelope, Receipt } from '../model/envelope.ts'
import { BROADCAST, type Pid } from '../model/pid.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Mailroom } from './mailroom.ts'
import type { Stamper } from './stamp.ts'

/**
 * Stamps an envelope now, and sends it when somebody subscribes.
 *
 * @param everybody who a broadcast goes to
 */
export function receiptsOf(
  envelope: OutgoingEnvelope,
  everybody: Iterable<Pid>,
  stamper: Stamper,
  mailroom: Mailroom,
): Observable<Receipt> {
  const stamped = stamper.stamp(envelope)
  if ('reason' in stamped) {
    return defer(() => {
      mailroom.refuse(envelope, stamped)
      const why = `the envelope did not leave: ${stamped.reason} (${stamped.detail})`
      throw new ClusterError('NOT_DELIVERED', why)
    })
  }
  if (stamped.pid !== BROADCAST) return mailroom.delivery(stamped).receipts
  return merge(...[...everybody].map((pid) => mailroom.delivery({ ...stamped, pid }).receipts))
}
