/** The features that two nodes negotiate in HELLO and WELCOME. */

/** The features of HELLO and WELCOME, as bits: a frame uses those that both ends have. */
export const FEATURE = {
  /** Entries may carry headers. */
  headers: 1,
  /** Entries may be error replies. */
  errorReplies: 2,
} as const

/** The features of this implementation. */
export const FEATURES = FEATURE.headers | FEATURE.errorReplies
