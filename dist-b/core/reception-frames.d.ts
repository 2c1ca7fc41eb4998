/** What a reception makes of the frames that callers send. */
import type { ConnectionId } from './inbound.ts';
import type { RefusedFrame, WireFrame } from './wire/frames.ts';
import type { Reception, ReceptionEffect } from './reception.ts';
/** Takes in one frame of a caller. */
export declare function receive(state: Reception, connection: ConnectionId, frame: WireFrame, effects: ReceptionEffect[]): void;
/** Refuses. */
export declare function refuse(connection: ConnectionId, frame: Omit<RefusedFrame, 'type'>, effects: ReceptionEffect[]): void;
