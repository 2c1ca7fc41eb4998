/** The error class of the library. */

/** Every `code` of a `ClusterError`. Codes are stable across versions. */
export const ERROR_CODES = [
  'INVALID_ARGUMENT',
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
  'REPLY_INVALID',
  'PEER_DOWN',
  'QUORUM_UNREACHABLE',
  'BUFFER_FULL',
  'NOT_READY',
  'CLOSED',
  'CHECK_FAILED',
  'FAULT_INVALID',
  'PLAN_INVALID',
  'NONDETERMINISTIC',
  'RXJS_UNSUPPORTED',
  'RECORDING_INVALID',
] as const

/** The stable code of an error. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/** Details of a `ClusterError` besides its message. */
export interface ErrorDetails {
  /** The error that caused this one. */
  readonly cause?: unknown
  /** Every problem, where there may be several. */
  readonly issues?: readonly string[]
}

/** The only error that the library throws, rejects and errors with. Its message says what to do. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly code: ErrorCode
  /** Every problem, as `peers[0].pid: expected an integer, got "a"`; empty without a list. */
  readonly issues: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.issues = details.issues ?? []
  }
}
