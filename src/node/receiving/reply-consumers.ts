/** The consumers of replies of a node, by the peer whose replies they expect. */
import type { MsgId } from '../../model/envelope.ts'
import type { Pid } from '../../model/pid.ts'
import type { ReplyConsumer } from '../../ports/mailbox.ts'

const NO_CONSUMERS: readonly ReplyConsumer[] = []

/** The consumers of replies, by peer. */
export class ReplyConsumers {
  readonly #consumers = new Map<Pid, readonly ReplyConsumer[]>()

  get isEmpty(): boolean {
    return this.#consumers.size === 0
  }

  add(pid: Pid, consumer: ReplyConsumer): void {
    const present = this.#consumers.get(pid) ?? NO_CONSUMERS
    this.#consumers.set(pid, [...present, consumer])
  }

  remove(pid: Pid, consumer: ReplyConsumer): void {
    const left = (this.#consumers.get(pid) ?? NO_CONSUMERS).filter((other) => other !== consumer)
    if (left.length > 0) this.#consumers.set(pid, left)
    else this.#consumers.delete(pid)
  }

  /** Returns the consumers that wait for this reply. */
  find(pid: Pid, re: MsgId): readonly ReplyConsumer[] {
    const consumers = this.#consumers.get(pid) ?? NO_CONSUMERS
    const [only] = consumers
    // Almost always one: all requests of a mailbox share it.
    if (consumers.length === 1) return only?.expects(pid, re) === true ? consumers : NO_CONSUMERS
    return consumers.filter((consumer) => consumer.expects(pid, re))
  }

  /** Ends all of them: no reply will come. */
  close(): void {
    const all = new Set([...this.#consumers.values()].flat())
    this.#consumers.clear()
    for (const consumer of all) consumer.closed()
  }
}
