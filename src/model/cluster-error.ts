/** The one error class of the library. */

/** Every `code` of a `ClusterError`. They are stable: code may switch on them. */
export const ERROR_CODES = [
  'CONFIG_UNREADABLE',
  'CONFIG_NOT_JSON',
  'CONFIG_INVALID',
  'PID_NOT_IN_CONFIG',
  'ADDRESS_IN_USE',
  'BIND_FAILED',
  'INSECURE_BIND',
  'TRANSPORT_UNAVAILABLE',
  'DESCRIPTORS_EXHAUSTED',
  'PEER_INVALID',
  'PEER_ADDRESS_UNKNOWN',
  'NOT_DELIVERED',
  'DELIVERY_UNKNOWN',
  'REQUEST_TIMEOUT',
  'PEER_DOWN',
  'QUORUM_UNREACHABLE',
  'BUFFER_FULL',
  'CLOSED',
  'CHECK_FAILED',
  'FAULT_INVALID',
  'NONDETERMINISTIC',
  'RXJS_UNSUPPORTED',
  'RECORDING_INVALID',
] as const

/** A stable name for what went wrong. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/** What may stand beside the message of a `ClusterError`. */
export interface ErrorDetails {
  /** What caused it, as it was thrown. */
  readonly cause?: unknown
  /** Each single problem, where there may be several. */
  readonly issues?: readonly string[]
}

/**
 * What every part of the library throws, rejects and errors with: a stable `code`, and a message
 * that says what to do.
 */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ErrorCode
  /**
   * Each single problem (`peers[0].pid: expected an integer, got "a"`); empty where there is just
   * one.
   */
  readonly issues: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.issues = details.issues ?? []
  }
}
