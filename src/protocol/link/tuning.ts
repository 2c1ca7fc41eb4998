/** The numbers that a link lives by. */

/** The numbers that a link lives by; all times in milliseconds. */
export interface LinkTuning {
  /** The first retry comes within this; each further one within twice as much. */
  readonly backOffBaseMs: number
  readonly backOffMaxMs: number
  /** A connection that has not opened by then, or a HELLO that has no answer, is given up. */
  readonly connectTimeoutMs: number
  /** A silence of so long is broken with a PING. */
  readonly idlePingMs: number
  /** The same, while something is written and has not been seen to arrive, or waits for credit. */
  readonly probeTimeoutMs: number
  /**
   * While nothing is under way, every so manieth PING asks where the sessions stand, in case that
   * the other end has forgotten them.
   */
  readonly reportEvery: number
  /** A PING without an answer for so long makes a peer busy. */
  readonly pongTimeoutMs: number
  /** A peer that is busy for so long is hung up on, so that no mail is in flight for ever. */
  readonly unresponsiveMaxMs: number
  /** One that is not a member asks again within this; and then twice as much, up to the other. */
  readonly notMemberRetryBaseMs: number
  readonly notMemberRetryMaxMs: number
  /** A process that was superseded stays away for so long. */
  readonly supersededRetryMs: number
  /** A timer this late means that this process stalled: extend deadlines, do not blame peers. */
  readonly lagMinMs: number
  /** DATA frames that may be under way at once on a link. */
  readonly framesInFlightMax: number
  /** The first part of a DATA frame is closed beyond so many bytes. */
  readonly firstPartBytesMax: number
  /** A DATA frame is closed beyond so many bytes, bodies in parts of their own included. */
  readonly frameBytesMax: number
  /** One session has so many entries in a row, at most. */
  readonly batchEntriesMax: number
  /** A DATA frame carries so many runs at most. */
  readonly frameBatchesMax: number
}

/** What holds in production. */
export const LINK_TUNING: LinkTuning = {
  backOffBaseMs: 10,
  backOffMaxMs: 2_000,
  connectTimeoutMs: 5_000,
  idlePingMs: 3_000,
  probeTimeoutMs: 1_000,
  reportEvery: 10,
  pongTimeoutMs: 3_000,
  unresponsiveMaxMs: 60_000,
  notMemberRetryBaseMs: 1_000,
  notMemberRetryMaxMs: 15_000,
  supersededRetryMs: 30_000,
  lagMinMs: 500,
  framesInFlightMax: 64,
  firstPartBytesMax: 64 * 1024,
  frameBytesMax: 1024 * 1024,
  batchEntriesMax: 1024,
  frameBatchesMax: 1024,
}
