/** What a replay hears of the mail of its node. */
import type { DeadReason, Outcome } from '../../model/dead-letter.ts'
import type { Envelope, MsgId } from '../../model/envelope.ts'
import type { NodeTraceEvent } from '../../model/trace-event.ts'
import type { Pid } from '../../model/pid.ts'
import type { Probe } from '../../ports/probe.ts'
import { messagePack } from '../../transports/codec/message-pack.ts'

/** A probe that tells trace events. */
export class ReplayProbe implements Probe {
  readonly #stamp: () => { readonly atMs: number; readonly pid: Pid }
  readonly #tell: (event: NodeTraceEvent) => void
  readonly #codec = messagePack()

  constructor(
    stamp: () => { readonly atMs: number; readonly pid: Pid },
    tell: (event: NodeTraceEvent) => void,
  ) {
    this.#stamp = stamp
    this.#tell = tell
  }

  sent(to: Pid, msgId: MsgId, re: MsgId | undefined, open: () => unknown): void {
    const event = { ...this.#stamp(), type: 'sent', to, msgId } as const
    this.#tell({ ...event, ...(re === undefined ? {} : { re }), msg: open() })
  }

  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void {
    this.#tell({ ...this.#stamp(), type: 'dead', to, msgId, reason, outcome })
  }

  received({ pid: from, incarnation, msgId, re }: Envelope, bytes: () => Uint8Array): void {
    const lent = bytes()
    // The envelope is the protocol's, which may change the message.
    const msg = this.#codec.decode(lent, 0, lent.length)
    const event = { ...this.#stamp(), type: 'received', from, incarnation, msgId } as const
    this.#tell({ ...event, ...(re === undefined ? {} : { re }), msg })
  }
}
