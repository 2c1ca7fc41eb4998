/** What a worker of the demo saw in its inbox. */
import { type Report } from './demo-words.ts';
/** Collects what an inbox saw, in order, and reports it in runs. */
export declare class Seen {
    #private;
    constructor(say: (report: Report) => void);
    add(sender: number, sequence: number): void;
    report(): void;
}
