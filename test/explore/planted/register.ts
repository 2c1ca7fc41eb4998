/** A log of writes at a primary and its backups, on disks that take their time; and its bugs. */
import { EMPTY, Observable } from 'rxjs'
import { BROADCAST } from '../../../src/model/pid.ts'
import type { ClusterNode } from '../../../src/node/cluster-node.ts'
import type { Local, World } from '../../../src/testing/simulation/world.ts'
import type { Pid } from '../../../src/model/pid.ts'
import { violations, outputs } from './outputs.ts'

export type RegisterBug =
  | 'a commit before a quorum answered'
  | 'an answer before the disk has it'
  | 'an answer matched to another write'
  | 'a commit of a majority of those within reach'
  | 'an answer counted twice'
  | 'a write that is never sent again'

/** Somebody wants this written: known by its number, given to the primary. */
export interface Write {
  readonly name: 'write'
  readonly id: number
}

export type RegisterOutput =
  /** Its disk has the write now. */
  | { readonly type: 'stored'; readonly id: number }
  /** It has begun (again): this is on its disk. */
  | { readonly type: 'recovered'; readonly ids: readonly number[] }
  | { readonly type: 'committed'; readonly id: number }
  /** The primary has taken it. */
  | { readonly type: 'accepted'; readonly id: number }

type Message = { readonly type: 'store' | 'stored'; readonly id: number }

const PRIMARY: Pid = 1
const DISK_MS = 5
const RETRY_MS = 200

/** @param bug what is wrong with it; healthy without */
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
      /** Who has which write, as far as the primary knows. */
      const holders = new Map<number, Pid[]>()
      const committed = new Set<number>()

      const store = (id: number, done: () => void): void => {
        if (disk().includes(id)) return done()
        if (bug === 'an answer before the disk has it') done()
        out.add(
          scheduler.schedule(() => {
            if (!disk().includes(id)) storage.set('ids', [...disk(), id])
            out.next({ type: 'stored', id })
            if (bug !== 'an answer before the disk has it') done()
          }, DISK_MS),
        )
      }
      const copiesNeeded = (): number => {
        if (bug === 'a commit before a quorum answered') return majority - 1
        if (bug !== 'a commit of a majority of those within reach') return majority
        const upLinks = [...node.links.value.values()].filter((state) => state === 'up').length
        return Math.floor((upLinks + 1) / 2) + 1
      }
      const onStored = (id: number, pid: Pid): void => {
        const pids = holders.get(id)
        if (pids === undefined || committed.has(id)) return
        if (!pids.includes(pid) || bug === 'an answer counted twice') pids.push(pid)
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
          if (bug === 'a write that is never sent again') return
          out.add(scheduler.schedule(send, RETRY_MS))
        }
        send()
      }

      out.next({ type: 'recovered', ids: disk() })
      if (node.pid === PRIMARY) {
        // What it took and has not told to be committed may be nowhere else.
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
          onStored(bug === 'an answer matched to another write' ? (oldest ?? id) : id, pid)
        }),
      )
    })
}

/** What must hold of the register. */
export function registerSafety(world: World): void {
  const majority = Math.floor(world.pids.length / 2) + 1
  world.check('what is committed is on the disks of a majority', (trace) => {
    const disks = new Map<Pid, Set<number>>()
    const committed = new Set<number>()
    return violations<RegisterOutput>(trace, ({ pid, value }) => {
      const disk = disks.get(pid) ?? new Set()
      if (value.type === 'recovered') disks.set(pid, new Set(value.ids))
      if (value.type === 'stored') disks.set(pid, disk.add(value.id))
      if (value.type === 'committed') committed.add(value.id)
      for (const id of committed) {
        const copies = [...disks.values()].filter((ids) => ids.has(id)).length
        if (copies < majority) return `write ${id} is committed, and on ${copies} disks`
      }
      return undefined
    })
  })
}

/** After the last fault, what the primary has on its disk is committed. */
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
