/** The operator `quorum`: enough answers from distinct peers. */
import { concat, defer, filter, map, merge, NEVER, of, take, throwError } from 'rxjs'
import type { Observable, OperatorFunction } from 'rxjs'
import { checkNumber } from '../base/check-number.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Envelope } from '../model/envelope.ts'
import type { Peers } from '../model/peer.ts'
import type { Pid } from '../model/pid.ts'

/** Enough answers. */
export interface Quorum<E> {
  /** The first of each peer, in the order they came. */
  readonly answers: readonly E[]
  /** Who has not answered; empty where nobody in particular was expected. */
  readonly missing: readonly Pid[]
}

/** Whose answers count. */
export interface QuorumOptions {
  /** Whose answers count. Default: everybody's. */
  readonly peers?: Observable<Peers> | readonly Pid[]
  /**
   * True: whoever joins counts, whoever leaves counts no more. Default: false, `peers` is read
   * once, at subscription.
   */
  readonly follow?: boolean
}

type Voters = ReadonlySet<Pid> | 'anyone'

/**
 * Gathers answers from distinct peers until there are enough of them.
 *
 * ```marbles
 * # the second answer of peer 2 does not count
 * quorum 2 peers=2,3,4
 * source  -a-b-c---
 * a = 2: "yes"
 * b = 2: "yes"
 * c = 3: "yes"
 * ----
 * result  -----(A|)
 * A = {"answers":["a","c"],"missing":[4]}
 * ```
 *
 * It emits once and completes. A source that completes before that makes it error with
 * `QUORUM_UNREACHABLE`, whose `issues` name who is missing; so do fewer peers than are needed, at
 * once, unless they are followed. Errors pass through. A quorum of 0 is there at once, and the
 * source is not subscribed to.
 *
 * @param needed how many answers: an integer of at least 0, or how many for so many peers
 * @param options whose answers count
 * @returns an operator whose subscription costs one of the source, one of `peers`, and one answer
 *   per peer
 */
export function quorum<E extends Pick<Envelope, 'pid'>>(
  needed: number | ((peers: number) => number),
  options: QuorumOptions = {},
): OperatorFunction<E, Quorum<E>> {
  if (typeof needed === 'number') checkNumber('needed', needed, { min: 0, integer: true })
  return (source) =>
    defer(() => {
      const answers = new Map<Pid, E>()
      let voters: Voters | undefined

      const missing = (): readonly Pid[] =>
        voters instanceof Set ? [...voters].filter((pid: Pid) => !answers.has(pid)) : []
      const unreachableError = (): ClusterError => {
        const answered = [...answers.keys()].join(', ') || 'nobody'
        const issues = missing().map((pid) => `${pid}: no answer`)
        const suffix = issues.length === 0 ? '' : `, not from ${missing().join(', ')}`
        return new ClusterError('QUORUM_UNREACHABLE', `answers from ${answered}${suffix}`, {
          issues,
        })
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
          if (!answers.has(pid) && isVoter(pid, voters ?? 'anyone')) answers.set(pid, answer)
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

function isVoter(pid: Pid, voters: Voters): boolean {
  return voters === 'anyone' || voters.has(pid)
}
