/** A counter that deduplicates retried requests, and the bugs in it. */
import { EMPTY, Observable } from 'rxjs'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/testing/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { violations, outputs } from './outputs.ts'

export type CounterBug =
  | 'dedupe forgotten at restart'
  | 'a retry with a new request id'
  | 'a reply before the write is on disk'
  | 'a reply to another request accepted'
  | 'a request that is never retried'
  | 'a request id forgotten after its reply'

export type CounterOutput =
  | { readonly type: 'requested'; readonly op: string }
  /** The operation is on the server's disk. */
  | { readonly type: 'counted'; readonly op: string }
  | { readonly type: 'done'; readonly op: string }

/** `op` must be counted once, however often its request is sent. */
interface CountRequest {
  readonly type: 'count'
  readonly op: string
  readonly requestId: string
}
interface CountReply {
  readonly type: 'counted'
  readonly requestId: string
}

const SERVER: Pid = 1
const DISK_MS = 5
const RETRY_MS = 150

/** @param bug undefined: the counter is correct */
export function counter(bug?: CounterBug) {
  return (
    node: ClusterNode,
    { storage, scheduler, restarts }: Local,
    commands: Observable<unknown> = EMPTY,
  ) =>
    new Observable<CounterOutput>((out) => {
      const runServer = (): void => {
        const requestIds = (): readonly string[] =>
          (storage.get('requestIds') as string[] | undefined) ?? []
        let seen = new Set(bug === 'dedupe forgotten at restart' ? [] : requestIds())
        const writing = new Set<string>()
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const { op, requestId } = msg as CountRequest
            const reply = (): void =>
              node.outbox.next({ pid, msg: { type: 'counted', requestId } satisfies CountReply })
            if (seen.has(requestId)) return reply()
            if (writing.has(requestId)) return
            writing.add(requestId)
            if (bug === 'a reply before the write is on disk') reply()
            out.add(
              scheduler.schedule(() => {
                writing.delete(requestId)
                seen.add(requestId)
                storage.set('requestIds', [...requestIds(), requestId])
                out.next({ type: 'counted', op })
                if (bug !== 'a reply before the write is on disk') reply()
                if (bug === 'a request id forgotten after its reply') seen = new Set()
              }, DISK_MS),
            )
          }),
        )
      }

      const runClient = (): void => {
        const pending = new Map<string, string>()
        let requestCount = 0
        const sendUntilReplied = (op: string, requestId: string): void => {
          if (![...pending.values()].includes(op)) return
          pending.set(requestId, op)
          const request: CountRequest = { type: 'count', op, requestId }
          node.outbox.next({ pid: SERVER, msg: request })
          if (bug === 'a request that is never retried') return
          const nextId = bug === 'a retry with a new request id' ? `${requestId}'` : requestId
          out.add(scheduler.schedule(() => sendUntilReplied(op, nextId), RETRY_MS))
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
            const { requestId } = msg as CountReply
            const lastId = [...pending.keys()].at(-1) ?? requestId
            const op = pending.get(
              bug === 'a reply to another request accepted' ? lastId : requestId,
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

/** Registers what must always hold. */
export function counterSafety(world: World): void {
  world.check('no operation is counted twice', (trace) => {
    const counted = new Set<string>()
    return violations<CounterOutput>(trace, ({ value }) => {
      if (value.type !== 'counted') return undefined
      if (counted.has(value.op)) return `${value.op} is counted twice`
      counted.add(value.op)
      return undefined
    })
  })
  world.check('a confirmed operation is counted', (trace) => {
    const counted = new Set<string>()
    return violations<CounterOutput>(trace, ({ value }) => {
      if (value.type === 'counted') counted.add(value.op)
      return value.type === 'done' && !counted.has(value.op)
        ? `${value.op} is confirmed, but was never counted`
        : undefined
    })
  })
}

/** Registers that every request of a live client gets a reply after the last fault. */
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
    world.eventually('every request gets a reply', withinMs, () => pending.size === 0),
  )
}
