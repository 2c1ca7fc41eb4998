/** Receipts: what `deliver` emits, for one receiver or for everybody. */
import { defer, merge } from 'rxjs'
import type { OutgoingEnvelope } from '../../model/envelope.ts'
import type { Receipts } from '../../ports/mailbox.ts'
import { BROADCAST, type Pid } from '../../model/pid.ts'
import { ClusterError } from '../../model/cluster-error.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { EnvelopeEncoder } from './envelope-encoder.ts'

/**
 * Stamps an envelope now, and sends it when somebody subscribes.
 *
 * @param receivers who a broadcast goes to
 */
export function deliver(
  envelope: OutgoingEnvelope,
  receivers: Iterable<Pid>,
  encoder: EnvelopeEncoder,
  dispatcher: Dispatcher,
): Receipts {
  const encoded = encoder.encode(envelope)
  if ('reason' in encoded) {
    return defer(() => {
      dispatcher.rejectInvalid(envelope, encoded)
      const message = `the envelope did not leave: ${encoded.reason} (${encoded.detail})`
      throw new ClusterError('NOT_DELIVERED', message)
    })
  }
  const { msgId } = encoded
  if (encoded.pid !== BROADCAST)
    return Object.assign(dispatcher.createDelivery(encoded, encoded.pid).receipts, { msgId })
  const receipts = [...receivers].map((pid) => dispatcher.createDelivery(encoded, pid).receipts)
  return Object.assign(merge(...receipts), { msgId })
}
