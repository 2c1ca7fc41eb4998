/** Time on a link: redialing, silence, and what has waited too long. */
import type { Link, LinkEffect } from './link.ts';
import type { Moment } from './step.ts';
import { type Outbound } from './outbound.ts';
/** Does what has come due. */
export declare function tick(link: Link, lagMs: number, at: Moment, effects: LinkEffect[]): void;
/** When the next tick is due. */
export declare function nextWakeMs(link: Link): number;
/** When the phase of a link wants to be looked at again; as long as it waits, for the sake of one session. */
export declare function phaseWakeMs(link: Link, session: Outbound): number;
