/** A counter that is asked until it answers, and knows what it has counted; and its bugs. */
import { EMPTY, Observable } from 'rxjs'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { complaints, outputs } from './outputs.ts'

export type CounterBug =
  | 'dedupe forgotten at restart'
  | 'a question repeated under a new name'
  | 'an answer before the disk has it'
  | 'an answer to another question accepted'
  | 'a question that is not repeated'
  | 'a name forgotten as soon as it is answered'

export type CounterOutput =
  | { readonly type: 'asked'; readonly op: string }
  /** The server's disk has it; `total` counts all. */
  | { readonly type: 'counted'; readonly op: string }
  | { readonly type: 'done'; readonly op: string }

/** `op` is what is to be counted, once; `name` is what the question is called. */
interface Question {
  readonly type: 'count'
  readonly op: string
  readonly name: string
}
interface Answer {
  readonly type: 'counted'
  readonly name: string
}

const SERVER: Pid = 1
const DISK_MS = 5
const AGAIN_MS = 150

/** @param bug what is wrong with it; healthy without */
export function counter(bug?: CounterBug) {
  return (
    node: ClusterNode,
    { storage, scheduler, life }: Local,
    commands: Observable<unknown> = EMPTY,
  ) =>
    new Observable<CounterOutput>((out) => {
      const serve = (): void => {
        const names = (): readonly string[] => (storage.get('names') as string[] | undefined) ?? []
        let seen = new Set(bug === 'dedupe forgotten at restart' ? [] : names())
        const busy = new Set<string>()
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const { op, name } = msg as Question
            const answer = (): void =>
              node.outbox.next({ pid, msg: { type: 'counted', name } satisfies Answer })
            if (seen.has(name)) return answer()
            if (busy.has(name)) return
            busy.add(name)
            if (bug === 'an answer before the disk has it') answer()
            out.add(
              scheduler.schedule(() => {
                busy.delete(name)
                seen.add(name)
                storage.set('names', [...names(), name])
                out.next({ type: 'counted', op })
                if (bug !== 'an answer before the disk has it') answer()
                if (bug === 'a name forgotten as soon as it is answered') seen = new Set()
              }, DISK_MS),
            )
          }),
        )
      }

      const ask = (): void => {
        const open = new Map<string, string>()
        let asked = 0
        const repeat = (op: string, name: string): void => {
          if (![...open.values()].includes(op)) return
          open.set(name, op)
          const question: Question = { type: 'count', op, name }
          node.outbox.next({ pid: SERVER, msg: question })
          if (bug === 'a question that is not repeated') return
          const again = bug === 'a question repeated under a new name' ? `${name}'` : name
          out.add(scheduler.schedule(() => repeat(op, again), AGAIN_MS))
        }
        out.add(
          commands.subscribe(() => {
            const op = `${node.pid}.${life}.${++asked}`
            out.next({ type: 'asked', op })
            open.set(op, op)
            repeat(op, op)
          }),
        )
        out.add(
          node.inbox.subscribe(({ msg }) => {
            const { name } = msg as Answer
            const anything = [...open.keys()].at(-1) ?? name
            const op = open.get(bug === 'an answer to another question accepted' ? anything : name)
            if (op === undefined) return
            for (const [other, its] of open) if (its === op) open.delete(other)
            out.next({ type: 'done', op })
          }),
        )
      }
      if (node.pid === SERVER) serve()
      else ask()
    })
}

/** What must hold of the counter. */
export function counterChecks(world: World): void {
  world.check('nothing is counted twice', (trace) => {
    const counted = new Set<string>()
    return complaints<CounterOutput>(trace, ({ value }) => {
      if (value.type !== 'counted') return undefined
      if (counted.has(value.op)) return `${value.op} is counted twice`
      counted.add(value.op)
      return undefined
    })
  })
  world.check('what is done is counted', (trace) => {
    const counted = new Set<string>()
    return complaints<CounterOutput>(trace, ({ value }) => {
      if (value.type === 'counted') counted.add(value.op)
      return value.type === 'done' && !counted.has(value.op)
        ? `${value.op} is done, and was never counted`
        : undefined
    })
  })
}

/** After the last fault everything asked by who still lives is done. */
export function counterEnds(world: World, healedMs: number, withinMs: number): void {
  const open = new Map<string, Pid>()
  world.trace.subscribe((event) => {
    if (event.type === 'crashed') {
      for (const [op, pid] of open) if (pid === event.pid) open.delete(op)
    }
  })
  world.trace.pipe(outputs<CounterOutput>()).subscribe(({ pid, value }) => {
    if (value.type === 'asked') open.set(value.op, pid)
    if (value.type === 'done') open.delete(value.op)
  })
  world.at(healedMs, () =>
    world.eventually('every question is answered', withinMs, () => open.size === 0),
  )
}
