/** Random faults in a cluster of three nodes, from a seed, and the checks of what follows. */
import type { Unsubscribable, Observable } from 'rxjs'
import { World } from './world.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { Killable } from './killable.ts'
import type { Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import { openNode } from '../../src/node/open-node.ts'
import { seededRandom } from '../../src/base/seeded-random.ts'

/** The faults beside cuts and pauses. */
export interface FuzzOptions {
  readonly kills?: boolean
  readonly members?: boolean
  readonly moves?: boolean
  /** Subscribers call the node. */
  readonly reentrant?: boolean
  readonly resend?: boolean
  /** All nodes share one transport, as in one process. */
  readonly shared?: boolean
  /** Queues and windows are tiny. */
  readonly small?: boolean
  /** Further processes use the pid of a node for a while. */
  readonly duplicatePids?: boolean
}

/** One message, and everything that was observed of it. */
interface SentMessage {
  readonly from: string
  readonly kind: 'outbox' | 'deliver'
  readonly receivedBy: string[]
  readonly deadLetters: string[]
  readonly results: string[]
}

interface RunningNode {
  readonly node: ClusterNode
  readonly transport: Killable
  readonly pid: Pid
  readonly port: number
  readonly name: string
  readonly pauses: Unsubscribable[]
}

/** The fault for a random number below each limit. */
const ACTION_THRESHOLDS: readonly (readonly [deed: string, below: number])[] = [
  ['send', 0.5],
  ['cut', 0.58],
  ['pause', 0.66],
  ['resume', 0.78],
  ['remove', 0.84],
  ['add', 0.9],
  ['replace', 0.92],
  ['refuse', 0.93],
  ['end', 0.96],
  ['duplicate', 0.97],
]

const PIDS = [1, 2, 3]
const STEPS = 150
const address = (port: number): string => `tcp://127.0.0.1:${port}`

export class Fuzz {
  readonly problems: string[] = []
  readonly #options: FuzzOptions
  readonly #world: World
  readonly #random: () => number
  readonly #shared: Killable
  readonly #messages = new Map<number, SentMessage>()
  readonly #running = new Map<Pid, RunningNode>()
  readonly #ports = new Map<Pid, number>(PIDS.map((pid) => [pid, 5000 + pid]))
  readonly #latest = new Map<string, number>()
  #next = 0
  #depth = 0
  #isQuiet = false

  constructor(seed: number, options: FuzzOptions) {
    this.#options = options
    this.#world = new World(seed)
    this.#random = seededRandom(seed * 7919 + 1)
    this.#shared = new Killable(this.#world.transport())
  }

  run(): string[] {
    for (const pid of PIDS) this.#start(pid, this.#portOf(pid))
    for (let step = 0; step < STEPS; step++) {
      this.#act(false)
      this.#checkCounters()
      this.#world.run(
        [0, 0, this.#randomBelow(30), this.#randomBelow(30), this.#randomBelow(4_000)][
          this.#randomBelow(5)
        ] ?? 0,
      )
      this.#checkCounters()
    }
    this.#recover()
    this.#checkResults()
    return this.problems
  }

  #start(pid: Pid, port: number): void {
    const { resend, shared, small } = this.#options
    const { environment } = this.#world
    const transport = shared === true ? this.#shared : new Killable(this.#world.transport())
    this.#ports.set(pid, port)
    const config = this.#world.config(pid, PIDS, {
      bind: address(port),
      peers: this.#peersOf(pid),
      onRestart: resend === true ? 'resend' : 'dead-letter',
      ...(small === true ? { windowBytes: 60, bufSize: 20 } : {}),
    })
    const node = openNode(config, pid, { environment, transport })
    const name = `${pid}:${node.incarnation}`
    node.inbox.subscribe(({ msg }) => this.#onReceived(name, msg as number))
    node.deadLetters.subscribe(({ envelope, reason, outcome }) => {
      this.#messages.get(envelope.msg as number)?.deadLetters.push(`${reason}/${outcome}`)
      this.#maybeAct(0.05)
    })
    const streams: Observable<unknown>[] = [node.events, node.links, node.peers]
    for (const stream of streams) {
      stream.subscribe(() => this.#maybeAct(0.03))
    }
    this.#running.set(pid, { node, transport, pid, port, name, pauses: [] })
  }

  #onReceived(receiver: string, msg: number): void {
    const message = this.#messages.get(msg)
    if (message === undefined) {
      this.problems.push(`INVENTED ${msg}`)
      return
    }
    if (message.receivedBy.includes(receiver)) this.problems.push(`DOUBLED ${msg} at ${receiver}`)
    message.receivedBy.push(receiver)
    const pair = `${message.from} > ${receiver} ${message.kind}`
    const latest = this.#latest.get(pair) ?? -1
    if (latest > msg) this.problems.push(`OVERTAKEN ${msg} by ${latest}, ${pair}`)
    this.#latest.set(pair, Math.max(latest, msg))
    this.#maybeAct(0.05)
  }

  /** Applies one fault to a random node. */
  #act(within: boolean): void {
    const target = this.#running.get(PIDS[this.#randomBelow(3)] ?? 1)
    if (target === undefined) return
    const { node, pid, pauses } = target
    const to = PIDS.filter((other) => other !== pid)[this.#randomBelow(2)] ?? 1
    const endpoint = address(this.#portOf(to))
    const { members, moves, kills, duplicatePids } = this.#options
    const sample = this.#random()
    const [action] = ACTION_THRESHOLDS.find(([, below]) => sample < below) ?? ['nothing']
    switch (action) {
      case 'send':
        for (let count = 1 + this.#randomBelow(5); count > 0; count--) this.#send(target, to)
        return
      case 'cut':
        this.#world.network.cut(endpoint)
        return
      case 'refuse':
        this.#world.network.refuse(endpoint, this.#random() < 0.5)
        return
      case 'pause':
        pauses.push(node.pause())
        return
      case 'resume':
        pauses.pop()?.unsubscribe()
        return
      case 'add':
        if ((members ?? moves) === true) node.addPeer({ pid: to, endpoint })
        return
      case 'remove':
      case 'replace':
        if (members !== true) return
        node.removePeer(to)
        if (action === 'replace') node.addPeer({ pid: to, endpoint })
        return
      case 'end':
        if (kills === true && !within) this.#replaceNode(target)
        return
      case 'duplicate':
        if (duplicatePids === true && !within) this.#openDuplicate(pid)
    }
  }

  #send({ node, name, transport }: RunningNode, to: Pid): void {
    const msg = this.#next++
    const kind = this.#random() < 0.7 ? 'outbox' : 'deliver'
    const message: SentMessage = { from: name, kind, receivedBy: [], deadLetters: [], results: [] }
    this.#messages.set(msg, message)
    if (kind === 'outbox') {
      node.outbox.next({ pid: to, msg })
      return
    }
    const addResult = (result: string): void => {
      message.results.push(result)
      this.#maybeAct(0.1)
    }
    const subscription = node.deliver({ pid: to, msg }).subscribe({
      next: () => addResult('delivered'),
      error: ({ code }: ClusterError) => addResult(code),
    })
    const unsubscribe = (): void => {
      if (!transport.killed) subscription.unsubscribe()
    }
    const sample = this.#random()
    if (sample < 0.2) unsubscribe()
    else if (sample < 0.4) this.#world.scheduler.schedule(unsubscribe, this.#randomBelow(100))
  }

  /** Ends a process, killed or closed, and starts another one with its pid. */
  #replaceNode({ node, transport, pid, port }: RunningNode): void {
    const next = this.#options.moves === true ? 5000 + pid + 100 * this.#randomBelow(2) : port
    if (this.#random() < 0.5 && this.#options.shared !== true) {
      transport.kill()
    } else {
      void node.close()
      this.#running.delete(pid)
      this.#world.run(6_300)
    }
    this.#start(pid, next)
  }

  #openDuplicate(pid: Pid): void {
    const transport = new Killable(this.#world.transport())
    const bind = address(7000 + this.#next++)
    const { environment } = this.#world
    const config = this.#world.config(pid, PIDS, { bind, peers: this.#peersOf(pid) })
    openNode(config, pid, { environment, transport })
    this.#world.run(this.#randomBelow(100))
    transport.kill()
  }

  #maybeAct(probability: number): void {
    if (this.#options.reentrant !== true || this.#isQuiet || this.#depth >= 2) return
    if (this.#random() >= probability) return
    this.#depth++
    this.#act(true)
    this.#depth--
  }

  #recover(): void {
    this.#isQuiet = true
    for (const { pauses } of this.#running.values()) for (const one of pauses) one.unsubscribe()
    for (const pid of PIDS) {
      for (const port of [5000 + pid, 5100 + pid]) this.#world.network.refuse(address(port), false)
    }
    for (const { node, pid } of this.#running.values()) node.peers.next(this.#peersOf(pid))
    this.#world.run(200_000)
    this.#checkCounters()
  }

  /** Checks `sent = delivered + dead + inFlight`, in total and for each peer. */
  #checkCounters(): void {
    for (const { node, name } of this.#running.values()) {
      const stats = node.stats()
      for (const { sent, delivered, dead, inFlight } of [stats, ...stats.peers.values()]) {
        if (sent !== delivered + dead + inFlight) this.problems.push(`LAW ${name}`)
      }
    }
  }

  #checkResults(): void {
    const running = new Set([...this.#running.values()].map(({ name }) => name))
    for (const { node, name } of this.#running.values()) {
      if (node.stats().inFlight !== 0) this.problems.push(`STUCK ${name}`)
      const states = [...node.links.value.values()].map(({ state }) => state)
      if (states.join() !== 'up,up') this.problems.push(`LINKS ${name} ${states.join()}`)
    }
    for (const [msg, { from, receivedBy, deadLetters, results }] of this.#messages) {
      const addProblem = (problem: string): void =>
        void this.problems.push(`${problem} ${msg} from ${from}`)
      if (deadLetters.length > 1) addProblem(`${deadLetters.length} LETTERS`)
      if (receivedBy.length > 0 && deadLetters.some((one) => one.endsWith('not-delivered')))
        addProblem('A LIE')
      if (receivedBy.length > 0 && results.includes('NOT_DELIVERED')) addProblem('A LIE')
      if (receivedBy.length === 0 && results.includes('delivered')) addProblem('A FALSE RECEIPT')
      if (running.has(from) && deadLetters.length + receivedBy.length === 0) addProblem('LOST')
      if (this.#options.resend !== true && receivedBy.length > 1) addProblem('TWO LIVES')
    }
  }

  #peersOf(pid: Pid): Peers {
    const others = PIDS.filter((other) => other !== pid)
    return new Map(
      others.map((other) => [other, { pid: other, endpoint: address(this.#portOf(other)) }]),
    )
  }

  #portOf(pid: Pid): number {
    return this.#ports.get(pid) ?? 0
  }

  #randomBelow(count: number): number {
    return Math.floor(this.#random() * count)
  }
}
