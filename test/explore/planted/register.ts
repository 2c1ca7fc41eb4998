/** A log of writes at a primary and its backups, on slow disks, and the bugs in it. */
import { EMPTY, Observable } from 'rxjs'
import { BROADCAST } from '../../../src/model/pid.ts'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/testing/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { violations, outputs } from './outputs.ts'

export type RegisterBug =
  | 'a commit before a quorum replied'
  | 'a reply before the write is on disk'
  | 'a reply matched to another write'
  | 'a commit by a majority of the reachable nodes'
  | 'a reply counted twice'
  | 'a write that is never retried'

/** A command to the primary: write the value with this id. */
export interface Write {
  readonly name: 'write'
  readonly id: number
}

export type RegisterOutput =
  /** The write is on the node's disk. */
  | { readonly type: 'stored'; readonly id: number }
  /** The node has started, with these writes on its disk. */
  | { readonly type: 'recovered'; readonly ids: readonly number[] }
  | { readonly type: 'committed'; readonly id: number }
  /** The primary has received the command. */
  | { readonly type: 'accepted'; readonly id: number }

type Message = { readonly type: 'store' | 'stored'; readonly id: number }

const PRIMARY: Pid = 1
const DISK_MS = 5
const RETRY_MS = 200

/** @param bug undefined: the register is correct */
export function register(bug?: RegisterBug) {
  return (
    node: ClusterNode,
    { storage, scheduler }: Local,
    commands: Observable<{ readonly args?: unknown }> = EMPTY,
  ) =>
    new Observable<RegisterOutput>((out) => {
      const members = node.peers.value.size + 1
      const majority = Math.floor(members / 2) + 1
      const disk = (): readonly number[] => (storage.get('ids') as number[] | undefined) ?? []
      /** The nodes that have each write on disk, as far as the primary knows. */
      const holders = new Map<number, Pid[]>()
      const committed = new Set<number>()

      const store = (id: number, done: () => void): void => {
        if (disk().includes(id)) return done()
        if (bug === 'a reply before the write is on disk') done()
        out.add(
          scheduler.schedule(() => {
            if (!disk().includes(id)) storage.set('ids', [...disk(), id])
            out.next({ type: 'stored', id })
            if (bug !== 'a reply before the write is on disk') done()
          }, DISK_MS),
        )
      }
      const copiesNeeded = (): number => {
        if (bug === 'a commit before a quorum replied') return majority - 1
        if (bug !== 'a commit by a majority of the reachable nodes') return majority
        const upLinks = [...node.links.value.values()].filter(({ state }) => state === 'up').length
        return Math.floor((upLinks + 1) / 2) + 1
      }
      const onStored = (id: number, pid: Pid): void => {
        const pids = holders.get(id)
        if (pids === undefined || committed.has(id)) return
        if (!pids.includes(pid) || bug === 'a reply counted twice') pids.push(pid)
        if (pids.length < copiesNeeded()) return
        committed.add(id)
        out.next({ type: 'committed', id })
      }
      const replicate = (id: number): void => {
        holders.set(id, [])
        store(id, () => onStored(id, node.pid))
        const send = (): void => {
          if (committed.has(id)) return
          node.outbox.next({ pid: BROADCAST, msg: { type: 'store', id } })
          if (bug === 'a write that is never retried') return
          out.add(scheduler.schedule(send, RETRY_MS))
        }
        send()
      }

      out.next({ type: 'recovered', ids: disk() })
      if (node.pid === PRIMARY) {
        // Writes that were not committed before a restart may be on no other disk.
        for (const id of disk()) replicate(id)
        out.add(
          commands.subscribe(({ args }) => {
            const { id } = args as Write
            out.next({ type: 'accepted', id })
            replicate(id)
          }),
        )
      }
      out.add(
        node.inbox.subscribe(({ pid, msg }) => {
          const { type, id } = msg as Message
          if (type === 'store') {
            store(id, () => node.outbox.next({ pid, msg: { type: 'stored', id } }))
            return
          }
          const oldest = [...holders.keys()].find((one) => !committed.has(one))
          onStored(bug === 'a reply matched to another write' ? (oldest ?? id) : id, pid)
        }),
      )
    })
}

/** Registers what must always hold. */
export function registerSafety(world: World): void {
  const majority = Math.floor(world.pids.length / 2) + 1
  world.check('a committed write is on the disks of a majority', (trace) => {
    const disks = new Map<Pid, Set<number>>()
    const committed = new Set<number>()
    return violations<RegisterOutput>(trace, ({ pid, value }) => {
      const disk = disks.get(pid) ?? new Set()
      if (value.type === 'recovered') disks.set(pid, new Set(value.ids))
      if (value.type === 'stored') disks.set(pid, disk.add(value.id))
      if (value.type === 'committed') committed.add(value.id)
      for (const id of committed) {
        const copies = [...disks.values()].filter((ids) => ids.has(id)).length
        if (copies < majority) return `write ${id} is committed, but only on ${copies} disks`
      }
      return undefined
    })
  })
}

/** Registers that all writes on the primary's disk are committed after the last fault. */
export function registerLiveness(world: World, healedMs: number, withinMs: number): void {
  const accepted = new Set<number>()
  const committed = new Set<number>()
  world.trace.pipe(outputs<RegisterOutput>()).subscribe(({ pid, value }) => {
    if (pid === PRIMARY && value.type === 'stored') accepted.add(value.id)
    if (value.type === 'committed') committed.add(value.id)
  })
  world.at(healedMs, () =>
    world.eventually('every write on the disk of the primary is committed', withinMs, () =>
      [...accepted].every((id) => committed.has(id)),
    ),
  )
}
