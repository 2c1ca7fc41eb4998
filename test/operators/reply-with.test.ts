/** replyWith: which replies are sent, and what happens if project fails. */
import fc from 'fast-check'
import { EMPTY, Subject, firstValueFrom, from, of, share, throwError } from 'rxjs'
import type { Observable } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { reply } from '../../src/model/envelope.ts'
import type { Envelope, OutgoingEnvelope } from '../../src/model/envelope.ts'
import { boundedMergeMap } from '../../src/operators/bounded-merge-map.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import type { FailedReply } from '../../src/operators/reply-with.ts'
import { operatorContract } from './operator-contract.ts'
import {
  FAILURE,
  countSubscriptions,
  envelopeFrom,
  recordNotifications,
} from './operator-harness.ts'
import { ManualMailbox } from './mailbox-harness.ts'

operatorContract<Envelope<string>, OutgoingEnvelope<string>>(
  'replyWith',
  () => replyWith(new ManualMailbox(), ({ msg }) => of(msg)),
  [envelopeFrom(2, 1, 'a'), envelopeFrom(3, 2, 'b')],
)

/** Replies with the message of the request, unless it is bad. */
function echoUnlessBad({ msg }: Envelope<string>): Observable<string> {
  if (msg === 'bad') throw FAILURE
  return msg === 'worse' ? throwError(() => FAILURE) : of(msg)
}

describe('replyWith', () => {
  it('sends one reply per value, each to the sender and with re', () => {
    const request = fc.record({ pid: fc.nat(5), msgId: fc.nat(), msg: fc.array(fc.nat()) })
    fc.assert(
      fc.property(fc.array(request), (requests) => {
        const mailbox = new ManualMailbox()
        const outbox = recordNotifications(mailbox.outbox)
        const envelopes = requests.map(({ pid, msgId, msg }) => envelopeFrom(pid, msgId, msg))
        const seen = recordNotifications(from(envelopes).pipe(replyWith(mailbox, ({ msg }) => msg)))
        const model = requests.flatMap(({ pid, msgId, msg }) =>
          msg.map((replyBody) => ({ pid, toIncarnation: '1', re: msgId, msg: replyBody })),
        )
        expect(seen.values).toEqual(model)
        expect(outbox.values).toEqual(model)
      }),
    )
  })

  it('passes the index to project, which may return no reply', () => {
    const mailbox = new ManualMailbox()
    const envelopes = [envelopeFrom(2, 1, 'a'), envelopeFrom(2, 2, 'b')]
    const seen = recordNotifications(
      from(envelopes).pipe(
        replyWith(mailbox, (_request, index) => (index === 0 ? EMPTY : [index])),
      ),
    )
    expect(seen.values).toEqual([{ pid: 2, toIncarnation: '1', re: 2, msg: 1 }])
  })

  it.each([
    ['a string', 'hello', ['hello']],
    ['bytes', Uint8Array.of(1, 2), [Uint8Array.of(1, 2)]],
    ['an object', { ok: true }, [{ ok: true }]],
    ['null', null, [null]],
    ['false', false, [false]],
    ['undefined, as a handler without a result', undefined, []],
    ['an array', [1, 2], [1, 2]],
    ['an array in an array', [[1, 2]], [[1, 2]]],
    ['a Set', new Set([1, 2]), [1, 2]],
    ['an Observable', of(1, 2), [1, 2]],
  ])('sends the replies of a handler that returns %s', (_, result, replies) => {
    const seen = recordNotifications(
      of(envelopeFrom(2, 1, 'a')).pipe(replyWith(new ManualMailbox(), () => result)),
    )
    expect(seen.values.map(({ msg }) => msg)).toEqual(replies)
  })

  it('sends the result of a promise as one reply', async () => {
    const replies = of(envelopeFrom(2, 1, 'a')).pipe(
      replyWith(new ManualMailbox(), () => Promise.resolve('later')),
    )
    expect((await firstValueFrom(replies)).msg).toBe('later')
  })

  it('ignores replies', () => {
    const source = of(envelopeFrom(2, 1, 'a', { re: 7 }))
    const seen = recordNotifications(source.pipe(replyWith(new ManualMailbox(), () => 'no')))
    expect(seen.values).toEqual([])
  })

  it.each([
    ['emits', () => throwError(() => FAILURE)],
    [
      'throws',
      () => {
        throw FAILURE
      },
    ],
  ])('goes on after a handler that %s an error, and replies with it', (_, fail) => {
    const requests = new Subject<Envelope>()
    const project = ({ msg }: Envelope): Observable<string> => (msg === 'bad' ? fail() : of('ok'))
    const mailbox = new ManualMailbox()
    const sent = recordNotifications(mailbox.outbox)
    const seen = recordNotifications(requests.pipe(replyWith(mailbox, project)))
    requests.next(envelopeFrom(2, 1, 'bad'))
    requests.next(envelopeFrom(2, 2, 'good'))
    expect([seen.values.map(({ re }) => re), seen.ended]).toEqual([[2], undefined])
    expect(sent.values).toEqual([
      {
        pid: 2,
        toIncarnation: '1',
        re: 1,
        msg: undefined,
        error: { code: 'HANDLER_FAILED', message: FAILURE.message },
      },
      { pid: 2, toIncarnation: '1', re: 2, msg: 'ok' },
    ])
  })

  it.each([
    ['an error with a code', Object.assign(new Error('full'), { code: 'FULL' }), 'FULL', 'full'],
    ['a text', 'no', 'HANDLER_FAILED', 'no'],
    ['undefined', undefined, 'HANDLER_FAILED', 'undefined'],
    ['a lone surrogate', new Error('\ud800'), 'HANDLER_FAILED', '\ufffd'],
    ['a long text', new Error('x'.repeat(5_000)), 'HANDLER_FAILED', 'x'.repeat(1_000)],
  ])('replies with the code and text of %s', (_, thrown, code, message) => {
    const mailbox = new ManualMailbox()
    const sent = recordNotifications(mailbox.outbox)
    const fail = (): never => {
      throw thrown
    }
    of(envelopeFrom(2, 1, 'a')).pipe(replyWith(mailbox, fail)).subscribe()
    expect(sent.values.map(({ error }) => error)).toEqual([{ code, message }])
  })

  it('with failed, the sink gets each request that failed and its error', () => {
    const mailbox = new ManualMailbox()
    const failedReplies = new Subject<FailedReply<string>>()
    const failed = recordNotifications(failedReplies)
    const requests = new Subject<Envelope<string>>()
    const seen = recordNotifications(
      requests.pipe(replyWith(mailbox, echoUnlessBad, { failed: failedReplies })),
    )
    const bad = [envelopeFrom(2, 1, 'bad'), envelopeFrom(3, 2, 'worse')]
    for (const request of bad) requests.next(request)
    expect(failed.values).toEqual(bad.map((envelope) => ({ envelope, error: FAILURE })))
    requests.next(envelopeFrom(2, 3, 'good'))
    expect([seen.values, seen.ended]).toEqual([
      [{ pid: 2, toIncarnation: '1', re: 3, msg: 'good' }],
      undefined,
    ])
  })

  it('finishes running requests after the source completes', () => {
    const requests = new Subject<Envelope>()
    const replyBody = new Subject<string>()
    const seen = recordNotifications(requests.pipe(replyWith(new ManualMailbox(), () => replyBody)))
    requests.next(envelopeFrom(2, 1, 'a'))
    requests.complete()
    expect(seen.ended).toBeUndefined()
    replyBody.next('late')
    replyBody.complete()
    expect([seen.values.length, seen.ended]).toEqual([1, 'completed'])
  })

  it('replies once per subscriber; with share, once', () => {
    const mailbox = new ManualMailbox()
    const outbox = recordNotifications(mailbox.outbox)
    const requests = new Subject<Envelope>()
    const replies = requests.pipe(replyWith(mailbox, () => of('yes')))
    recordNotifications(replies)
    recordNotifications(replies)
    requests.next(envelopeFrom(2, 1, 'a'))
    expect(outbox.values).toHaveLength(2)
    const shared = replies.pipe(share())
    recordNotifications(shared)
    recordNotifications(shared)
    requests.next(envelopeFrom(2, 2, 'b'))
    expect(outbox.values).toHaveLength(5)
  })

  it('unsubscribes project when it is unsubscribed; boundedMergeMap limits it', () => {
    const mailbox = new ManualMailbox()
    const requests = new Subject<Envelope>()
    const work = countSubscriptions(new Subject<string>())
    const replies = requests.pipe(
      boundedMergeMap((request) => of(request).pipe(replyWith(mailbox, () => work.stream)), {
        bufSize: 1,
        overflow: 'drop-newest',
      }),
    )
    const seen = recordNotifications(replies)
    for (const msgId of [1, 2, 3, 4]) requests.next(envelopeFrom(2, msgId, 'a'))
    expect(work.subscribed).toBe(1)
    seen.unsubscribe()
    expect([work.unsubscribed, requests.observed]).toEqual([1, false])
  })

  it('infers the types of request and reply', () => {
    const envelopes = of(envelopeFrom(2, 1, 'a'))
    expectTypeOf(
      envelopes.pipe(replyWith(new ManualMailbox(), (request) => of(request.msg.length))),
    ).toEqualTypeOf(of(reply(envelopeFrom(2, 1, ''), 1)))
  })
})
