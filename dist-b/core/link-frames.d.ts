/** What a link makes of the frames that come back. */
import type { WireFrame } from './wire/frames.ts';
import type { Link, LinkEffect } from './link.ts';
import type { Moment } from './step.ts';
/** Takes in one frame from the other end. */
export declare function hear(link: Link, frame: WireFrame, at: Moment, effects: LinkEffect[]): void;
