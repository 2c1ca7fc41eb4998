/** The commands that turn values into envelopes, and choose among envelopes. */
import { Subject, map } from 'rxjs'
import * as t from 'io-ts'
import { broadcast } from '../../../src/operators/broadcast.ts'
import { byPeer } from '../../../src/operators/by-peer.ts'
import { dedupe } from '../../../src/operators/dedupe.ts'
import { fromPeer } from '../../../src/operators/from-peer.ts'
import { ofType } from '../../../src/operators/of-type.ts'
import type { Decoder, Rejected } from '../../../src/operators/of-type.ts'
import { toPeer } from '../../../src/operators/to-peer.ts'
import { peersOf } from '../marble-post.ts'
import type { Verb } from '../../../src/marbles/verb.ts'

const DECODERS: Readonly<Record<string, Decoder<unknown>>> = {
  vote: t.type({ type: t.literal('vote'), term: t.number }),
  text: t.string,
  throwing: {
    decode() {
      throw new Error('no such codec')
    },
  },
}

/** One verb for each operator. */
export const ENVELOPES: readonly Verb[] = [
  {
    name: 'broadcast',
    usage: 'broadcast, with the lane source',
    build: (bench) => ({ result: bench.values('source').pipe(broadcast()) }),
  },
  {
    name: 'toPeer',
    usage: 'toPeer <pid>, with the lane source',
    build: (bench) => ({ result: bench.values('source').pipe(toPeer(Number(bench.word(0)))) }),
  },
  {
    name: 'fromPeer',
    usage: 'fromPeer <pid> <pid> …, with the lane source',
    build(bench) {
      const pids = bench.words().map(Number)
      return { result: bench.mail('source').pipe(fromPeer(...pids)) }
    },
  },
  {
    name: 'byPeer',
    usage: 'byPeer, with the lanes source and peers; each stream is drawn in a lane of its letter',
    build: (bench) => ({ result: bench.mail('source').pipe(byPeer(peersOf(bench))) }),
  },
  {
    name: 'ofType',
    usage: `ofType ${Object.keys(DECODERS).join(' | ')}, with the lane source`,
    build(bench) {
      const decoder = DECODERS[bench.word(0)]
      if (decoder === undefined) throw new Error(`no decoder "${bench.word(0)}": ${this.usage}`)
      const rejected = new Subject<Rejected>()
      const rejects = rejected.pipe(map(({ envelope, issues }) => ({ pid: envelope.pid, issues })))
      return { result: bench.mail('source').pipe(ofType(decoder, rejected)), lanes: { rejects } }
    },
  },
  {
    name: 'dedupe',
    usage: 'dedupe <window>, with the lane source',
    build: (bench) => ({ result: bench.mail('source').pipe(dedupe(Number(bench.word(0)))) }),
  },
]
