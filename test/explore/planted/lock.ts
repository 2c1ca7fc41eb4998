/** A lock with leases and fencing tokens, a store that checks them, and the bugs in both. */
import { EMPTY, Observable, type Subscription } from 'rxjs'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/testing/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { violations, outputs } from './outputs.ts'

export type LockBug =
  | 'no fencing of a holder that was paused'
  | 'tokens forgotten at restart'
  | "released by another holder's release"
  | 'granted again before the lease expires'
  | 'a lease that never expires'

export type LockOutput =
  /** The server granted the lock. */
  | { readonly type: 'granted'; readonly token: number; readonly to: Pid }
  | { readonly type: 'wants' | 'released'; readonly token: number }
  /** The store accepted a write. */
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

/** @param bug undefined: the lock is correct */
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
        // A holder from before a restart may still hold the lock.
        let holder: { readonly pid: Pid; readonly token: number } | undefined =
          restarts > 0 ? { pid: 0, token: storedToken() } : undefined
        let lease: Subscription | undefined
        const release = (): void => {
          lease?.unsubscribe()
          holder = undefined
        }
        const startLease = (): void => {
          const ms = bug === 'granted again before the lease expires' ? LEASE_MS / 4 : LEASE_MS
          if (bug !== 'a lease that never expires') lease = scheduler.schedule(release, ms)
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
            if (message.token < newest && bug !== 'no fencing of a holder that was paused') return
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
            // Works for a while, then writes the result.
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

/** Registers what must always hold. */
export function lockSafety(world: World): void {
  world.check('no token is granted twice', (trace) => {
    const holders = new Map<number, Pid>()
    return violations<LockOutput>(trace, ({ value }) => {
      if (value.type !== 'granted') return undefined
      const before = holders.get(value.token)
      holders.set(value.token, value.to)
      return before === undefined
        ? undefined
        : `token ${value.token} was already granted to node ${before}`
    })
  })
  world.check('no write after that of a later holder', (trace) => {
    let newest = 0
    return violations<LockOutput>(trace, ({ value }) => {
      if (value.type !== 'wrote') return undefined
      const { token, by } = value
      if (token < newest) return `node ${by} wrote with token ${token}, after token ${newest}`
      newest = token
      return undefined
    })
  })
  world.check(
    'the lock is granted only after a release, or when its lease has expired',
    (trace) => {
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
          : `node ${value.to} was granted token ${value.token} while token ${before.token} is valid`
      })
    },
  )
}

/** Registers that every waiting client gets the lock after the last fault. */
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
    world.eventually('every client has had the lock', withinMs, () => waiting.size === 0),
  )
}
