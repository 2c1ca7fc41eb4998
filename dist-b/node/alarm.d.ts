/** An alarm clock: rings once at the earliest moment that it was set to. */
import type { Environment } from '../ports/environment.ts';
/** Wakes a state machine at the moment it asks for. */
export declare class Alarm {
    #private;
    /** @param ring is told how many milliseconds too late it is */
    constructor(environment: Environment, ring: (lagMs: number) => void);
    /**
     * Sets the alarm; it forgets the moment that it was set to before.
     *
     * A later moment costs nothing: the timer that is running comes too early, and is set again then. With traffic on a link
     * every frame moves the moment, and none of them starts a timer.
     */
    set(wakeAtMs: number): void;
    cancel(): void;
}
