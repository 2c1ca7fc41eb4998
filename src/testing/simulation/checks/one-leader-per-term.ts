/** Election safety, at most one leader per term, as a check over the trace. */
import { type Observable, filter, map } from 'rxjs'
import type { Pid } from '../../../model/pid.ts'
import type { TraceEvent } from '../../../recording/trace-event.ts'

/** The leader of a term. */
export interface Leadership {
  readonly term: number
  readonly leader: Pid
}

/**
 * A check for `world.check`: all nodes name the same leader in a term.
 *
 * ```ts
 * world.check('one leader per term', oneLeaderPerTerm((value) => value as Leadership))
 * ```
 *
 * This is election safety (Ongaro and Ousterhout 2014, figure 3). Its memory grows with the number
 * of terms.
 *
 * @param leadershipOf reads the leader from an output of a protocol; undefined if it names none
 * @returns an Observable that emits once for each further leader of a term
 */
export function oneLeaderPerTerm(
  leadershipOf: (value: unknown, pid: Pid) => Leadership | undefined,
): (trace: Observable<TraceEvent>) => Observable<string> {
  return (trace) => {
    const leaders = new Map<number, Set<Pid>>()
    return trace.pipe(
      map((event) => {
        const leadership =
          event.type === 'output' ? leadershipOf(event.value, event.pid) : undefined
        if (leadership === undefined) return undefined
        const { term, leader } = leadership
        const termLeaders = leaders.get(term) ?? new Set()
        const [first] = termLeaders
        const isNew = !termLeaders.has(leader)
        leaders.set(term, termLeaders.add(leader))
        return isNew && first !== undefined
          ? `${first} and ${leader} lead in term ${term}`
          : undefined
      }),
      filter((contradiction) => contradiction !== undefined),
    )
  }
}
