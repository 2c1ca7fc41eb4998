/** Two nodes in memory, and a third party that speaks on their connections and on its own. */
import { VirtualAction, VirtualTimeScheduler } from 'rxjs'
import { oneOf } from './seeded-random.js'
import { openNode } from '../dist/index.js'

const MEMBERS = [1, 2, 3]
const UNKNOWN = 3
const endpointOf = (pid) => `tcp://127.0.0.1:${5000 + pid}`

/** Nodes 1 and 2 send to each other; node 3 does not exist. All run on virtual time. */
export class FuzzNetwork {
  counts = { events: 0, delivered: 0, connections: 0 }
  #random
  #learn
  #scheduler = new VirtualTimeScheduler(VirtualAction, 0)
  #bindings = new Map()
  #connections = []
  #nodes
  #lastConnection = 0
  #turns = 0

  /** @param learn is called with each frame that a node sends */
  constructor(random, learn) {
    this.#random = random
    this.#learn = learn
    const scheduler = this.#scheduler
    const environment = {
      scheduler,
      random,
      monotonicMs: () => scheduler.now(),
      microtask: (work) => void scheduler.schedule(work),
    }
    const peers = MEMBERS.map((pid) => ({ pid, endpoint: endpointOf(pid) }))
    const transport = () => ({
      name: 'fuzz',
      bind: (endpoint, _, handler) => this.#bind(endpoint, handler),
      connect: (endpoint, _, handler) => this.#connect(endpoint, handler),
    })
    this.#nodes = MEMBERS.slice(0, 2).map((pid) =>
      openNode({ cluster: 'fuzz', peers }, pid, { transport: transport(), environment }),
    )
    for (const node of this.#nodes) {
      node.inbox.subscribe(() => this.counts.delivered++)
      node.events.subscribe(() => this.counts.events++)
      node.deadLetters.subscribe()
    }
  }

  /** Advances virtual time. */
  run(ms) {
    const scheduler = this.#scheduler
    const endMs = scheduler.frame + ms
    scheduler.maxFrames = endMs
    scheduler.flush()
    scheduler.frame = endMs
  }

  /** Sends something from each node to the other, and lets time pass. */
  turn() {
    const turn = this.#turns++
    for (const [at, node] of this.#nodes.entries()) {
      node.outbox.next({ pid: 2 - at, msg: oneOf(this.#random, MESSAGES)(turn) })
    }
    this.run(turn % 64 === 0 ? 500 : 5)
    // A flipped bit may end a session for good, by the rules: begin again at times.
    if (turn % 256 === 0) {
      for (const connection of [...this.#connections]) connection.lost()
    }
  }

  /** Gives a frame to a node: at its binding from a connection, or at its link. */
  inject(parts) {
    const [binding] =
      this.#random() < 0.5 ? [this.#bindings.get(endpointOf(1))] : [...this.#bindings.values()]
    const open = this.#connections.filter(({ opened }) => opened)
    if (this.#random() < 0.5 && open.length > 0) oneOf(this.#random, open).handler.frame(parts)
    else binding?.frame(this.#anyConnection(open), parts)
  }

  close() {
    for (const node of this.#nodes) void node.close()
    this.run(20_000)
  }

  /** That of the true peer half of the time, or else an unknown one. */
  #anyConnection(open) {
    if (open.length > 0 && this.#random() < 0.5) return oneOf(this.#random, open).id
    return `unknown ${Math.floor(this.#random() * UNKNOWN)}`
  }

  #later(work) {
    this.#scheduler.schedule(work)
  }

  #bind(endpoint, handler) {
    this.#bindings.set(endpoint, handler)
    this.#later(() => handler.bound(endpoint))
    return {
      send: (id, frame) => {
        this.#learn(frame)
        const connection = this.#connections.find((other) => other.id === id)
        if (connection !== undefined) this.#later(() => connection.receive(frame))
        else if (!id.startsWith('unknown')) this.#later(() => handler.disconnected(id))
      },
      close: () => {
        this.#bindings.delete(endpoint)
        this.#later(() => handler.closed())
      },
    }
  }

  #connect(endpoint, handler) {
    const id = `connection ${++this.#lastConnection}`
    this.counts.connections++
    let ended = false
    const end = (reason) => {
      if (ended) return
      ended = true
      this.#connections = this.#connections.filter((other) => other !== connection)
      this.#later(() => handler.closed(reason))
      this.#later(() => this.#bindings.get(endpoint)?.disconnected(id))
    }
    const connection = {
      id,
      handler,
      opened: false,
      lost: () => end('lost'),
      receive: (frame) => {
        if (!ended) handler.frame(frame)
      },
    }
    this.#connections.push(connection)
    this.#later(() => {
      if (ended) return
      if (!this.#bindings.has(endpoint)) return end('refused')
      connection.opened = true
      handler.opened()
    })
    return {
      send: (frame) => {
        if (ended) return
        this.#learn(frame)
        this.#later(() => {
          if (!ended) this.#bindings.get(endpoint)?.frame(id, frame)
        })
      },
      close: () => end('closed'),
    }
  }
}

const MESSAGES = [
  (turn) => ({ turn, text: 'x'.repeat(turn % 50), list: [1, 2.5, null, true], at: new Date(0) }),
  (turn) => [turn, 5n, new Uint8Array(turn % 100), undefined],
  (turn) => new Uint8Array(turn % 20 === 0 ? 33_000 : 30),
  (turn) => `message ${turn}`,
]
