/** The marble command `cluster`: runs real nodes in virtual time, and draws what each one sees. */
import { marbleProblem } from '../../marbles/marble-test.ts'
import { NEVER, Subject } from 'rxjs'
import type { MarbleLane, MarblePart, MarbleTest } from '../../marbles/marble-test.ts'
import type { Protocol } from '../world.ts'
import { USAGE, parseClusterCall } from './cluster-call.ts'
import { renderNotation, type MarbleNotation } from '../../marbles/notation.ts'
import { BROADCAST, type Pid } from '../../../model/pid.ts'
import { LaneRecorder } from './lane-recorder.ts'
import type { OutgoingEnvelope } from '../../../model/envelope.ts'
import { SimWorld } from '../sim-world.ts'
import type { MarbleRunner } from '../../marbles/command.ts'
import { inVirtualTime } from '../time/in-virtual-time.ts'
import { checkFault } from '../faults/check-fault.ts'
import { parseNodeAction } from './node-actions.ts'
import { parseFault } from '../faults/fault-syntax.ts'
import { valueOf } from '../../marbles/values.ts'

/**
 * Returns the marble command `cluster`, which simulates a cluster.
 *
 * ```
 * # an envelope that is sent during a partition arrives after it
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
 * Above the line, a letter is a fault on the lane `network`, and an envelope on `outboxN`; an
 * undefined letter there is a broadcast of itself. On `commandN` a letter is a JSON value for the
 * protocol, or a node action: `add 3`, `remove 3`, `pause inbox`, `resume inbox`, `close`.
 *
 * Below the line are the lanes that `show=` selects, for each node. A message keeps its letter from
 * outbox to inbox.
 *
 * @param protocols the protocols by the names that `protocol=` accepts
 */
export function clusterCommand(
  protocols: Readonly<Record<string, Protocol<unknown>>> = {},
): MarbleRunner {
  return { name: 'cluster', usage: USAGE, run: (test) => runClusterTest(test, protocols) }
}

function runClusterTest(
  test: MarbleTest,
  protocols: Readonly<Record<string, Protocol<unknown>>>,
): MarblePart {
  const call = parseClusterCall(test.call, Object.keys(protocols))
  const { seed, pids, tickMs, connected, limits } = call
  const recorder = new LaneRecorder(call)
  const commands = new Map(pids.map((pid) => [pid, new Subject<unknown>()]))
  const protocol = protocols[call.protocol ?? '']
  const nodeProtocol: Protocol = (node, local) => {
    // Subscribe anyway: without a subscriber, envelopes would wait in the inbox.
    if (protocol === undefined) return node.inbox.subscribe()
    return protocol(node, local, commands.get(local.pid) ?? NEVER)
  }
  const world = new SimWorld({
    seed,
    peers: pids,
    connected,
    limits: { startMsgId: 1, ...limits },
    frameMs: tickMs,
    protocol: nodeProtocol,
  })
  const frames = Math.max(...test.given.lanes.map(({ drawing }) => drawing.frames), 1)
  let fromMs = 0
  inVirtualTime(world.time, () => {
    world.network.tap = (...sent) => recorder.frameSent(world.nowMs, ...sent)
    const subscription = world.trace.subscribe((event) => recorder.record(event))
    world.start(() => {
      fromMs = world.nowMs
      recorder.reset()
    })
    for (const action of actionsOf(test, pids, { world, recorder, commands })) {
      world.at(fromMs + action.frame * tickMs, action.work)
    }
    world.run(frames * tickMs)
    subscription.unsubscribe()
    world.network.tap = undefined
    world.end()
  })
  return recorder.toPart(test, fromMs, frames)
}

interface TestRun {
  readonly world: SimWorld
  readonly recorder: LaneRecorder
  readonly commands: ReadonlyMap<Pid, { next(value: unknown): void }>
}

interface TimedAction {
  readonly frame: number
  readonly work: () => void
}

/**
 * Returns the actions of the lanes above the line. At the same moment faults come first, then
 * commands, then envelopes.
 */
function actionsOf(
  test: MarbleTest,
  pids: readonly Pid[],
  testRun: TestRun,
): readonly TimedAction[] {
  const of = (name: string): readonly MarbleLane[] =>
    test.given.lanes.filter((lane) => lane.name.replace(/\d+$/, '') === name)
  const unknownLanes = test.given.lanes.filter(
    ({ name }) => name !== 'network' && !pids.some((pid) => isLaneOfNode(name, pid)),
  )
  if (unknownLanes.length > 0) {
    throw marbleProblem(
      `unknown lane "${unknownLanes.map(({ name }) => name).join('", "')}": write ${USAGE}`,
    )
  }
  const definitions = new Map(test.given.definitions.map(({ letter, value }) => [letter, value]))
  const lanes = [...of('network'), ...of('command'), ...of('outbox')]
  return lanes.flatMap(({ name, drawing }) => {
    const pid = Number(/\d+$/.exec(name)?.[0] ?? 0)
    const kind = name.replace(/\d+$/, '')
    return drawing.marks.map((mark): TimedAction => {
      if (mark.kind !== 'next') throw marbleProblem(`the lane "${name}" may contain letters only`)
      const { letter, frame } = mark
      const notation = definitions.get(letter)
      return { frame, work: parseAction({ kind, pid, letter, notation }, testRun) }
    })
  })
}

/** A mark of a lane above the line, with the pid in the name of the lane. */
interface InputMark {
  readonly kind: string
  readonly pid: Pid
  readonly letter: string
  readonly notation: MarbleNotation | undefined
}

/** Parses the action of a mark, so that errors are thrown before the cluster runs. */
function parseAction({ kind, pid, letter, notation }: InputMark, testRun: TestRun): () => void {
  const { world, recorder, commands } = testRun
  if (kind === 'outbox') {
    const value = notation === undefined ? undefined : valueOf(letter, notation)
    const envelope = (value ?? { pid: BROADCAST, msg: letter }) as OutgoingEnvelope
    return () => {
      recorder.envelopes.sendingLetter = letter
      world.as(pid, (node) => node.outbox.next(envelope))
      recorder.envelopes.sendingLetter = undefined
    }
  }
  if (notation === undefined)
    throw marbleProblem(`"${letter}" is not defined: write "${letter} = …" above the line`)
  if (kind === 'network') {
    const text = renderNotation(notation)
    const faults = text.split(';').flatMap(parseFault)
    for (const fault of faults) checkFault(fault, world.pids, `${letter} = `)
    return () => faults.forEach((fault) => world.inject(fault))
  }
  if (notation.kind === 'literal') {
    const action = parseNodeAction(notation.text)
    return () => world.as(pid, (node) => action(node))
  }
  const value = valueOf(letter, notation)
  return () => world.as(pid, () => commands.get(pid)?.next(value))
}

function isLaneOfNode(name: string, pid: Pid): boolean {
  return name === `outbox${pid}` || name === `command${pid}`
}
