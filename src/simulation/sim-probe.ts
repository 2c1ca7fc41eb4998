/** What is heard of the mail of one simulated node: it is checked, and traced for who looks. */
import type { DeadReason, Outcome } from '../model/dead-letter.ts'
import type { Envelope, Incarnation, MsgId } from '../model/envelope.ts'
import type { ClusterOwner } from './sim-cluster.ts'
import type { MailCheck } from './mail-check.ts'
import type { Pid } from '../model/pid.ts'
import type { Probe } from '../ports/probe.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The probe of one life of a node. */
export class SimProbe implements Probe {
  /** Known as soon as the node is open; nothing is sent before. */
  incarnation: Incarnation = ''
  /** Something was sent since the last audit. */
  stirred = false
  readonly #pid: Pid
  readonly #clock: VirtualClock
  readonly #mail: MailCheck
  readonly #owner: ClusterOwner

  constructor(pid: Pid, clock: VirtualClock, mail: MailCheck, owner: ClusterOwner) {
    this.#pid = pid
    this.#clock = clock
    this.#mail = mail
    this.#owner = owner
  }

  sent(to: Pid, msgId: MsgId, re: MsgId | undefined, open: () => unknown): void {
    this.stirred = true
    this.#mail.sent(this.incarnation, to, msgId)
    if (!this.#owner.traced) return
    const event = { atMs: this.#clock.nowMs, pid: this.#pid, type: 'sent', to, msgId } as const
    this.#owner.trace({ ...event, ...(re === undefined ? {} : { re }), msg: open() })
  }

  dead(to: Pid, msgId: MsgId, reason: DeadReason, outcome: Outcome): void {
    this.stirred = true
    this.#judge(this.#mail.died(this.incarnation, to, msgId, outcome), msgId, this.#pid, to)
    if (!this.#owner.traced) return
    const { nowMs: atMs } = this.#clock
    this.#owner.trace({ atMs, pid: this.#pid, type: 'dead', to, msgId, reason, outcome })
  }

  received({ pid: from, incarnation, msgId, re, msg }: Envelope): void {
    const pid = this.#pid
    this.#judge(this.#mail.taken(incarnation, pid, msgId, this.incarnation), msgId, from, pid)
    if (!this.#owner.traced) return
    const { nowMs: atMs } = this.#clock
    const event = { atMs, pid, type: 'received', from, incarnation, msgId } as const
    this.#owner.trace({ ...event, ...(re === undefined ? {} : { re }), msg })
  }

  #judge(wrong: string | undefined, msgId: MsgId, from: Pid, to: Pid): void {
    if (wrong === undefined) return
    this.#owner.violated('mail', `envelope ${msgId} from ${from} to ${to} ${wrong}`)
  }
}
