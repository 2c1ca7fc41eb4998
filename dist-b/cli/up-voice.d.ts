import type { DeadLetter } from '../model/dead-letter.ts';
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts';
import type { NodeEvent } from '../model/node-event.ts';
/** What came in on a line. */
export type Heard = {
    readonly type: 'envelope';
    readonly envelope: OutgoingEnvelope;
} | {
    readonly type: 'nothing';
} | {
    readonly type: 'wrong';
    readonly problem: string;
};
/** A way to speak: lines in, lines out. */
export interface Voice {
    hear(line: string): Heard;
    ready(pid: number, endpoint: string): string;
    envelope(envelope: Envelope): string;
    /** Undefined where there is nothing to tell. */
    event(event: NodeEvent): string | undefined;
    dead(letter: DeadLetter): string;
    wrong(problem: string): string;
}
/** For people. */
export declare const PLAIN: Voice;
/** For programs: one JSON object per line. */
export declare const JSON_LINES: Voice;
