/** Receipts: what `deliver` emits, for one receiver or for everybody. */
import { defer, merge } from 'rxjs'
import type { OutgoingEnvelope } from '../model/envelope.ts'
import type { Receipts } from '../ports/post.ts'
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
): Receipts {
  const stamped = stamper.stamp(envelope)
  if ('reason' in stamped) {
    return defer(() => {
      mailroom.refuse(envelope, stamped)
      const why = `the envelope did not leave: ${stamped.reason} (${stamped.detail})`
      throw new ClusterError('NOT_DELIVERED', why)
    })
  }
  const { msgId } = stamped
  if (stamped.pid !== BROADCAST)
    return Object.assign(mailroom.delivery(stamped, stamped.pid).receipts, { msgId })
  const each = [...everybody].map((pid) => mailroom.delivery(stamped, pid).receipts)
  return Object.assign(merge(...each), { msgId })
}
