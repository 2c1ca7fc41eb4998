/** A lock with leases and fencing tokens before a store that looks at them; and its bugs. */
import { EMPTY, Observable, type Subscription } from 'rxjs'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/testing/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { violations, outputs } from './outputs.ts'

export type LockBug =
  | 'no fencing: a holder was only paused'
  | 'tokens forgotten at restart'
  | "released by another holder's release"
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

const LOCK_SERVER: Pid = 1
const STORE: Pid = 2
const LEASE_MS = 400
const WORK_MS = 100
const RETRY_MS = 150

/** @param bug what is wrong with it; healthy without */
export function lock(bug?: LockBug) {
  return (
    node: ClusterNode,
    { storage, scheduler, restarts }: Local,
    commands: Observable<unknown> = EMPTY,
  ) =>
    new Observable<LockOutput>((out) => {
      const send = (pid: Pid, msg: Message): void => node.outbox.next({ pid, msg })

      const runLockServer = (): void => {
        const storedToken = (): number =>
          bug === 'tokens forgotten at restart'
            ? lastToken
            : ((storage.get('token') as number | undefined) ?? 0)
        let lastToken = 0
        // Whoever held it before a restart may hold it still.
        let holder: { readonly pid: Pid; readonly token: number } | undefined =
          restarts > 0 ? { pid: 0, token: storedToken() } : undefined
        let lease: Subscription | undefined
        const release = (): void => {
          lease?.unsubscribe()
          holder = undefined
        }
        const startLease = (): void => {
          const ms = bug === 'granted again before the lease is over' ? LEASE_MS / 4 : LEASE_MS
          if (bug !== 'a lease that is never over') lease = scheduler.schedule(release, ms)
        }
        if (holder !== undefined) startLease()
        out.add(() => lease?.unsubscribe())
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const message = msg as Message
            if (message.type === 'release') {
              const isHolder = message.token === holder?.token
              if (isHolder || bug === "released by another holder's release") release()
            }
            if (message.type !== 'lock') return
            if (holder === undefined) {
              lastToken = storedToken() + 1
              storage.set('token', lastToken)
              holder = { pid, token: lastToken }
              out.next({ type: 'granted', token: lastToken, to: pid })
              startLease()
              send(pid, { type: 'granted', token: lastToken })
            }
          }),
        )
      }

      const runStore = (): void => {
        out.add(
          node.inbox.subscribe(({ pid, msg }) => {
            const message = msg as Message
            if (message.type !== 'write') return
            const newest = (storage.get('newest') as number | undefined) ?? 0
            if (message.token < newest && bug !== 'no fencing: a holder was only paused') return
            storage.set('newest', Math.max(newest, message.token))
            out.next({ type: 'wrote', token: message.token, by: pid })
          }),
        )
      }

      const runClient = (): void => {
        let isWaiting = false
        const requestLock = (): void => {
          if (!isWaiting) return
          send(LOCK_SERVER, { type: 'lock' })
          out.add(scheduler.schedule(requestLock, RETRY_MS))
        }
        out.add(
          commands.subscribe(() => {
            if (isWaiting) return
            isWaiting = true
            out.next({ type: 'wants', token: 0 })
            requestLock()
          }),
        )
        out.add(
          node.inbox.subscribe(({ msg }) => {
            const message = msg as Message
            if (message.type !== 'granted') return
            isWaiting = false
            const { token } = message
            // It works for a while, and writes what came of it.
            out.add(
              scheduler.schedule(() => {
                send(STORE, { type: 'write', token })
                send(LOCK_SERVER, { type: 'release', token })
                out.next({ type: 'released', token })
              }, WORK_MS),
            )
          }),
        )
      }
      if (node.pid === LOCK_SERVER) runLockServer()
      else if (node.pid === STORE) runStore()
      else runClient()
    })
}

/** What must hold of the lock. */
export function lockSafety(world: World): void {
  world.check('no token is given twice', (trace) => {
    const holders = new Map<number, Pid>()
    return violations<LockOutput>(trace, ({ value }) => {
      if (value.type !== 'granted') return undefined
      const before = holders.get(value.token)
      holders.set(value.token, value.to)
      return before === undefined ? undefined : `token ${value.token} went to ${before} already`
    })
  })
  world.check('nobody writes after a later holder', (trace) => {
    let newest = 0
    return violations<LockOutput>(trace, ({ value }) => {
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
    return violations<LockOutput>(trace, ({ value, atMs }) => {
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
export function lockLiveness(world: World, healedMs: number, withinMs: number): void {
  const waiting = new Set<Pid>()
  world.trace.subscribe((event) => {
    if (event.type === 'crashed') waiting.delete(event.pid)
  })
  world.trace.pipe(outputs<LockOutput>()).subscribe(({ pid, value }) => {
    if (value.type === 'wants') waiting.add(pid)
    if (value.type === 'granted') waiting.delete(value.to)
  })
  world.at(healedMs, () =>
    world.eventually('everybody has had the lock', withinMs, () => waiting.size === 0),
  )
}
