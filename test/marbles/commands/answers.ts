/** The commands that wait for answers: of one peer, of some, of most. */
import { map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import type { Envelope, OutgoingEnvelope } from '../../../src/model/envelope.ts'
import { majority } from '../../../src/operators/majority.ts'
import { quorum } from '../../../src/operators/quorum.ts'
import type { Quorum, QuorumOptions } from '../../../src/operators/quorum.ts'
import { request } from '../../../src/operators/request.ts'
import type { RequestOptions } from '../../../src/operators/request.ts'
import type { Bench } from '../../../src/marbles/bench.ts'
import { marblePost, peersOf } from '../marble-post.ts'
import type { Verb } from '../../../src/marbles/verb.ts'

/** One verb for each operator. */
export const ANSWERS: readonly Verb[] = [
  {
    name: 'request',
    usage:
      'request <letter of the question> timeoutMs= retry= baseMs= peers=2,3, with the lanes ' +
      'inbox, peers, links and receipts, all of them optional; a retry waits baseMs, then twice it',
    build(bench) {
      const { post, outbox } = marblePost(bench)
      const question = bench.defined(bench.word(0)) as OutgoingEnvelope
      const timeoutMs = bench.numeric('timeoutMs')
      const count = bench.numeric('retry')
      const baseMs = bench.numeric('baseMs') ?? 1
      const options: RequestOptions = {
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(count === undefined ? {} : { retry: { count, baseMs, jitter: 0 } }),
      }
      const result = request(post, question, options, () => 0, bench.scheduler)
      return { result, lanes: { outbox } }
    },
  },
  {
    name: 'quorum',
    usage: 'quorum <needed> peers=2,3 follow=true, with the lanes source and, instead, peers',
    build(bench) {
      const gather = quorum<Envelope>(Number(bench.word(0)), quorumOptions(bench))
      return { result: bench.mail('source').pipe(gather, lettered(bench)) }
    },
  },
  {
    name: 'majority',
    usage: 'majority peers=2,3 follow=true, with the lanes source and, instead, peers',
    build(bench) {
      const follow = bench.option('follow') === 'true'
      const gather = majority<Envelope>(peersOf(bench, bench.option('peers')), { follow })
      return { result: bench.mail('source').pipe(gather, lettered(bench)) }
    },
  },
]

function quorumOptions(bench: Bench): QuorumOptions {
  const follow = bench.option('follow') === 'true'
  const peers = bench.option('peers')
  if (bench.has('peers')) return { follow, peers: peersOf(bench) }
  return peers === undefined ? { follow } : { follow, peers: peers.split(',').map(Number) }
}

/** Answers are drawn as their letters. */
function lettered(bench: Bench): OperatorFunction<Quorum<Envelope>, unknown> {
  return map(({ answers, missing }) => {
    return { answers: answers.map((answer) => bench.letterOf(answer)), missing }
  })
}
