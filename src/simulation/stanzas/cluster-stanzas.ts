/** Stanzas of whole clusters: real nodes on virtual time, a lane for each of what it sees. */
import { NEVER, type Observable, Subject, type Subscription } from 'rxjs'
import type { Lane, Part, Stanza } from '../../marbles/stanza.ts'
import type { Local, Protocol } from '../world.ts'
import { USAGE, readCommand } from './cluster-command.ts'
import { renderNotation, type Notation } from '../../marbles/notation.ts'
import { BROADCAST, type Pid } from '../../model/pid.ts'
import type { ClusterNode } from '../../node/cluster-node.ts'
import { LaneRecord } from './lane-record.ts'
import type { OutgoingEnvelope } from '../../model/envelope.ts'
import { SimWorld } from '../sim-world.ts'
import type { StanzaRunner } from '../../marbles/verb.ts'
import { inVirtualTime } from '../in-virtual-time.ts'
import { readOrder } from './orders.ts'
import { parseFault } from '../fault-words.ts'
import { valueOf } from '../../marbles/values.ts'

/**
 * What every node of a stanza runs: a protocol that may be told something.
 *
 * @param told the values of its lane `tellN`, from now on
 */
export type StanzaProtocol = (
  node: ClusterNode,
  local: Local,
  told: Observable<unknown>,
) => Observable<unknown> | Subscription | undefined | void

/**
 * The command `cluster` of stanzas.
 *
 * ```
 * # what is sent during a partition arrives after it
 * cluster 2 tick=10ms
 * network --p 500ms h----
 * outbox1 -a-b
 * p = partition 1|2
 * h = heal
 * ----
 * inbox1  ---- 500ms ------
 * inbox2  -a-- 500ms b-----
 * ```
 *
 * Above the line, each letter is a fault on the lane `network`, an envelope on `outboxN` (one that
 * is not defined is itself, to everybody), and on `tellN` an order (`add 3`, `delete 3`, `pause
 * inbox`, `resume inbox`, `close`) or a value for its protocol. Below it stand, for each node, the
 * lanes that `show=` names. A message keeps its letter from outbox to inbox.
 *
 * @param protocols what `protocol=` can name
 */
export function clusterStanzas(
  protocols: Readonly<Record<string, StanzaProtocol>> = {},
): StanzaRunner {
  return { name: 'cluster', usage: USAGE, run: (stanza) => run(stanza, protocols) }
}

function run(stanza: Stanza, protocols: Readonly<Record<string, StanzaProtocol>>): Part {
  const command = readCommand(stanza.command, Object.keys(protocols))
  const { seed, pids, tickMs, joined, limits } = command
  const record = new LaneRecord(command)
  const told = new Map(pids.map((pid) => [pid, new Subject<unknown>()]))
  const protocol = protocols[command.protocol ?? '']
  const runs: Protocol = (node, local) => {
    // Mail that nobody hears would wait in the inbox.
    if (protocol === undefined) return node.inbox.subscribe()
    return protocol(node, local, told.get(local.pid) ?? NEVER)
  }
  const world = new SimWorld({
    seed,
    peers: pids,
    joined,
    limits: { startMsgId: 1, ...limits },
    frameMs: tickMs,
    protocol: runs,
  })
  const frames = Math.max(...stanza.given.lanes.map(({ drawing }) => drawing.frames), 1)
  let fromMs = 0
  inVirtualTime(world.time, () => {
    world.network.tap = (...sent) => record.send(world.nowMs, ...sent)
    const listening = world.trace.subscribe((event) => record.see(event))
    world.start(() => {
      fromMs = world.nowMs
      record.begin()
    })
    for (const act of actsOf(stanza, pids, { world, record, told })) {
      world.at(fromMs + act.frame * tickMs, act.work)
    }
    world.run(frames * tickMs)
    listening.unsubscribe()
    world.network.tap = undefined
    world.end()
  })
  return record.draw(stanza, fromMs, frames)
}

interface Stage {
  readonly world: SimWorld
  readonly record: LaneRecord
  readonly told: ReadonlyMap<Pid, { next(value: unknown): void }>
}

interface Act {
  readonly frame: number
  readonly work: () => void
}

/** What the lanes above the line do: at one moment the network first, then orders, then mail. */
function actsOf(stanza: Stanza, pids: readonly Pid[], stage: Stage): readonly Act[] {
  const of = (name: string): readonly Lane[] =>
    stanza.given.lanes.filter((lane) => lane.name.replace(/\d+$/, '') === name)
  const strange = stanza.given.lanes.filter(
    ({ name }) => name !== 'network' && !pids.some((pid) => isOfNode(name, pid)),
  )
  if (strange.length > 0) {
    throw new Error(`"${strange.map(({ name }) => name).join('", "')}" is no lane here: ${USAGE}`)
  }
  const definitions = new Map(stanza.given.definitions.map(({ letter, value }) => [letter, value]))
  const lanes = [...of('network'), ...of('tell'), ...of('outbox')]
  return lanes.flatMap(({ name, drawing }) => {
    const pid = Number(/\d+$/.exec(name)?.[0] ?? 0)
    const kind = name.replace(/\d+$/, '')
    return drawing.marks.map((mark): Act => {
      if (mark.kind !== 'next') throw new Error(`the lane "${name}" has letters only`)
      const { letter, frame } = mark
      const notation = definitions.get(letter)
      return { frame, work: workOf({ kind, pid, letter, notation }, stage) }
    })
  })
}

interface Said {
  readonly kind: string
  readonly pid: Pid
  readonly letter: string
  readonly notation: Notation | undefined
}

/** Reads it now, so that what cannot be read is an error before anything happens. */
function workOf({ kind, pid, letter, notation }: Said, stage: Stage): () => void {
  const { world, record, told } = stage
  if (kind === 'outbox') {
    const value = notation === undefined ? undefined : valueOf(letter, notation)
    const envelope = (value ?? { pid: BROADCAST, msg: letter }) as OutgoingEnvelope
    return () => {
      record.mail.sending = letter
      world.as(pid, (node) => node.outbox.next(envelope))
      record.mail.sending = undefined
    }
  }
  if (notation === undefined) throw new Error(`"${letter}" stands for nothing: define it`)
  if (kind === 'network') {
    const text = renderNotation(notation)
    const faults = text.split(';').flatMap(parseFault)
    return () => faults.forEach((fault) => world.inject(fault))
  }
  if (notation.kind === 'words') {
    const order = readOrder(notation.text)
    return () => world.as(pid, (node) => order(node))
  }
  const value = valueOf(letter, notation)
  return () => world.as(pid, () => told.get(pid)?.next(value))
}

function isOfNode(name: string, pid: Pid): boolean {
  return name === `outbox${pid}` || name === `tell${pid}`
}
