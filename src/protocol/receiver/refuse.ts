/** Sends REFUSED. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { ReceiverEffect } from './receiver-state.ts'
import type { RefusedFrame } from '../wire/frames.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** Sends REFUSED. */
export function refuse(
  connection: ConnectionId,
  frame: Omit<RefusedFrame, 'type'>,
  effects: ReceiverEffect[],
): void {
  effects.push({ type: 'send', connection, frame: [encodeFrame({ type: 'refused', ...frame })] })
}
