/** What one process looks like from outside. */
export interface Row {
    readonly pid: number;
    readonly state: 'starting' | 'ready' | 'sending' | 'done';
    readonly sent: number;
    readonly received: number;
    readonly expected: number;
}
/** Shows progress. */
export interface Board {
    /** Something happened that is worth a line. */
    say(line: string): void;
    /** The last picture stays. */
    end(): void;
}
/** Shows progress on `out`: `rows` is asked for the present state. */
export declare function board(out: NodeJS.WriteStream, rows: () => readonly Row[]): Board;
/** The picture of all processes, as lines. */
export declare function picture(rows: readonly Row[]): string[];
