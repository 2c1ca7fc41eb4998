import type { SchedulerLike } from 'rxjs';
/** The dice of the runtime: a uniform number in [0, 1), different in every run. */
export declare function ambientChance(): number;
/**
 * The `asyncScheduler` with a clock that never goes back: `now()` counts milliseconds since the
 * process began.
 */
export declare const steadyScheduler: SchedulerLike;
