/** Marble commands of the operators with an inner Observable, which takes time and can fail. */
import { Subject, concatMap, from, map, throwError, timer } from 'rxjs'
import type { Observable } from 'rxjs'
import type { Envelope } from '../../../src/model/envelope.ts'
import { boundedMergeMap } from '../../../src/operators/bounded-merge-map.ts'
import type { BoundedMergeMapOptions } from '../../../src/operators/bounded-merge-map.ts'
import { replyWith } from '../../../src/operators/reply-with.ts'
import { handle } from '../../../src/operators/handle.ts'
import { defineRequest } from '../../../src/typed/define-request.ts'
import type { RejectedMessage } from '../../../src/operators/decode-message.ts'
import * as t from 'io-ts'
import type { FailedReply } from '../../../src/operators/reply-with.ts'
import type { MarbleContext } from '../../../src/testing/marbles/context.ts'
import { marbleMailbox } from '../marble-mailbox.ts'
import type { MarbleCommand } from '../../../src/testing/marbles/command.ts'

const WORK_OPTIONS = 'work=<duration, 5ms> fails=<letter> times=<number of results>'

const LENGTH = defineRequest({ name: 'length', request: t.string, reply: t.number })

/** One command for each operator. */
export const WORK_COMMANDS: readonly MarbleCommand[] = [
  {
    name: 'boundedMergeMap',
    usage:
      `boundedMergeMap <bufSize> drop-oldest | drop-newest | error | pause concurrency= ${WORK_OPTIONS}, ` +
      'with the lane source; draws the lane dropped, or with pause the lane pauses',
    build(context) {
      const work = workOf(context)
      const overflow = context.arg(1)
      const concurrency = context.number('concurrency')
      const [dropped, pauses] = [new Subject<unknown>(), new Subject<string>()]
      const pausable = {
        pause() {
          pauses.next('pause')
          return { unsubscribe: () => pauses.next('resume') }
        },
      }
      const options: BoundedMergeMapOptions<unknown> = {
        ...(concurrency === undefined ? {} : { concurrency }),
        bufSize: Number(context.arg(0)),
        overflow: overflow === 'pause' ? { pause: pausable } : overflowOf(overflow),
        dropped,
      }
      const project = (value: unknown): Observable<unknown> => work(value, value)
      return {
        result: context.values('source').pipe(boundedMergeMap(project, options)),
        lanes: overflow === 'pause' ? { pauses } : overflow === 'error' ? {} : { dropped },
      }
    },
  },
  {
    name: 'replyWith',
    usage:
      `replyWith ${WORK_OPTIONS} failed=drawn, with the lane source; replies with the message of ` +
      'the request; failed=drawn draws the lane failed',
    build(context) {
      const { mailbox, outbox } = marbleMailbox(context)
      const work = workOf(context)
      const failures = new Subject<FailedReply<unknown>>()
      const isFailedDrawn = context.option('failed') === 'drawn'
      const options = isFailedDrawn ? { failed: failures } : {}
      const project = (request: Envelope): Observable<unknown> => work(request, request.msg)
      const failed = failures.pipe(map(({ envelope }) => envelope))
      return {
        result: context.envelopes('source').pipe(replyWith(mailbox, project, options)),
        lanes: isFailedDrawn ? { outbox, failed } : { outbox },
      }
    },
  },
  {
    name: 'handle',
    usage:
      'handle work=<ms>, with the lane source; replies to {"request":"length","value":<text>} with ' +
      'the length of the text',
    build(context) {
      const { mailbox, outbox } = marbleMailbox(context)
      const work = workOf(context)
      const rejections = new Subject<RejectedMessage>()
      const rejected = rejections.pipe(
        map(({ envelope, issues }) => ({ pid: envelope.pid, issues })),
      )
      const source = { ...mailbox, inbox: context.envelopes('source') }
      const project = (request: Envelope<string>): Observable<number> =>
        work(request, request.msg.length) as Observable<number>
      return {
        result: handle(source, LENGTH, project, { rejected: rejections }),
        lanes: { outbox, rejected },
      }
    },
  },
]

/** Returns a function that makes the inner Observable of a value; it emits `result`. */
function workOf(context: MarbleContext): (input: unknown, result: unknown) => Observable<unknown> {
  const workMs = context.number('work')
  const fails = context.option('fails')
  const times = context.number('times') ?? 1
  return (input, result) => {
    const letter = context.letterOf(input)
    const results = Array.from({ length: times }, () => result)
    const output =
      letter === fails ? throwError(() => new Error(`the work on ${letter} failed`)) : from(results)
    if (workMs === undefined) return output
    return timer(workMs, context.scheduler).pipe(concatMap(() => output))
  }
}

function overflowOf(word: string): 'drop-oldest' | 'drop-newest' | 'error' {
  if (word === 'drop-oldest' || word === 'drop-newest' || word === 'error') return word
  throw new Error(`"${word}" is no overflow: use drop-oldest, drop-newest, error or pause`)
}
