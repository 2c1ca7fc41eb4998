/** Marble commands of the operators with timers. */
import { defer, map, takeUntil } from 'rxjs'
import { heartbeat } from '../../../src/operators/heartbeat.ts'
import { retryBackoff } from '../../../src/operators/retry-backoff.ts'
import { detectFailures } from '../../../src/operators/detect-failures.ts'
import type { FailureDetectorOptions } from '../../../src/operators/detect-failures.ts'
import type { MarbleCommand } from '../../../src/testing/marbles/command.ts'

const DETECTOR_OPTIONS = [
  'everyMs',
  'threshold',
  'window',
  'minStdDevMs',
  'acceptablePauseMs',
  'firstIntervalMs',
] as const satisfies readonly (keyof FailureDetectorOptions)[]

/** One command for each operator. */
export const TIME_COMMANDS: readonly MarbleCommand[] = [
  {
    name: 'retryBackoff',
    usage:
      'retryBackoff count= baseMs= maxMs= jitter= random=, with the cold lane source for each ' +
      'attempt; a lane attempt2, attempt3 … replaces it for that attempt',
    build(context) {
      const [count, baseMs] = [context.number('count') ?? 1, context.number('baseMs') ?? 1]
      const [maxMs, jitter] = [context.number('maxMs'), context.number('jitter')]
      const options = {
        count,
        baseMs,
        random: () => random,
        scheduler: context.scheduler,
        ...(maxMs === undefined ? {} : { maxMs }),
        ...(jitter === undefined ? {} : { jitter }),
      }
      const random = context.number('random') ?? 0.5
      const first = context.cold('source')
      const others = context
        .lanesStartingWith('attempt')
        .map((name) => [name, context.cold(name)] as const)
      const attempts = new Map(others)
      let attempt = 0
      const source = defer(() => attempts.get(`attempt${++attempt}`) ?? first)
      return { result: source.pipe(retryBackoff(options)) }
    },
  },
  {
    name: 'heartbeat',
    usage: 'heartbeat <everyMs> throws=<index>, with the optional lane until, for takeUntil',
    build(context) {
      const throws = context.number('throws')
      const project = (index: number): number => {
        if (index === throws) throw new Error(`beat ${index} failed`)
        return index
      }
      const beats = heartbeat(Number(context.arg(0)), project, context.scheduler)
      return {
        result: context.has('until') ? beats.pipe(takeUntil(context.values('until'))) : beats,
      }
    },
  },
  {
    name: 'detectFailures',
    usage:
      'detectFailures everyMs= threshold= window= minStdDevMs= acceptablePauseMs= firstIntervalMs=, ' +
      'with the lane source; phi has one decimal',
    build(context) {
      const given = DETECTOR_OPTIONS.flatMap((key) => {
        const value = context.number(key)
        return value === undefined ? [] : [[key, value]]
      })
      const options: FailureDetectorOptions = {
        ...Object.fromEntries(given),
        scheduler: context.scheduler,
      }
      const suspicions = context.envelopes('source').pipe(detectFailures(options))
      return {
        result: suspicions.pipe(
          map((suspicion) => ({ ...suspicion, phi: Math.round(suspicion.phi * 10) / 10 })),
        ),
      }
    },
  },
]
