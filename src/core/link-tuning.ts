/** The numbers that a link lives by. */

/** One frame: its parts. */
export type Frame = readonly Uint8Array[]

/** A process that did not run for so many milliseconds suspects nobody for it. */
export const LAG_MS = 500

/** The numbers that a link lives by; all times in milliseconds. */
export interface LinkTuning {
  /** The first retry comes within this; each further one within twice as much. */
  readonly backOffBaseMs: number
  readonly backOffMaxMs: number
  /** A connection that has not opened by then, or a HELLO that has no answer, is given up. */
  readonly patienceMs: number
  /** A silence of so long is broken with a PING. */
  readonly pingAfterMs: number
  /** The same, while something is written and has not been seen to arrive, or waits for credit. */
  readonly probeAfterMs: number
  /**
   * While nothing is under way, every so manieth PING asks where the sessions stand, in case that
   * the other end has forgotten them.
   */
  readonly reportEvery: number
  /** A PING without an answer for so long makes a peer busy. */
  readonly pongWithinMs: number
  /** A peer that is busy for so long is hung up on, so that no mail is in flight for ever. */
  readonly busyMaxMs: number
  /** One that is not a member asks again within this; and then twice as much, up to the other. */
  readonly strangerBaseMs: number
  readonly strangerMaxMs: number
  /** A process that was superseded stays away for so long. */
  readonly supersededMs: number
  /** DATA frames that may be under way at once on a link. */
  readonly framesMax: number
  /** The first part of a DATA frame is closed beyond so many bytes. */
  readonly batchBytes: number
  /** A DATA frame is closed beyond so many bytes, bodies in parts of their own included. */
  readonly frameBytes: number
  /** One session has so many entries in a row, at most. */
  readonly batchEntries: number
  /** A DATA frame carries so many runs at most. */
  readonly batchRuns: number
}

/** What holds in production. */
export const LINK_TUNING: LinkTuning = {
  backOffBaseMs: 10,
  backOffMaxMs: 2_000,
  patienceMs: 5_000,
  pingAfterMs: 3_000,
  probeAfterMs: 1_000,
  reportEvery: 10,
  pongWithinMs: 3_000,
  busyMaxMs: 60_000,
  strangerBaseMs: 1_000,
  strangerMaxMs: 15_000,
  supersededMs: 30_000,
  framesMax: 64,
  batchBytes: 64 * 1024,
  frameBytes: 1024 * 1024,
  batchEntries: 1024,
  batchRuns: 1024,
}
