import type { Row } from './demo-board.ts';
/** How a run came out. */
export interface Outcome {
    readonly peers: number;
    readonly sent: number;
    readonly delivered: number;
    readonly dead: number;
    readonly lost: number;
    readonly duplicated: number;
    readonly seconds: number;
    readonly perSecond: number;
}
/** Runs one demo. */
export declare class DemoRun {
    #private;
    constructor(peers: number, messages: number, say: (line: string) => void);
    /** @param config the path of a config that names the pids from 1 on */
    run(config: string): Promise<Outcome>;
    /** Ends the workers that are left. */
    kill(): void;
    rows(): Row[];
}
