/** The one writer of a link: what all its sessions have waiting, in turn, as few frames as it takes. */
import type { Link, LinkEffect } from './link.ts';
import type { Moment } from './step.ts';
/** DATA frames of a link that are under way, as far as it knows. */
export declare function framesUnderWay(link: Link): number;
/**
 * Writes what may be written: a frame of each session in turn, until window, credit or `framesMax` stop it. While it is
 * stopped the queues grow, and so do the next frames: that is the whole batching.
 */
export declare function flush(link: Link, at: Moment, effects: LinkEffect[]): void;
