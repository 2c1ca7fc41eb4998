/** The commands that keep time: again after a while, again and again, and too late. */
import { defer, map, takeUntil } from 'rxjs'
import { heartbeat } from '../../../src/operators/heartbeat.ts'
import { retryBackoff } from '../../../src/operators/retry-backoff.ts'
import { suspect } from '../../../src/operators/suspect.ts'
import type { SuspectOptions } from '../../../src/operators/suspect.ts'
import type { Verb } from '../../../src/marbles/verb.ts'

const SUSPECT_OPTIONS = [
  'everyMs',
  'threshold',
  'window',
  'minStdDevMs',
  'acceptablePauseMs',
  'firstIntervalMs',
] as const satisfies readonly (keyof SuspectOptions)[]

/** One verb for each operator. */
export const TIMES: readonly Verb[] = [
  {
    name: 'retryBackoff',
    usage:
      'retryBackoff count= baseMs= maxMs= jitter= roll=, with the cold lane source for every ' +
      'attempt, and attempt2, attempt3 … for those that differ',
    build(bench) {
      const [count, baseMs] = [bench.numeric('count') ?? 1, bench.numeric('baseMs') ?? 1]
      const [maxMs, jitter] = [bench.numeric('maxMs'), bench.numeric('jitter')]
      const options = {
        count,
        baseMs,
        ...(maxMs === undefined ? {} : { maxMs }),
        ...(jitter === undefined ? {} : { jitter }),
      }
      const roll = bench.numeric('roll') ?? 0.5
      const first = bench.cold('source')
      const others = bench.lanesLike('attempt').map((name) => [name, bench.cold(name)] as const)
      const attempts = new Map(others)
      let attempt = 0
      const source = defer(() => attempts.get(`attempt${++attempt}`) ?? first)
      return { result: source.pipe(retryBackoff(options, () => roll, bench.scheduler)) }
    },
  },
  {
    name: 'heartbeat',
    usage: 'heartbeat <everyMs> throws=, with the lane until where it is ended by takeUntil',
    build(bench) {
      const throws = bench.numeric('throws')
      const beat = (index: number): number => {
        if (index === throws) throw new Error(`beat ${index} failed`)
        return index
      }
      const beats = heartbeat(Number(bench.word(0)), beat, bench.scheduler)
      return { result: bench.has('until') ? beats.pipe(takeUntil(bench.values('until'))) : beats }
    },
  },
  {
    name: 'suspect',
    usage:
      'suspect everyMs= threshold= window= minStdDevMs= acceptablePauseMs= firstIntervalMs=, ' +
      'with the lane source; phi is drawn with one decimal',
    build(bench) {
      const given = SUSPECT_OPTIONS.flatMap((key) => {
        const value = bench.numeric(key)
        return value === undefined ? [] : [[key, value]]
      })
      const options: SuspectOptions = Object.fromEntries(given)
      const suspicions = bench.mail('source').pipe(suspect(options, bench.scheduler))
      return {
        result: suspicions.pipe(map((one) => ({ ...one, phi: Math.round(one.phi * 10) / 10 }))),
      }
    },
  },
]
