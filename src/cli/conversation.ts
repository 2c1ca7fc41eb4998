/** A conversation: lines become envelopes, and what happens to a node becomes lines. */
import type { LinkState, Links } from '../model/peer.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import type { Pid } from '../model/pid.ts'
import type { Terminal } from './terminal.ts'
import type { Voice } from './voice.ts'
import { firstValueFrom } from 'rxjs'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often a full queue is looked at again, in milliseconds. */
const POLL_MS = 5

/** Runs one node through a terminal. */
export class Conversation {
  readonly #node: ClusterNode
  readonly #voice: Voice
  readonly #terminal: Terminal
  readonly #bufSize: number
  readonly #states = new Map<Pid, LinkState>()
  #wentWell = true
  #isWaiting = false

  /** @param bufSize how much the queue of a peer holds: input waits when one is half full */
  constructor(node: ClusterNode, voice: Voice, terminal: Terminal, bufSize: number) {
    this.#node = node
    this.#voice = voice
    this.#terminal = terminal
    this.#bufSize = bufSize
  }

  /**
   * Speaks until the input ends, then closes the node.
   *
   * @returns whether every line was understood, and everything sent has arrived
   */
  async run(): Promise<boolean> {
    const node = this.#node
    const voice = this.#voice
    this.#say(voice.bound(node.pid, await firstValueFrom(node.bound())))
    node.links.subscribe((links) => this.#tellLinks(links))
    node.events.subscribe((event) => {
      if (event.type !== 'link' && event.type !== 'bound') this.#say(voice.event(event))
    })
    node.deadLetters.subscribe((letter) => {
      this.#wentWell = false
      this.#say(voice.deadLetter(letter))
    })
    node.inbox.subscribe((envelope) => this.#say(voice.envelope(envelope)))
    await this.#read()
    await node.close()
    return this.#wentWell
  }

  async #read(): Promise<void> {
    const batch = Math.max(1, Math.floor(this.#bufSize / 4))
    let count = 0
    for await (const line of this.#terminal.lines()) {
      this.#send(line, ++count)
      if (count % batch === 0) await this.#room()
    }
  }

  #send(line: string, number: number): void {
    try {
      const envelope = this.#voice.read(line)
      if (envelope !== undefined) this.#node.outbox.next(envelope)
    } catch (error) {
      this.#wentWell = false
      const why = error instanceof Error ? error.message : String(error)
      this.#say(this.#voice.error(new Error(`line ${number}: ${why}`)))
    }
  }

  /** Waits until nobody who is up has a queue that is half full: those who are down must not hold up the rest. */
  async #room(): Promise<void> {
    const isFull = (): boolean => {
      const { value: links } = this.#node.links
      return [...this.#node.stats().peers].some(([pid, { queued }]) => {
        return links.get(pid) === 'up' && queued > this.#bufSize / 2
      })
    }
    while (isFull()) await sleep(POLL_MS)
  }

  #tellLinks(links: Links): void {
    for (const [pid, state] of links) {
      if (this.#states.get(pid) === state) continue
      this.#states.set(pid, state)
      this.#say(this.#voice.link(pid, state))
    }
  }

  /** Says a line; while whoever reads does not keep up, the inbox stands still. */
  #say(line: string | undefined): void {
    if (line === undefined || this.#terminal.say(line) || this.#isWaiting) return
    this.#isWaiting = true
    const resume = this.#node.pause()
    this.#terminal.onceDrained(() => {
      this.#isWaiting = false
      resume()
    })
  }
}
