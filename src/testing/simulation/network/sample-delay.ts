/** Samples the delay of a frame from its distribution. */
import type { Delay } from '../faults/fault.ts'
import type { Random } from '../../../base/seeded-random.ts'
import { toMicros } from '../time/micros.ts'

/** Returns a delay in milliseconds, rounded to microseconds. */
export function sampleDelayMs(delay: Delay, random: Random): number {
  switch (delay.kind) {
    case 'fixed':
      return delay.ms
    case 'uniform':
      return toMicros(delay.fromMs + random() * (delay.toMs - delay.fromMs))
    case 'exponential':
      return toMicros(-Math.log(1 - random()) * delay.meanMs)
  }
}
