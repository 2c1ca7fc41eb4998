/** A cluster of three that is mistreated at random, from a seed, and everything that is wrong about it afterwards. */
import type { Observable } from 'rxjs'
import { World } from './world.ts'
import type { ClusterError } from '../../src/model/cluster-error.ts'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import { Killable } from './killable.ts'
import type { Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import { openNode } from '../../src/node/open-node.ts'
import { seededChance } from '../../src/core/chance.ts'

/** What may happen besides mail, cuts and pauses. */
export interface Mistreatment {
  readonly kills?: boolean
  readonly members?: boolean
  readonly moves?: boolean
  /** Subscribers act at once, from within. */
  readonly reentrant?: boolean
  readonly resend?: boolean
  /** All nodes share their links, as those of one process do. */
  readonly shared?: boolean
  /** Queues and windows are tiny. */
  readonly small?: boolean
  /** Other processes take somebody's pid for a while. */
  readonly twins?: boolean
}

/** One message, and everything that was heard of it. */
interface Item {
  readonly from: string
  readonly kind: 'outbox' | 'deliver'
  readonly heard: string[]
  readonly letters: string[]
  readonly fates: string[]
}

interface Life {
  readonly node: ClusterNode
  readonly transport: Killable
  readonly pid: Pid
  readonly port: number
  readonly name: string
  readonly resumes: (() => void)[]
}

/** What happens at a roll of the dice below so much. */
const ODDS: readonly (readonly [deed: string, below: number])[] = [
  ['send', 0.5],
  ['cut', 0.58],
  ['pause', 0.66],
  ['resume', 0.78],
  ['remove', 0.84],
  ['add', 0.9],
  ['replace', 0.92],
  ['refuse', 0.93],
  ['end', 0.96],
  ['twin', 0.97],
]

const PIDS = [1, 2, 3]
const STEPS = 150
const address = (port: number): string => `tcp://127.0.0.1:${port}`

export class Fuzz {
  readonly problems: string[] = []
  readonly #how: Mistreatment
  readonly #world: World
  readonly #chance: () => number
  readonly #shared: Killable
  readonly #items = new Map<number, Item>()
  readonly #lives = new Map<Pid, Life>()
  readonly #ports = new Map<Pid, number>(PIDS.map((pid) => [pid, 5000 + pid]))
  readonly #latest = new Map<string, number>()
  #next = 0
  #depth = 0
  #calm = false

  constructor(seed: number, how: Mistreatment) {
    this.#how = how
    this.#world = new World(seed)
    this.#chance = seededChance(seed * 7919 + 1)
    this.#shared = new Killable(this.#world.transport())
  }

  run(): string[] {
    for (const pid of PIDS) this.#start(pid, this.#portOf(pid))
    for (let step = 0; step < STEPS; step++) {
      this.#act(false)
      this.#law()
      this.#world.run([0, 0, this.#pick(30), this.#pick(30), this.#pick(4_000)][this.#pick(5)] ?? 0)
      this.#law()
    }
    this.#settleDown()
    this.#judge()
    return this.problems
  }

  #start(pid: Pid, port: number): void {
    const { resend, shared, small } = this.#how
    const transport = shared === true ? this.#shared : new Killable(this.#world.transport())
    this.#ports.set(pid, port)
    const config = this.#world.config(pid, PIDS, {
      bind: address(port),
      peers: this.#peersOf(pid),
      onRestart: resend === true ? 'resend' : 'dead-letter',
      ...(small === true ? { windowBytes: 60, bufSize: 20 } : {}),
    })
    const node = openNode(this.#world.environment, config, transport)
    const name = `${pid}:${node.incarnation}`
    node.inbox.subscribe(({ msg }) => this.#heard(name, msg as number))
    node.deadLetters.subscribe(({ envelope, reason, outcome }) => {
      this.#items.get(envelope.msg as number)?.letters.push(`${reason}/${outcome}`)
      this.#perhaps(0.05)
    })
    const streams: Observable<unknown>[] = [node.events, node.links, node.peers]
    for (const stream of streams) {
      stream.subscribe(() => this.#perhaps(0.03))
    }
    this.#lives.set(pid, { node, transport, pid, port, name, resumes: [] })
  }

  #heard(receiver: string, msg: number): void {
    const item = this.#items.get(msg)
    if (item === undefined) {
      this.problems.push(`INVENTED ${msg}`)
      return
    }
    if (item.heard.includes(receiver)) this.problems.push(`DOUBLED ${msg} at ${receiver}`)
    item.heard.push(receiver)
    const pair = `${item.from} > ${receiver} ${item.kind}`
    const latest = this.#latest.get(pair) ?? -1
    if (latest > msg) this.problems.push(`OVERTAKEN ${msg} by ${latest}, ${pair}`)
    this.#latest.set(pair, Math.max(latest, msg))
    this.#perhaps(0.05)
  }

  /** Does one thing to somebody. */
  #act(within: boolean): void {
    const life = this.#lives.get(PIDS[this.#pick(3)] ?? 1)
    if (life === undefined) return
    const { node, pid, resumes } = life
    const to = PIDS.filter((other) => other !== pid)[this.#pick(2)] ?? 1
    const endpoint = address(this.#portOf(to))
    const { members, moves, kills, twins } = this.#how
    const roll = this.#chance()
    const [deed] = ODDS.find(([, below]) => roll < below) ?? ['nothing']
    switch (deed) {
      case 'send':
        for (let count = 1 + this.#pick(5); count > 0; count--) this.#send(life, to)
        return
      case 'cut':
        this.#world.network.cut(endpoint)
        return
      case 'refuse':
        this.#world.network.refuse(endpoint, this.#chance() < 0.5)
        return
      case 'pause':
        resumes.push(node.pause())
        return
      case 'resume':
        resumes.pop()?.()
        return
      case 'add':
        if ((members ?? moves) === true) node.addPeer({ pid: to, endpoint })
        return
      case 'remove':
      case 'replace':
        if (members !== true) return
        node.delPeer(to)
        if (deed === 'replace') node.addPeer({ pid: to, endpoint })
        return
      case 'end':
        if (kills === true && !within) this.#end(life)
        return
      case 'twin':
        if (twins === true && !within) this.#twin(pid)
    }
  }

  #send({ node, name, transport }: Life, to: Pid): void {
    const msg = this.#next++
    const kind = this.#chance() < 0.7 ? 'outbox' : 'deliver'
    const item: Item = { from: name, kind, heard: [], letters: [], fates: [] }
    this.#items.set(msg, item)
    if (kind === 'outbox') {
      node.outbox.next({ pid: to, msg })
      return
    }
    const fate = (what: string): void => {
      item.fates.push(what)
      this.#perhaps(0.1)
    }
    const waiting = node.deliver({ pid: to, msg }).subscribe({
      next: () => fate('taken'),
      error: ({ code }: ClusterError) => fate(code),
    })
    const leave = (): void => {
      if (!transport.dead) waiting.unsubscribe()
    }
    const patience = this.#chance()
    if (patience < 0.2) leave()
    else if (patience < 0.4) this.#world.scheduler.schedule(leave, this.#pick(100))
  }

  /** A process ends, killed or closed, and another one takes its place. */
  #end({ node, transport, pid, port }: Life): void {
    const next = this.#how.moves === true ? 5000 + pid + 100 * this.#pick(2) : port
    if (this.#chance() < 0.5 && this.#how.shared !== true) {
      transport.kill()
    } else {
      void node.close()
      this.#lives.delete(pid)
      this.#world.run(6_300)
    }
    this.#start(pid, next)
  }

  #twin(pid: Pid): void {
    const transport = new Killable(this.#world.transport())
    const bind = address(7000 + this.#next++)
    const config = this.#world.config(pid, PIDS, { bind, peers: this.#peersOf(pid) })
    openNode(this.#world.environment, config, transport)
    this.#world.run(this.#pick(100))
    transport.kill()
  }

  #perhaps(probability: number): void {
    if (this.#how.reentrant !== true || this.#calm || this.#depth >= 2) return
    if (this.#chance() >= probability) return
    this.#depth++
    this.#act(true)
    this.#depth--
  }

  #settleDown(): void {
    this.#calm = true
    for (const { resumes } of this.#lives.values()) for (const resume of resumes) resume()
    for (const pid of PIDS) {
      for (const port of [5000 + pid, 5100 + pid]) this.#world.network.refuse(address(port), false)
    }
    for (const { node, pid } of this.#lives.values()) node.peers.next(this.#peersOf(pid))
    this.#world.run(200_000)
    this.#law()
  }

  /** The law: sent = delivered + dead + in flight, in all and for each. */
  #law(): void {
    for (const { node, name } of this.#lives.values()) {
      const stats = node.stats()
      for (const { sent, delivered, dead, inFlight } of [stats, ...stats.peers.values()]) {
        if (sent !== delivered + dead + inFlight) this.problems.push(`LAW ${name}`)
      }
    }
  }

  #judge(): void {
    const living = new Set([...this.#lives.values()].map(({ name }) => name))
    for (const { node, name } of this.#lives.values()) {
      if (node.stats().inFlight !== 0) this.problems.push(`STUCK ${name}`)
      const states = [...node.links.value.values()]
      if (states.join() !== 'up,up') this.problems.push(`LINKS ${name} ${states.join()}`)
    }
    for (const [msg, { from, heard, letters, fates }] of this.#items) {
      const say = (what: string): void => void this.problems.push(`${what} ${msg} from ${from}`)
      if (letters.length > 1) say(`${letters.length} LETTERS`)
      if (heard.length > 0 && letters.some((one) => one.endsWith('not-delivered'))) say('A LIE')
      if (heard.length > 0 && fates.includes('NOT_DELIVERED')) say('A LIE')
      if (heard.length === 0 && fates.includes('taken')) say('A FALSE RECEIPT')
      if (living.has(from) && letters.length + heard.length === 0) say('LOST')
      if (this.#how.resend !== true && heard.length > 1) say('TWO LIVES')
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

  #pick(count: number): number {
    return Math.floor(this.#chance() * count)
  }
}
