/** A counter that is asked until it answers, and knows what it has counted; and its bugs. */
import { EMPTY, Observable } from 'rxjs'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/testing/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { violations, outputs } from './outputs.ts'

export type CounterBug =
  | 'dedupe forgotten at restart'
  | 'a question repeated under a new name'
  | 'an answer before the disk has it'
  | 'an answer to another question accepted'
  | 'a question that is not repeated'
  | 'a name forgotten as soon as it is answered'

export type CounterOutput =
  | { readonly type: 'requested'; readonly op: string }
  /** The server's disk has it; `total` counts all. */
  | { readonly type: 'counted'; readonly op: string }
  | { readonly type: 'done'; readonly op: string }

/** `op` is what is to be counted, once; `name` is what the question is called. */
interface CountRequest {
  readonly type: 'count'
  readonly op: string
  readonly name: string
}
interface CountReply {
  readonly type: 'counted'
  readonly name: string
}

const SERVER: Pid = 1
const DISK_MS = 5
const RETRY_MS = 150

/** @param bug what is wrong with it; healthy without */
export function counter(bug?: CounterBug) {
  return (
    node: ClusterNode,
    { storage, scheduler, restarts }: Local,
    commands: Observable<unknown> = EMPTY,
  ) =>
    new Observable<CounterOutput>((out) => {
      const runServer = (): void => {
        const names = (): readonly string[] => (storage.get('names') as string[] | undefined) ?? []
        let seen = new Set(bug === 'dedupe forgotten at restart' ? [] : names())
        const writing = new Set<string>()
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const { op, name } = msg as CountRequest
            const reply = (): void =>
              node.outbox.next({ pid, msg: { type: 'counted', name } satisfies CountReply })
            if (seen.has(name)) return reply()
            if (writing.has(name)) return
            writing.add(name)
            if (bug === 'an answer before the disk has it') reply()
            out.add(
              scheduler.schedule(() => {
                writing.delete(name)
                seen.add(name)
                storage.set('names', [...names(), name])
                out.next({ type: 'counted', op })
                if (bug !== 'an answer before the disk has it') reply()
                if (bug === 'a name forgotten as soon as it is answered') seen = new Set()
              }, DISK_MS),
            )
          }),
        )
      }

      const runClient = (): void => {
        const pending = new Map<string, string>()
        let requestCount = 0
        const sendUntilReplied = (op: string, name: string): void => {
          if (![...pending.values()].includes(op)) return
          pending.set(name, op)
          const request: CountRequest = { type: 'count', op, name }
          node.outbox.next({ pid: SERVER, msg: request })
          if (bug === 'a question that is not repeated') return
          const nextName = bug === 'a question repeated under a new name' ? `${name}'` : name
          out.add(scheduler.schedule(() => sendUntilReplied(op, nextName), RETRY_MS))
        }
        out.add(
          commands.subscribe(() => {
            const op = `${node.pid}.${restarts}.${++requestCount}`
            out.next({ type: 'requested', op })
            pending.set(op, op)
            sendUntilReplied(op, op)
          }),
        )
        out.add(
          node.inbox.subscribe(({ msg }) => {
            const { name } = msg as CountReply
            const lastName = [...pending.keys()].at(-1) ?? name
            const op = pending.get(
              bug === 'an answer to another question accepted' ? lastName : name,
            )
            if (op === undefined) return
            for (const [other, otherOp] of pending) if (otherOp === op) pending.delete(other)
            out.next({ type: 'done', op })
          }),
        )
      }
      if (node.pid === SERVER) runServer()
      else runClient()
    })
}

/** What must hold of the counter. */
export function counterSafety(world: World): void {
  world.check('nothing is counted twice', (trace) => {
    const counted = new Set<string>()
    return violations<CounterOutput>(trace, ({ value }) => {
      if (value.type !== 'counted') return undefined
      if (counted.has(value.op)) return `${value.op} is counted twice`
      counted.add(value.op)
      return undefined
    })
  })
  world.check('what is done is counted', (trace) => {
    const counted = new Set<string>()
    return violations<CounterOutput>(trace, ({ value }) => {
      if (value.type === 'counted') counted.add(value.op)
      return value.type === 'done' && !counted.has(value.op)
        ? `${value.op} is done, and was never counted`
        : undefined
    })
  })
}

/** After the last fault everything asked by who still lives is done. */
export function counterLiveness(world: World, healedMs: number, withinMs: number): void {
  const pending = new Map<string, Pid>()
  world.trace.subscribe((event) => {
    if (event.type === 'crashed') {
      for (const [op, pid] of pending) if (pid === event.pid) pending.delete(op)
    }
  })
  world.trace.pipe(outputs<CounterOutput>()).subscribe(({ pid, value }) => {
    if (value.type === 'requested') pending.set(value.op, pid)
    if (value.type === 'done') pending.delete(value.op)
  })
  world.at(healedMs, () =>
    world.eventually('every question is answered', withinMs, () => pending.size === 0),
  )
}
