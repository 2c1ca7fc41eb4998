/** The commands that begin something again and again. */
import { defer, takeUntil } from 'rxjs'
import { heartbeat } from '../../../src/operators/heartbeat.ts'
import { retryBackoff } from '../../../src/operators/retry-backoff.ts'
import type { Verb } from './verb.ts'

/** One verb for each operator. */
export const RETRIES: readonly Verb[] = [
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
]
