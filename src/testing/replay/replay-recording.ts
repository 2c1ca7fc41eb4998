/** `replayRecording`: feeds the recorded input of a node to a protocol, in virtual time. */
import type { Differences } from './differences.ts'
import type { Member, NodeConfig } from '../../config/config.ts'
import type { NodeTraceEvent, ReceivedEvent, SentEvent } from '../../recording/trace-event.ts'
import type { Peer } from '../../model/peer.ts'
import type { Pid } from '../../model/pid.ts'
import type { Protocol } from '../simulation/world.ts'
import type { Recording } from '../../recording/recording.ts'
import { ReplayWorld } from './replay-world.ts'
import { A_FUNCTION, checkArgument, checkOptions } from '../../model/check-arguments.ts'
import { A_SEED } from '../simulation/check-options.ts'
import { checkRecording } from '../../recording/check-recording.ts'
import { differencesOf } from './differences.ts'
import { inVirtualTime } from '../simulation/time/in-virtual-time.ts'
import { allPeersIn, peerIncarnationsOf } from './peer-incarnations.ts'
import { contentText } from '../../codec/json-envelope.ts'

/** The result of a replay. */
export interface Replay {
  /** The events of the node and of its protocol (`output`, `timer`, `failed`). */
  readonly trace: readonly NodeTraceEvent[]
  /** Whether there are no differences: `inbox` and `sends` are empty. */
  readonly same: boolean
  /**
   * Differences in what the inbox emitted, including its time. There are none unless the protocol
   * pauses the inbox or changes the peers.
   */
  readonly inbox: Differences<ReceivedEvent>
  /**
   * Differences in what was sent to each peer, in order. `msgId` and the time are not compared: one
   * more message would change all later ids.
   */
  readonly sends: Differences<SentEvent>
}

/** Options of `replayRecording`. */
export interface ReplayOptions {
  /** The seed of the protocol's random numbers. Default: 1. */
  readonly seed?: number | undefined
}

/**
 * Replays a recording. The node has the recorded incarnation and limits, and runs `protocol`. Its
 * inbox emits the recorded envelopes (same pid, incarnation, `msgId`, `re`, headers, and message or
 * error) in the same order and at the same times, in virtual time.
 *
 * Its peers are scripted: real nodes with the recorded incarnations, on a network without delay.
 * Each sends at the recorded times what the node received from it. So all envelopes pass through
 * the link protocol, and receipts, `links` and dead letters come from the production code. Links
 * come up and go down at the recorded times; the state `unresponsive` is not replayed.
 *
 * Everything else is done by the protocol again. What the node sent for another reason than its
 * inbox, its links, its peers and the time is in `sends.missing`. If the recording has dropped its
 * beginning, the protocol starts in its initial state at the first event that is left.
 *
 * ```ts
 * const recording = parseRecording(readFileSync('node-1.jsonl', 'utf8'))
 * expect(replayRecording(recording, elect).sends).toEqual({ missing: [], added: [] })
 * ```
 *
 * @param recording the result of `node.recording()` or `parseRecording`
 * @param protocol the protocol of the node. Default: subscribes to the inbox
 * @throws ClusterError `NONDETERMINISTIC` if the protocol uses a Promise or a timer of Node.js;
 *   `INVALID_ARGUMENT` for anything but a recording, a protocol and these options
 */
export function replayRecording(
  recording: Recording,
  protocol: Protocol = (node) => void node.inbox.subscribe(),
  options: ReplayOptions = {},
): Replay {
  checkRecording('replayRecording', recording)
  checkArgument('replayRecording', 'protocol', protocol, A_FUNCTION)
  checkOptions('replayRecording', options, { optional: { seed: A_SEED } })
  const { seed = 1 } = options
  const { events, dropped, peers } = recording
  const startMs = dropped === 0 ? 0 : (events[0]?.atMs ?? 0)
  const world = new ReplayWorld(recording, seed, startMs)
  inVirtualTime(world.time, () => {
    world.open(configOf(recording))
    const incarnations = [...peerIncarnationsOf(recording)]
    const startPeers = (afterIndex: number): void => {
      while (incarnations[0]?.afterIndex === afterIndex)
        world.startPeer(incarnations.shift() as (typeof incarnations)[number])
    }
    startPeers(-1)
    for (const { pid: peer, link } of peers) {
      const fields = { atMs: startMs, pid: recording.pid }
      if (link !== 'connecting') world.apply({ ...fields, type: 'link', peer, state: link })
    }
    world.run(protocol)
    for (const [index, event] of events.entries()) {
      world.advanceTo(event.atMs)
      world.apply(event)
      startPeers(index)
    }
    world.stop()
  })
  const inbox = compare(events, world.trace, isReceived, (event) => {
    const { atMs, from, incarnation } = event
    return `${atMs} ${from} ${incarnation} ${event.msgId} ${messageKey(event)}`
  })
  const sends = compareSends(events, world.trace)
  const lists = [inbox.missing, inbox.added, sends.missing, sends.added]
  return { trace: world.trace, same: lists.every(({ length }) => length === 0), inbox, sends }
}

/** Returns the config of the node, as far as the recording contains it. */
function configOf(recording: Recording): NodeConfig {
  const { pid, cluster, bind, limits, peers, dropped, events } = recording
  const firstSent = dropped === 0 ? undefined : events.find(isSent)
  const toMember = ({ pid: peer, endpoint }: Peer): [Pid, Member] => {
    return [peer, { pid: peer, endpoint, bind: endpoint }]
  }
  return {
    ...limits,
    // The first envelope of the replay gets its recorded `msgId`.
    startMsgId: firstSent?.msgId ?? limits.startMsgId,
    pid,
    cluster,
    bind,
    peers: new Map(peers.map(toMember)),
    members: new Map(allPeersIn(recording).map(toMember)),
    insecure: true,
  }
}

/** Compares per receiver: the order of sends to different peers does not matter. */
function compareSends(
  recorded: readonly NodeTraceEvent[],
  replayed: readonly NodeTraceEvent[],
): Differences<SentEvent> {
  const receivers = new Set([...recorded, ...replayed].filter(isSent).map(({ to }) => to))
  const byReceiver = [...receivers].map((pid) => {
    const isTo = (event: NodeTraceEvent): event is SentEvent => isSent(event) && event.to === pid
    return compare(recorded, replayed, isTo, messageKey)
  })
  const byTime = (a: SentEvent, b: SentEvent): number => a.atMs - b.atMs
  return {
    missing: byReceiver.flatMap(({ missing }) => missing).toSorted(byTime),
    added: byReceiver.flatMap(({ added }) => added).toSorted(byTime),
  }
}

function compare<T extends NodeTraceEvent>(
  recorded: readonly NodeTraceEvent[],
  replayed: readonly NodeTraceEvent[],
  isKind: (event: NodeTraceEvent) => event is T,
  keyOf: (event: T) => string,
): Differences<T> {
  return differencesOf(recorded.filter(isKind), replayed.filter(isKind), keyOf)
}

function messageKey(event: ReceivedEvent | SentEvent): string {
  return `${event.re ?? ''} ${contentText(event)}`
}

function isReceived(event: NodeTraceEvent): event is ReceivedEvent {
  return event.type === 'received'
}

function isSent(event: NodeTraceEvent): event is SentEvent {
  return event.type === 'sent'
}
