/** The ambient world: chance and steady time, where an argument is left out. */
import { asyncScheduler } from 'rxjs';
/** The dice of the runtime: a uniform number in [0, 1), different in every run. */
export function ambientChance() {
    return Math.random();
}
/**
 * The `asyncScheduler` with a clock that never goes back: `now()` counts milliseconds since the
 * process began.
 */
export const steadyScheduler = {
    now: () => performance.now(),
    schedule: asyncScheduler.schedule.bind(asyncScheduler),
};
