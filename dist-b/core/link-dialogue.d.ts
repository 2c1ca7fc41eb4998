import type { Link, LinkEffect } from './link.ts';
import type { Moment } from './step.ts';
import type { Outbound } from './outbound.ts';
/** Tells whether a session may ask to be let in by now. */
export declare function mayAsk(session: Outbound, nowMs: number): boolean;
/** Says HELLO for every session that may ask. */
export declare function hello(link: Link, at: Moment, effects: LinkEffect[]): void;
/** Asks for further sessions on a connection that has said HELLO. */
export declare function ask(sessions: readonly Outbound[], at: Moment, effects: LinkEffect[]): void;
/** Asks for those who have joined since the connection said HELLO. */
export declare function askForNew(link: Link, at: Moment, effects: LinkEffect[]): void;
/** Dials. */
export declare function dial(link: Link, at: Moment, effects: LinkEffect[]): void;
/** Hangs up, and dials again later. */
export declare function close(link: Link, at: Moment, effects: LinkEffect[]): void;
/** The connection is gone: every session waits for the next one. */
export declare function hungUp(link: Link, at: Moment): void;
/** A session is no longer welcome: nothing of it is under way any more. */
export declare function away(session: Outbound, nowMs: number): void;
