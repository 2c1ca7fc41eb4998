/** Sends REFUSED. */
import type { ConnectionId } from '../../ports/transport.ts'
import type { ReceiverEffect } from './receiver-state.ts'
import type { RefusedFrame } from '../wire/frames.ts'
import { PIDS_PER_FRAME_MAX } from '../wire/frames.ts'
import { encodeFrame } from '../wire/encode-frame.ts'

/** Sends REFUSED, and further frames for what one cannot list. */
export function refuse(
  connection: ConnectionId,
  frame: Omit<RefusedFrame, 'type'>,
  effects: ReceiverEffect[],
): void {
  const { pids } = frame
  for (let from = 0; from === 0 || from < pids.length; from += PIDS_PER_FRAME_MAX) {
    const chunk = pids.slice(from, from + PIDS_PER_FRAME_MAX)
    const refused = encodeFrame({ type: 'refused', ...frame, pids: chunk })
    effects.push({ type: 'send', connection, frame: [refused] })
  }
}
