/** The timeouts and limits of a link. */

/** The timeouts and limits of a link; times in milliseconds. */
export interface LinkTuning {
  /** The first retry comes within this time; the bound doubles up to `backOffMaxMs`. */
  readonly backOffBaseMs: number
  readonly backOffMaxMs: number
  /** A connection that does not open, or a HELLO that is not answered, fails after this. */
  readonly connectTimeoutMs: number
  /** An idle link sends PING when nothing was received for this long. */
  readonly idlePingMs: number
  /** The same while frames are on the wire, or entries or sessions wait for the receiver. */
  readonly probeTimeoutMs: number
  /**
   * When idle, every `reportEvery`-th PING asks for session reports, to detect a receiver that lost
   * its records.
   */
  readonly reportEvery: number
  /** A link is `unresponsive` when PONG does not come within this time. */
  readonly pongTimeoutMs: number
  /** A connection is closed when nothing was received for this long. */
  readonly unresponsiveMaxMs: number
  /** As `backOff…`, for a local node that is not a member at the receiver. */
  readonly notMemberRetryBaseMs: number
  readonly notMemberRetryMaxMs: number
  /** A local node that was superseded by a newer process joins again after this. */
  readonly supersededRetryMs: number
  /** Until PONG, a gap rewinds a session not sooner than this after the last time. */
  readonly gapRewindMs: number
  /** Until PONG, a gap rewinds a session at most this often. */
  readonly gapRewindsMax: number
  /** A timer this late means that this process stalled: extend deadlines, do not blame peers. */
  readonly lagMinMs: number
  /** DATA frames on the wire. */
  readonly framesOnWireMax: number
  /** A DATA frame takes no further entry once its first part has this many bytes. */
  readonly firstPartBytesMax: number
  /** The same for all its parts together. */
  readonly frameBytesMax: number
  /** Entries of one batch. */
  readonly batchEntriesMax: number
  /** Batches of one DATA frame. */
  readonly frameBatchesMax: number
}

/** The tuning of every link outside tests. */
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
  gapRewindMs: 250,
  gapRewindsMax: 4,
  lagMinMs: 500,
  framesOnWireMax: 64,
  firstPartBytesMax: 64 * 1024,
  frameBytesMax: 1024 * 1024,
  batchEntriesMax: 1024,
  frameBatchesMax: 1024,
}
