/** The commands that do work for each value: the work takes its time, and may fail. */
import { Subject, concatMap, from, map, throwError, timer } from 'rxjs'
import type { Observable } from 'rxjs'
import type { Envelope } from '../../../src/model/envelope.ts'
import { bounded, pause } from '../../../src/operators/bounded.ts'
import type { BoundedOptions } from '../../../src/operators/bounded.ts'
import { replyWith } from '../../../src/operators/reply-with.ts'
import type { Unanswered } from '../../../src/operators/reply-with.ts'
import type { Bench } from '../../../src/marbles/bench.ts'
import { marblePost } from '../marble-post.ts'
import type { Verb } from '../../../src/marbles/verb.ts'

const WORK_OPTIONS = 'work= (how long, 5ms), fails= (a letter), times= (how many results)'

/** One verb for each operator. */
export const WORK: readonly Verb[] = [
  {
    name: 'bounded',
    usage:
      'bounded <bufSize> drop-oldest | drop-newest | error | pause concurrency=, with the lane ' +
      `source; ${WORK_OPTIONS}; draws what is dropped, or when the source is paused and resumed`,
    build(bench) {
      const work = workOf(bench)
      const overflow = bench.word(1)
      const concurrency = bench.numeric('concurrency')
      const [dropped, pauses] = [new Subject<unknown>(), new Subject<string>()]
      const pausable = {
        pause() {
          pauses.next('pause')
          return () => pauses.next('resume')
        },
      }
      const options: BoundedOptions<unknown> = {
        ...(concurrency === undefined ? {} : { concurrency }),
        overflow: overflow === 'pause' ? pause(pausable) : overflowOf(overflow),
        dropped,
      }
      const project = (value: unknown): Observable<unknown> => work(value, value)
      return {
        result: bench.values('source').pipe(bounded(Number(bench.word(0)), project, options)),
        lanes: overflow === 'pause' ? { pauses } : overflow === 'error' ? {} : { dropped },
      }
    },
  },
  {
    name: 'replyWith',
    usage:
      `replyWith, with the lane source; answers what it is asked; ${WORK_OPTIONS}; with ` +
      'failures=drawn, the questions whose answer failed are drawn',
    build(bench) {
      const { post, outbox } = marblePost(bench)
      const work = workOf(bench)
      const unanswered = new Subject<Unanswered<unknown>>()
      const failures = bench.option('failures') === 'drawn' ? unanswered : undefined
      const project = (question: Envelope): Observable<unknown> => work(question, question.msg)
      const failed = unanswered.pipe(map(({ envelope }) => envelope))
      return {
        result: bench.mail('source').pipe(replyWith(post, project, failures)),
        lanes: failures === undefined ? { outbox } : { outbox, failures: failed },
      }
    },
  },
]

/** Work on a value, or what was asked in an envelope, and its result. */
function workOf(bench: Bench): (input: unknown, result: unknown) => Observable<unknown> {
  const workMs = bench.numeric('work')
  const fails = bench.option('fails')
  const times = bench.numeric('times') ?? 1
  return (input, result) => {
    const letter = bench.letterOf(input)
    const results = Array.from({ length: times }, () => result)
    const answer =
      letter === fails ? throwError(() => new Error(`the work on ${letter} failed`)) : from(results)
    if (workMs === undefined) return answer
    return timer(workMs, bench.scheduler).pipe(concatMap(() => answer))
  }
}

function overflowOf(word: string): 'drop-oldest' | 'drop-newest' | 'error' {
  if (word === 'drop-oldest' || word === 'drop-newest' || word === 'error') return word
  throw new Error(`"${word}" is no overflow: drop-oldest, drop-newest, error or pause`)
}
