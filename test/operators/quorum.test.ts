/** quorum and majority: whose answers count, how many are enough, and who is missing. */
import fc from 'fast-check'
import { BehaviorSubject, EMPTY, NEVER, Subject, concat, from, of, throwError } from 'rxjs'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { ClusterError } from '../../src/model/cluster-error.ts'
import type { Envelope } from '../../src/model/envelope.ts'
import type { Peers } from '../../src/model/peer.ts'
import { majority } from '../../src/operators/majority.ts'
import { quorum } from '../../src/operators/quorum.ts'
import type { Quorum, QuorumOptions } from '../../src/operators/quorum.ts'
import { operatorContract } from './contract.ts'
import { FAILURE, codeOf, counted, mail, peersOf, record } from './lab.ts'

type Answer = Envelope<string>

/** What a quorum is, watched from the side of those who only add to it: the latest tally. */
operatorContract<Answer, Answer>(
  'an answer that passes a quorum of 1',
  () => (source) =>
    concat(source.pipe(quorum(1)), source).pipe((both) =>
      from([both]).pipe(() => both as never),
    ),
  [],
)
