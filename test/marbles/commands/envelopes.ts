/** Marble commands of the operators that make, filter and group envelopes. */
import { Subject, map } from 'rxjs'
import * as t from 'io-ts'
import { broadcast } from '../../../src/operators/broadcast.ts'
import { groupByPeer } from '../../../src/operators/group-by-peer.ts'
import { dedupe } from '../../../src/operators/dedupe.ts'
import { fromPeer } from '../../../src/operators/from-peer.ts'
import { decodeMessage } from '../../../src/operators/decode-message.ts'
import type { RejectedMessage } from '../../../src/operators/decode-message.ts'
import type { Decoder } from '../../../src/ports/schema.ts'
import { toPeer } from '../../../src/operators/to-peer.ts'
import { peersOf } from '../marble-mailbox.ts'
import type { MarbleCommand } from '../../../src/testing/marbles/command.ts'

const DECODERS: Readonly<Record<string, Decoder<unknown>>> = {
  vote: t.type({ type: t.literal('vote'), term: t.number }),
  text: t.string,
  throwing: {
    decode() {
      throw new Error('no such codec')
    },
  },
}

/** One command for each operator. */
export const ENVELOPE_COMMANDS: readonly MarbleCommand[] = [
  {
    name: 'broadcast',
    usage: 'broadcast, with the lane source',
    build: (context) => ({ result: context.values('source').pipe(broadcast()) }),
  },
  {
    name: 'toPeer',
    usage: 'toPeer <pid>, with the lane source',
    build: (context) => ({ result: context.values('source').pipe(toPeer(Number(context.arg(0)))) }),
  },
  {
    name: 'fromPeer',
    usage: 'fromPeer <pid> <pid> …, with the lane source',
    build(context) {
      const pids = context.args().map(Number)
      return { result: context.envelopes('source').pipe(fromPeer(...pids)) }
    },
  },
  {
    name: 'groupByPeer',
    usage:
      'groupByPeer, with the lanes source and peers; each group has a lane named after its letter',
    build: (context) => ({
      result: context.envelopes('source').pipe(groupByPeer(peersOf(context))),
    }),
  },
  {
    name: 'decodeMessage',
    usage: `decodeMessage ${Object.keys(DECODERS).join(' | ')}, with the lane source`,
    build(context) {
      const decoder = DECODERS[context.arg(0)]
      if (decoder === undefined) throw new Error(`no decoder "${context.arg(0)}": ${this.usage}`)
      const rejections = new Subject<RejectedMessage>()
      const rejected = rejections.pipe(
        map(({ envelope, issues }) => ({ pid: envelope.pid, issues })),
      )
      return {
        result: context.envelopes('source').pipe(decodeMessage(decoder, { rejected: rejections })),
        lanes: { rejected },
      }
    },
  },
  {
    name: 'dedupe',
    usage: 'dedupe <window>, with the lane source',
    build: (context) => ({
      result: context.envelopes('source').pipe(dedupe(Number(context.arg(0)))),
    }),
  },
]
