/** quorum and majority: which answers count, how many are enough, and which peers are missing. */
import fc from 'fast-check'
import { BehaviorSubject, EMPTY, NEVER, Subject, concat, from, of, throwError } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ClusterError } from '../../src/model/cluster-error.ts'
import type { Envelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import { majority } from '../../src/operators/majority.ts'
import { quorum } from '../../src/operators/quorum.ts'
import type { Quorum } from '../../src/operators/quorum.ts'
import {
  FAILURE,
  errorCodeOf,
  countSubscriptions,
  envelopeFrom,
  peersOf,
  recordNotifications,
} from './operator-harness.ts'

const yes = (pid: number, msgId = 1): Envelope<string> => envelopeFrom(pid, msgId, 'yes')

/** The naive model: searches the whole list for each answer. */
function firstOfEach(answers: readonly Envelope<string>[], voters?: readonly number[]) {
  return answers.filter(
    (answer, index) =>
      answers.findIndex(({ pid }) => pid === answer.pid) === index &&
      (voters === undefined || voters.includes(answer.pid)),
  )
}

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' })

describe('quorum, against a model', () => {
  it('emits the first prefix of the answers that has enough distinct peers', () => {
    const pids = fc.array(fc.nat(5), { maxLength: 30 })
    const voters = fc.option(fc.uniqueArray(fc.nat(5)), { nil: undefined })
    fc.assert(
      fc.property(pids, fc.nat(6), voters, (pids, needed, voters) => {
        const sent = pids.map((pid, index) => yes(pid, index))
        const options = voters === undefined ? {} : { peers: voters }
        const seen = recordNotifications(from(sent).pipe(quorum(needed, options)))
        const prefixes = [...sent, yes(0)].map((_, length) => sent.slice(0, length))
        const reached = [...prefixes, sent]
          .map((prefix) => firstOfEach(prefix, voters))
          .find((answers) => answers.length >= needed)
        const absent = (answers: readonly Envelope[]) =>
          (voters ?? []).filter((pid) => answers.every((answer) => answer.pid !== pid))
        if (reached !== undefined) {
          expect(seen.values).toEqual([{ answers: reached, missing: absent(reached) }])
          expect(seen.ended).toBe('completed')
          return
        }
        expect(errorCodeOf(seen.error)).toBe('QUORUM_UNREACHABLE')
        if (voters !== undefined && voters.length < needed) return
        const issues = absent(firstOfEach(sent, voters)).map((pid) => `${pid}: no answer`)
        expect((seen.error as ClusterError).issues).toEqual(issues)
      }),
    )
  })

  it('follows its peers like a list that is filtered at each change', () => {
    const anyEvent = fc.oneof(
      fc.record({ answer: fc.nat(5) }),
      fc.record({ peers: fc.uniqueArray(fc.nat(5), { minLength: 1 }) }),
    )
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const source = new Subject<Envelope<string>>()
        const peers = new BehaviorSubject<Peers>(peersOf(0, 1, 2, 3, 4, 5))
        const seen = recordNotifications(source.pipe(majority(peers, { follow: true })))
        let voters: readonly number[] = [0, 1, 2, 3, 4, 5]
        let answers: Envelope<string>[] = []
        for (const event of events) {
          if ('answer' in event) {
            source.next(yes(event.answer))
            if (voters.includes(event.answer)) answers.push(yes(event.answer))
          } else {
            voters = event.peers
            peers.next(peersOf(...voters))
            answers = answers.filter(({ pid }) => voters.includes(pid))
          }
          const distinct = firstOfEach(answers)
          if (2 * (distinct.length + 1) <= voters.length + 1) {
            expect(seen.values).toEqual([])
            continue
          }
          const missing = voters.filter((pid) => distinct.every((answer) => answer.pid !== pid))
          expect(seen.values).toEqual([{ answers: distinct, missing }])
          expect([seen.ended, source.observed, peers.observed]).toEqual(['completed', false, false])
          return
        }
      }),
    )
  })

  it('two majorities of one cluster share a node', () => {
    for (let size = 1; size <= 40; size++) {
      const others = Array.from({ length: size - 1 }, (_, index) => index + 2)
      const peers = new BehaviorSubject(peersOf(...others))
      const seen = recordNotifications(from(others.map((pid) => yes(pid))).pipe(majority(peers)))
      const withSelf = (seen.values[0]?.answers.length ?? NaN) + 1
      expect(2 * withSelf).toBeGreaterThan(size)
      expect(2 * (withSelf - 1)).toBeLessThanOrEqual(size)
    }
  })
})

describe('quorum', () => {
  it('counts a peer once, and keeps its first answer', () => {
    const sent = [yes(2, 1), yes(2, 2), yes(3, 3), yes(4, 4)]
    const seen = recordNotifications(from(sent).pipe(quorum(2, { peers: [2, 3, 4] })))
    expect(seen.values).toEqual([{ answers: [sent[0], sent[2]], missing: [4] }])
    expect(seen.ended).toBe('completed')
  })

  it('unsubscribes its source once it has emitted, and has no state across subscribers', () => {
    const answers = new Subject<Envelope<string>>()
    const source = countSubscriptions(answers)
    const result = source.stream.pipe(quorum(2))
    const first = recordNotifications(result)
    answers.next(yes(2))
    const second = recordNotifications(result)
    answers.next(yes(3))
    expect([first.ended, second.ended, source.unsubscribed]).toEqual(['completed', undefined, 1])
    answers.next(yes(4))
    expect(second.values[0]?.answers.map(({ pid }) => pid)).toEqual([3, 4])
    expect(source.unsubscribed).toBe(2)
  })

  it('names the missing peers if the source completes too early', () => {
    const seen = recordNotifications(from([yes(2)]).pipe(quorum(2, { peers: [2, 3, 4] })))
    expect(seen.error).toBeInstanceOf(ClusterError)
    expect(seen.error).toMatchObject({
      code: 'QUORUM_UNREACHABLE',
      message: 'too few answers: 1 from 2, none from 3, 4',
      issues: ['3: no answer', '4: no answer'],
    })
    expect(String(recordNotifications(EMPTY.pipe(quorum(1))).error)).toMatch(/too few answers: 0$/)
  })

  it('errors at once if there are fewer peers than needed, without subscribing to its source', () => {
    const source = countSubscriptions(NEVER)
    const seen = recordNotifications(source.stream.pipe(quorum(4, { peers: [2, 3, 4] })))
    expect([errorCodeOf(seen.error), source.subscribed]).toEqual(['QUORUM_UNREACHABLE', 0])
  })

  it('of 0 emits at once, without subscribing to its source', () => {
    const source = countSubscriptions(NEVER)
    const seen = recordNotifications(source.stream.pipe(quorum(0, { peers: [2] })))
    expect([seen.values, seen.ended]).toEqual([[{ answers: [], missing: [2] }], 'completed'])
    expect(source.subscribed).toBe(0)
  })

  it('passes errors of the source and of peers through', () => {
    const failing = concat(
      of(yes(2)),
      throwError(() => FAILURE),
    )
    expect(recordNotifications(failing.pipe(quorum(2))).error).toBe(FAILURE)
    const peers = throwError(() => FAILURE)
    expect(recordNotifications(NEVER.pipe(quorum(2, { peers }))).error).toBe(FAILURE)
  })

  it('unsubscribes source and peers when it is unsubscribed', () => {
    const source = countSubscriptions(NEVER)
    const peers = new BehaviorSubject(peersOf(2, 3))
    const seen = recordNotifications(source.stream.pipe(quorum(2, { peers, follow: true })))
    expect(peers.observed).toBe(true)
    seen.unsubscribe()
    expect([source.unsubscribed, peers.observed]).toEqual([1, false])
  })

  it('waits until peers emits, and counts the answers before', () => {
    const source = new Subject<Envelope<string>>()
    const peers = new Subject<Peers>()
    const seen = recordNotifications(source.pipe(quorum(1, { peers })))
    source.next(yes(9))
    source.next(yes(2))
    expect(seen.values).toEqual([])
    peers.next(peersOf(2, 3))
    expect(seen.values).toEqual([{ answers: [yes(2)], missing: [3] }])
  })

  it('waits for added peers with follow', () => {
    const source = new Subject<Envelope<string>>()
    const peers = new BehaviorSubject<Peers>(peersOf(2))
    const seen = recordNotifications(source.pipe(quorum(2, { peers, follow: true })))
    source.next(yes(2))
    peers.next(peersOf(2, 3))
    source.next(yes(3))
    expect(seen.values).toEqual([{ answers: [yes(2), yes(3)], missing: [] }])
  })

  it('refuses an invalid number, and infers the type of its answers', () => {
    expect(() => quorum(-1)).toThrow(INVALID)
    expect(() => quorum(1.5)).toThrow(INVALID)
    expectTypeOf(of(yes(2)).pipe(quorum(1))).toEqualTypeOf(of({} as Quorum<Envelope<string>>))
  })
})

describe('majority', () => {
  it('is fixed at subscription: added peers neither count nor make it larger', () => {
    const source = new Subject<Envelope<string>>()
    const peers = new BehaviorSubject<Peers>(peersOf(2, 3))
    const seen = recordNotifications(source.pipe(majority(peers)))
    peers.next(peersOf(2, 3, 4, 5, 6))
    source.next(yes(4))
    expect(seen.values).toEqual([])
    source.next(yes(2))
    expect(seen.values).toEqual([{ answers: [yes(2)], missing: [3] }])
  })

  it('with follow is reached if enough peers are removed', () => {
    const source = new Subject<Envelope<string>>()
    const peers = new BehaviorSubject<Peers>(peersOf(2, 3, 4, 5))
    const seen = recordNotifications(source.pipe(majority(peers, { follow: true })))
    source.next(yes(2))
    expect(seen.values).toEqual([])
    peers.next(peersOf(2, 3))
    expect(seen.values).toEqual([{ answers: [yes(2)], missing: [3] }])
  })

  it('with follow does not count the answer of a removed peer, even if it is added again', () => {
    const source = new Subject<Envelope<string>>()
    const peers = new BehaviorSubject<Peers>(peersOf(2, 3, 4, 5))
    const seen = recordNotifications(source.pipe(majority(peers, { follow: true })))
    source.next(yes(2))
    peers.next(peersOf(3, 4, 5))
    peers.next(peersOf(2, 3, 4, 5))
    source.next(yes(3))
    expect(seen.values).toEqual([])
    source.next(yes(2))
    expect(seen.values[0]?.answers.map(({ pid }) => pid)).toEqual([3, 2])
  })

  it('of one node needs no answer', () => {
    const seen = recordNotifications(NEVER.pipe(majority(new BehaviorSubject(peersOf()))))
    expect([seen.values, seen.ended]).toEqual([[{ answers: [], missing: [] }], 'completed'])
  })
})
