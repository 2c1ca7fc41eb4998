/** The operator `quorum`. */
import { concat, defer, filter, map, merge, NEVER, of, take, throwError } from 'rxjs'
import type { Observable, OperatorFunction } from 'rxjs'
import {
  A_BOOLEAN,
  A_FUNCTION,
  A_PID,
  AN_OBSERVABLE,
  anyOf,
  checkArgument,
  checkOptions,
  integerFrom,
} from '../model/check-arguments.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Peers } from '../model/peer.ts'
import { type Pid, textPidAdvice } from '../model/pid.ts'

const NEEDED = anyOf(integerFrom({ min: 0 }), A_FUNCTION)
const ADVICE = ': pass pids as numbers, with Number(pid)'
const OPTIONS = {
  optional: {
    peers: anyOf(AN_OBSERVABLE, {
      expected: 'an array of pids',
      accepts: (value) => Array.isArray(value) && value.every(A_PID.accepts),
      advice: (value) => (Array.isArray(value) && value.some(textPidAdvice) ? ADVICE : ''),
    }),
    follow: A_BOOLEAN,
  },
}

/** The answers that make a quorum. */
export interface Quorum<E> {
  /** The first answer of each peer, in order of arrival. */
  readonly answers: readonly E[]
  /** The peers without an answer; empty if no `peers` were given. */
  readonly missing: readonly Pid[]
}

/** Options of `quorum`. */
export interface QuorumOptions {
  /** The peers whose answers count. Default: every sender counts. */
  readonly peers?: Observable<Peers> | readonly Pid[] | undefined
  /**
   * Whether to follow changes of `peers`: added peers count, answers of removed peers do not.
   * Default: false, the peers are those at subscription.
   */
  readonly follow?: boolean | undefined
}

type Voters = ReadonlySet<Pid> | 'anyone'

/**
 * Collects answers from distinct peers until there are enough.
 *
 * ```ts usage
 * node.inbox
 *   .pipe(decodeMessage(Vote), quorum(2, { peers: node.peers }))
 *   .subscribe(({ answers, missing }) => console.log(answers.length, missing))
 * ```
 *
 * ```marbles
 * # the second answer of peer 2 does not count
 * quorum 2 peers=2,3,4
 * source  -a-b-c---
 * a = 2: "yes"
 * b = 2: "yes"
 * c = 3: "yes"
 * ----
 * result  -----(Q|)
 * Q = {"answers":["a","c"],"missing":[4]}
 * ```
 *
 * It emits once and completes. This node is not a voter: `quorum(3)` waits for three others, unlike
 * `majority`, which counts this node. With 0 needed it emits at once, without subscribing to the
 * source. Errors of the source and of `peers` pass through.
 *
 * The result errors with `QUORUM_UNREACHABLE` if the source completes too early. It errors at once
 * if fewer peers exist than are needed, unless `follow` is set. The `issues` of that error name the
 * missing peers. To limit the time, end the source: `takeUntil(timer(500))`.
 *
 * With R + W > N, every read of R nodes overlaps every write of W nodes (Gifford: "Weighted Voting
 * for Replicated Data", SOSP 1979).
 *
 * @param needed how many answers: an integer of at least 0, or a function of the number of peers
 * @param options the peers whose answers count
 * @returns an operator; a subscription costs one subscription of the source, one of `peers`, and up
 *   to one stored answer per peer
 * @throws ClusterError `INVALID_ARGUMENT` for an argument that is not valid
 * @example
 * ```ts
 * import { quorum } from 'rx-cluster'
 * import { from } from 'rxjs'
 *
 * // In a program, the source is node.inbox with a filter for the answers to one query.
 * const answers = from([2, 3, 3, 4].map((pid) => ({ pid, msg: 'yes' })))
 * answers.pipe(quorum(2, { peers: [2, 3, 4] })).subscribe(({ answers, missing }) => {
 *   console.log(answers.map(({ pid }) => pid), missing) // [ 2, 3 ] [ 4 ]
 * })
 * ```
 * @see {@link majority} is the quorum of more than half, this node included.
 */
export function quorum<E extends Pick<Envelope, 'pid'>>(
  needed: number | ((peers: number) => number),
  options: QuorumOptions = {},
): OperatorFunction<E, Quorum<E>> {
  checkArgument('quorum', 'needed', needed, NEEDED)
  checkOptions('quorum', options, OPTIONS)
  return (source) =>
    defer(() => {
      const answers = new Map<Pid, E>()
      let voters: Voters | undefined

      const missing = (): readonly Pid[] =>
        voters instanceof Set ? [...voters].filter((pid: Pid) => !answers.has(pid)) : []
      const unreachableError = (): ClusterError => {
        const from = answers.size === 0 ? '' : ` from ${[...answers.keys()].join(', ')}`
        const absent = missing().length === 0 ? '' : `, none from ${missing().join(', ')}`
        const issues = missing().map((pid) => `${pid}: no answer`)
        const message = `too few answers: ${answers.size}${from}${absent}`
        return new ClusterError('QUORUM_UNREACHABLE', message, { issues })
      }
      const evaluate = (): Quorum<E> | undefined => {
        if (voters === undefined) return undefined
        const voterCount = voters === 'anyone' ? Infinity : voters.size
        const threshold = typeof needed === 'number' ? needed : needed(voterCount)
        if (answers.size >= threshold) return { answers: [...answers.values()], missing: missing() }
        if (voterCount < threshold && options.follow !== true) throw unreachableError()
        return undefined
      }
      const voterChanges = votersOf(options).pipe(
        map((current) => {
          voters = current
          for (const pid of answers.keys()) if (!isVoter(pid, current)) answers.delete(pid)
          return evaluate()
        }),
      )
      const answerEvents = source.pipe(
        map((answer) => {
          const { pid } = answer
          const counts = !answers.has(pid) && isVoter(pid, voters ?? 'anyone')
          if (counts && !isError(answer)) answers.set(pid, answer)
          return evaluate()
        }),
      )
      return merge(
        concat(voterChanges, NEVER),
        concat(
          answerEvents,
          throwError(() => unreachableError()),
        ),
      ).pipe(
        filter((result) => result !== undefined),
        take(1),
      )
    })
}

function votersOf({ peers, follow = false }: QuorumOptions): Observable<Voters> {
  if (peers === undefined) return of('anyone')
  if (!('subscribe' in peers)) return of(new Set(peers))
  const voters = peers.pipe(map((current) => new Set(current.keys())))
  return follow ? voters : voters.pipe(take(1))
}

/** The error of a handler is no answer. */
function isError(answer: Pick<Envelope, 'pid'> & { readonly error?: unknown }): boolean {
  return answer.error !== undefined
}

function isVoter(pid: Pid, voters: Voters): boolean {
  return voters === 'anyone' || voters.has(pid)
}
