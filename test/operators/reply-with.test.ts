/** replyWith: what is answered, by whom, and what happens when an answer fails. */
import fc from 'fast-check'
import { EMPTY, Subject, from, of, share, throwError } from 'rxjs'
import type { Observable } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { reply } from '../../src/model/envelope.ts'
import type { Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import { bounded } from '../../src/operators/bounded.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import type { Unanswered } from '../../src/operators/reply-with.ts'
import { operatorContract } from './contract.ts'
import { FAILURE, counted, mail, record } from './lab.ts'
import { HandPost } from './post-lab.ts'

operatorContract<Envelope<string>, OutgoingEnvelope<string>>(
  'replyWith',
  () => replyWith(new HandPost(), ({ msg }) => of(msg)),
  [mail(2, 1, 'a'), mail(3, 2, 'b')],
)

/** Answers with the question, unless it is bad. */
function good({ msg }: Envelope<string>): Observable<string> {
  if (msg === 'bad') throw FAILURE
  return msg === 'worse' ? throwError(() => FAILURE) : of(msg)
}

describe('replyWith', () => {
  it('answers as many times as there are answers, each to its sender and with its msgId', () => {
    const question = fc.record({ pid: fc.nat(5), msgId: fc.nat(), msg: fc.array(fc.nat()) })
    fc.assert(
      fc.property(fc.array(question), (questions) => {
        const post = new HandPost()
        const outbox = record(post.outbox)
        const asked = questions.map(({ pid, msgId, msg }) => mail(pid, msgId, msg))
        const seen = record(from(asked).pipe(replyWith(post, ({ msg }) => msg)))
        const model = questions.flatMap(({ pid, msgId, msg }) =>
          msg.map((answer) => ({ pid, re: msgId, msg: answer })),
        )
        expect(seen.values).toEqual(model)
        expect(outbox.values).toEqual(model)
      }),
    )
  })

  it('is told the number of the question, and may leave it unanswered', () => {
    const post = new HandPost()
    const asked = [mail(2, 1, 'a'), mail(2, 2, 'b')]
    const seen = record(
      from(asked).pipe(replyWith(post, (_question, index) => (index === 0 ? EMPTY : [index]))),
    )
    expect(seen.values).toEqual([{ pid: 2, re: 2, msg: 1 }])
  })

  it('passes an error of project through, thrown or emitted, and stops listening', () => {
    for (const project of [
      () => throwError(() => FAILURE),
      () => {
        throw FAILURE
      },
    ]) {
      const questions = new Subject<Envelope>()
      const seen = record(questions.pipe(replyWith(new HandPost(), project)))
      questions.next(mail(2, 1, 'a'))
      expect([seen.error, questions.observed]).toEqual([FAILURE, false])
    }
  })

  it('leaves just that question unanswered where there is somebody to tell of failures', () => {
    const post = new HandPost()
    const failures = new Subject<Unanswered<string>>()
    const failed = record(failures)
    const questions = new Subject<Envelope<string>>()
    const seen = record(questions.pipe(replyWith(post, good, failures)))
    const bad = [mail(2, 1, 'bad'), mail(3, 2, 'worse')]
    for (const question of bad) questions.next(question)
    expect(failed.values).toEqual(bad.map((envelope) => ({ envelope, error: FAILURE })))
    questions.next(mail(2, 3, 'good'))
    expect([seen.values, seen.ended]).toEqual([[{ pid: 2, re: 3, msg: 'good' }], undefined])
  })

  it('finishes what it is answering after the source has completed', () => {
    const questions = new Subject<Envelope>()
    const answer = new Subject<string>()
    const seen = record(questions.pipe(replyWith(new HandPost(), () => answer)))
    questions.next(mail(2, 1, 'a'))
    questions.complete()
    expect(seen.ended).toBeUndefined()
    answer.next('late')
    answer.complete()
    expect([seen.values.length, seen.ended]).toEqual([1, 'completed'])
  })

  it('answers once per subscriber; share makes it once', () => {
    const post = new HandPost()
    const outbox = record(post.outbox)
    const questions = new Subject<Envelope>()
    const answers = questions.pipe(replyWith(post, () => of('yes')))
    record(answers)
    record(answers)
    questions.next(mail(2, 1, 'a'))
    expect(outbox.values).toHaveLength(2)
    const shared = answers.pipe(share())
    record(shared)
    record(shared)
    questions.next(mail(2, 2, 'b'))
    expect(outbox.values).toHaveLength(5)
  })

  it('gives up its answers when it is left, and takes a bound from bounded', () => {
    const post = new HandPost()
    const questions = new Subject<Envelope>()
    const work = counted(new Subject<string>())
    const answers = questions.pipe(
      bounded(1, (question) => of(question).pipe(replyWith(post, () => work.stream)), {
        overflow: 'drop-newest',
      }),
    )
    const seen = record(answers)
    for (const msgId of [1, 2, 3, 4]) questions.next(mail(2, msgId, 'a'))
    expect(work.opened).toBe(1)
    seen.stop()
    expect([work.closed, questions.observed]).toEqual([1, false])
  })

  it('types question and answer', () => {
    const asked = of(mail(2, 1, 'a'))
    expectTypeOf(asked.pipe(replyWith(new HandPost(), (q) => of(q.msg.length)))).toEqualTypeOf(
      of(reply(mail(2, 1, ''), 1)),
    )
  })
})
