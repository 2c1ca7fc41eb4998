import type { Dealer, Router } from 'zeromq';
/**
 * Tells `hear` of every message of a socket.
 *
 * Parts over 128 bytes are not copied: each is a window onto memory of libzmq, and a part of 200
 * bytes may hold 8 KiB of it. Nobody writes to it again, but whoever keeps a part keeps all that;
 * so it is decoded at once, and what is kept is copied by who keeps it.
 *
 * @param hear must not throw
 * @returns when the socket is closed
 */
export declare function readFrames(socket: Dealer | Router, hear: (parts: Buffer[]) => void): Promise<void>;
