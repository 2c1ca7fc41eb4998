/** One leader per term: what every election promises, as a check over the trace. */
import { type Observable, filter, map } from 'rxjs'
import type { Pid } from '../../../model/pid.ts'
import type { TraceEvent } from '../../../recording/trace-event.ts'

/** Who leads in a term. */
export interface Leadership {
  readonly term: number
  readonly leader: Pid
}

/**
 * A check for `world.check`: no two nodes are said to lead in one term, by whomever.
 *
 * ```ts
 * world.check('one leader per term', oneLeaderPerTerm((value) => value as Leadership))
 * ```
 *
 * It is election safety (Ongaro and Ousterhout 2014, figure 3). What it remembers grows with the
 * number of terms.
 *
 * @param leadershipOf reads what a protocol emitted, and which node it was; undefined where it says
 *   nothing about who leads
 * @returns emits each contradiction, once for each node that is one leader too many
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
