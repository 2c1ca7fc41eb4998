/** `replayRecording`: what a real node took in happens to it again, in virtual time. */
import type { Differences } from './differences.ts'
import type { Member, NodeConfig } from '../../config/config.ts'
import type { NodeTraceEvent, ReceivedEvent, SentEvent } from '../../recording/trace-event.ts'
import type { Peer } from '../../model/peer.ts'
import type { Pid } from '../../model/pid.ts'
import type { Protocol } from '../simulation/world.ts'
import type { Recording } from '../../recording/recording.ts'
import { ReplayWorld } from './replay-world.ts'
import { differencesOf } from './differences.ts'
import { inVirtualTime } from '../simulation/time/in-virtual-time.ts'
import { allPeersIn, peerIncarnationsOf } from './peer-incarnations.ts'
import { toJson } from '../../codec/json-message.ts'

/** What a replay came to. */
export interface Replay {
  /** All that happened to the node, and what its protocol did: `output`, `timer`, `failed`. */
  readonly trace: readonly NodeTraceEvent[]
  /** Whether the inbox took the same, and the same was sent to each peer, in the same order. */
  readonly same: boolean
  /**
   * What the inbox took otherwise than then, down to the time: nothing, unless the protocol paused
   * it, or changed who is a peer.
   */
  readonly inbox: Differences<ReceivedEvent>
  /**
   * What was sent otherwise than then, whenever it was. `msgId` is not compared: one more message
   * would change all that follow.
   */
  readonly sends: Differences<SentEvent>
}

/** How a recording is replayed. */
export interface ReplayOptions {
  /** What the protocol leaves to chance follows from it. Default 1. */
  readonly seed?: number
}

/**
 * Replays a recording: the node opens with its own incarnation and limits, runs `protocol`, and its
 * inbox emits the same envelopes (same pid, incarnation, `msgId`, `re` and message) in the same
 * order at the same times, on virtual time.
 *
 * Its peers are puppets: real nodes, with the incarnations that were recorded, over a network
 * without any delay, whose outboxes are given at each recorded moment what was received then. So
 * the mail goes through the whole of the link protocol, and everything that depends on it
 * (receipts, `links`, dead letters) is made by the code that makes it in production, rather than by
 * an imitation. The links to them come up and break when they did; that one is `busy` is not
 * replayed.
 *
 * What else the node did is the protocol's to do again: whatever it sent that does not follow from
 * its inbox, its links, its peers and the time since the beginning is in `sends.missing`. Where the
 * recording has forgotten its beginning, the protocol begins with what is left, from the state that
 * it begins with.
 *
 * ```ts
 * const then = parseRecording(readFileSync('node-1.jsonl', 'utf8'))
 * expect(replayRecording(then, elect).sends).toEqual({ missing: [], added: [] })
 * ```
 *
 * @param recording what `node.recording()` returned, or `parseRecording` read
 * @param protocol what the node ran, or is to run; default: nothing but to listen
 * @throws ClusterError `NONDETERMINISTIC` for a Promise or a timer of Node's in the protocol
 */
export function replayRecording(
  recording: Recording,
  protocol: Protocol = (node) => void node.inbox.subscribe(),
  { seed = 1 }: ReplayOptions = {},
): Replay {
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

/** Its config, as far as the recording tells. */
function configOf(recording: Recording): NodeConfig {
  const { pid, cluster, bind, limits, peers, dropped, events } = recording
  const firstSent = dropped === 0 ? undefined : events.find(isSent)
  const toMember = ({ pid: peer, endpoint }: Peer): [Pid, Member] => {
    return [peer, { pid: peer, endpoint, bind: endpoint }]
  }
  return {
    ...limits,
    // What it sends next is to be called what it was called then.
    startMsgId: firstSent?.msgId ?? limits.startMsgId,
    pid,
    cluster,
    bind,
    peers: new Map(peers.map(toMember)),
    members: new Map(allPeersIn(recording).map(toMember)),
    insecure: true,
  }
}

/** To each peer by itself: that two of them are served in another order is no difference. */
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

function messageKey({ re, msg }: ReceivedEvent | SentEvent): string {
  return `${re ?? ''} ${JSON.stringify(toJson(msg))}`
}

function isReceived(event: NodeTraceEvent): event is ReceivedEvent {
  return event.type === 'received'
}

function isSent(event: NodeTraceEvent): event is SentEvent {
  return event.type === 'sent'
}
