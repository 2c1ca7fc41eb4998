/** A lock with leases and fencing tokens before a store that looks at them; and its bugs. */
import { EMPTY, Observable, type Subscription } from 'rxjs'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { complaints, outputs } from './outputs.ts'

export type LockBug =
  | 'no fencing: a holder was only paused'
  | 'tokens forgotten at restart'
  | "released by somebody else's release"
  | 'granted again before the lease is over'
  | 'a lease that is never over'

export type LockOutput =
  /** The lock's keeper gave it away. */
  | { readonly type: 'granted'; readonly token: number; readonly to: Pid }
  | { readonly type: 'wants' | 'released'; readonly token: number }
  /** The store took a write of a holder. */
  | { readonly type: 'wrote'; readonly token: number; readonly by: Pid }

type Message =
  | { readonly type: 'lock' }
  | { readonly type: 'granted'; readonly token: number }
  | { readonly type: 'release'; readonly token: number }
  | { readonly type: 'write'; readonly token: number }

const KEEPER: Pid = 1
const STORE: Pid = 2
const LEASE_MS = 400
const WORK_MS = 100
const AGAIN_MS = 150

/** @param bug what is wrong with it; healthy without */
export function lock(bug?: LockBug) {
  return (
    node: ClusterNode,
    { storage, scheduler, life }: Local,
    commands: Observable<unknown> = EMPTY,
  ) =>
    new Observable<LockOutput>((out) => {
      const send = (pid: Pid, msg: Message): void => node.outbox.next({ pid, msg })

      const keep = (): void => {
        const last = (): number =>
          bug === 'tokens forgotten at restart'
            ? given
            : ((storage.get('token') as number | undefined) ?? 0)
        let given = 0
        // Whoever held it before a restart may hold it still.
        let holder: { readonly pid: Pid; readonly token: number } | undefined =
          life > 0 ? { pid: 0, token: last() } : undefined
        let lease: Subscription | undefined
        const free = (): void => {
          lease?.unsubscribe()
          holder = undefined
        }
        const hold = (): void => {
          const ms = bug === 'granted again before the lease is over' ? LEASE_MS / 4 : LEASE_MS
          if (bug !== 'a lease that is never over') lease = scheduler.schedule(free, ms)
        }
        if (holder !== undefined) hold()
        out.add(() => lease?.unsubscribe())
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const heard = msg as Message
            if (heard.type === 'release') {
              const own = heard.token === holder?.token
              if (own || bug === "released by somebody else's release") free()
            }
            if (heard.type !== 'lock') return
            if (holder === undefined) {
              given = last() + 1
              storage.set('token', given)
              holder = { pid, token: given }
              out.next({ type: 'granted', token: given, to: pid })
              hold()
              send(pid, { type: 'granted', token: given })
            }
          }),
        )
      }

      const store = (): void => {
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const heard = msg as Message
            if (heard.type !== 'write') return
            const newest = (storage.get('newest') as number | undefined) ?? 0
            if (heard.token < newest && bug !== 'no fencing: a holder was only paused') return
            storage.set('newest', Math.max(newest, heard.token))
            out.next({ type: 'wrote', token: heard.token, by: pid })
          }),
        )
      }

      const use = (): void => {
        let wanting = false
        const want = (): void => {
          if (!wanting) return
          send(KEEPER, { type: 'lock' })
          out.add(scheduler.schedule(want, AGAIN_MS))
        }
        out.add(
          commands.subscribe(() => {
            if (wanting) return
            wanting = true
            out.next({ type: 'wants', token: 0 })
            want()
          }),
        )
        out.add(
          node.inbox.subscribe(({ msg }) => {
            const heard = msg as Message
            if (heard.type !== 'granted') return
            wanting = false
            const { token } = heard
            // It works for a while, and writes what came of it.
            out.add(
              scheduler.schedule(() => {
                send(STORE, { type: 'write', token })
                send(KEEPER, { type: 'release', token })
                out.next({ type: 'released', token })
              }, WORK_MS),
            )
          }),
        )
      }
      if (node.pid === KEEPER) keep()
      else if (node.pid === STORE) store()
      else use()
    })
}

/** What must hold of the lock. */
export function lockChecks(world: World): void {
  world.check('no token is given twice', (trace) => {
    const holders = new Map<number, Pid>()
    return complaints<LockOutput>(trace, ({ value }) => {
      if (value.type !== 'granted') return undefined
      const before = holders.get(value.token)
      holders.set(value.token, value.to)
      return before === undefined ? undefined : `token ${value.token} went to ${before} already`
    })
  })
  world.check('nobody writes after a later holder', (trace) => {
    let newest = 0
    return complaints<LockOutput>(trace, ({ value }) => {
      if (value.type !== 'wrote') return undefined
      const { token, by } = value
      if (token < newest) return `${by} wrote with token ${token}, after token ${newest}`
      newest = token
      return undefined
    })
  })
  world.check('the lock is given when it is released, or its lease is over', (trace) => {
    let held: { readonly token: number; readonly atMs: number } | undefined
    const released = new Set<number>()
    return complaints<LockOutput>(trace, ({ value, atMs }) => {
      if (value.type === 'released') released.add(value.token)
      if (value.type !== 'granted') return undefined
      const before = held
      held = { token: value.token, atMs }
      if (before === undefined || released.has(before.token)) return undefined
      return atMs - before.atMs >= 0.9 * LEASE_MS
        ? undefined
        : `${value.to} has token ${value.token} while ${before.token} is held`
    })
  })
}

/** After the last fault everybody who wants the lock has it once. */
export function lockEnds(world: World, healedMs: number, withinMs: number): void {
  const wanting = new Set<Pid>()
  world.trace.subscribe((event) => {
    if (event.type === 'crashed') wanting.delete(event.pid)
  })
  world.trace.pipe(outputs<LockOutput>()).subscribe(({ pid, value }) => {
    if (value.type === 'wants') wanting.add(pid)
    if (value.type === 'granted') wanting.delete(value.to)
  })
  world.at(healedMs, () =>
    world.eventually('everybody has had the lock', withinMs, () => wanting.size === 0),
  )
}
