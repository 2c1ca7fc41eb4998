/** Marble commands of `request`, `quorum` and `majority`. */
import { map } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import type { Envelope, OutgoingEnvelope } from '../../../src/model/envelope.ts'
import { majority } from '../../../src/operators/majority.ts'
import { quorum } from '../../../src/operators/quorum.ts'
import type { Quorum, QuorumOptions } from '../../../src/operators/quorum.ts'
import { request } from '../../../src/operators/request.ts'
import type { RequestOptions } from '../../../src/operators/request.ts'
import type { MarbleContext } from '../../../src/testing/marbles/context.ts'
import { marbleMailbox, peersOf } from '../marble-mailbox.ts'
import type { MarbleCommand } from '../../../src/testing/marbles/command.ts'

/** One command for each operator. */
export const REPLY_COMMANDS: readonly MarbleCommand[] = [
  {
    name: 'request',
    usage:
      'request <letter of the request> timeoutMs= retry= baseMs= peers=2,3, with the optional ' +
      'lanes inbox, peers, links and receipts; the first retry waits baseMs, the second twice that',
    build(context) {
      const { mailbox, outbox } = marbleMailbox(context)
      const outgoing = context.definition(context.arg(0)) as OutgoingEnvelope
      const timeoutMs = context.number('timeoutMs')
      const count = context.number('retry')
      const baseMs = context.number('baseMs') ?? 1
      const options: RequestOptions = {
        random: () => 0,
        scheduler: context.scheduler,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(count === undefined ? {} : { retry: { count, baseMs, jitter: 0 } }),
      }
      const result = request(mailbox, outgoing, options)
      return { result, lanes: { outbox } }
    },
  },
  {
    name: 'quorum',
    usage:
      'quorum <needed> peers=2,3 follow=true, with the lane source; a lane peers replaces peers=',
    build(context) {
      const operator = quorum<Envelope>(Number(context.arg(0)), quorumOptions(context))
      return { result: context.envelopes('source').pipe(operator, asLetters(context)) }
    },
  },
  {
    name: 'majority',
    usage: 'majority peers=2,3 follow=true, with the lane source; a lane peers replaces peers=',
    build(context) {
      const follow = context.option('follow') === 'true'
      const operator = majority<Envelope>(peersOf(context, context.option('peers')), { follow })
      return { result: context.envelopes('source').pipe(operator, asLetters(context)) }
    },
  },
]

function quorumOptions(context: MarbleContext): QuorumOptions {
  const follow = context.option('follow') === 'true'
  const peers = context.option('peers')
  if (context.has('peers')) return { follow, peers: peersOf(context) }
  return peers === undefined ? { follow } : { follow, peers: peers.split(',').map(Number) }
}

/** Replaces each answer by its letter. */
function asLetters(context: MarbleContext): OperatorFunction<Quorum<Envelope>, unknown> {
  return map(({ answers, missing }) => {
    return { answers: answers.map((answer) => context.letterOf(answer)), missing }
  })
}
