/** Voices: the two ways in which `up` speaks, to a person and to a program. */
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Envelope, OutgoingEnvelope } from '../model/envelope.ts'
import type { LinkState } from '../model/peer.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { Pid } from '../model/pid.ts'

/** How what happens is told; each method returns one line, or nothing where it is not worth one. */
export interface Voice {
  bound(pid: Pid, endpoint: string): string | undefined
  link(pid: Pid, state: LinkState): string | undefined
  envelope(envelope: Envelope): string | undefined
  deadLetter(letter: DeadLetter): string | undefined
  /** Whatever else happens to the node. */
  event(event: NodeEvent): string | undefined
  /** Something went wrong here: a line that cannot be read, a node that cannot start. */
  error(error: unknown): string
  /**
   * Reads a line of input.
   *
   * @returns undefined for one that says nothing
   * @throws Error that says what is wrong with it
   */
  read(line: string): OutgoingEnvelope | undefined
}
