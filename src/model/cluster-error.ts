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
  'INSECURE_CONNECT',
  'KEY_FILE_UNREADABLE',
  'KEY_FILE_EXPOSED',
  'KEY_INVALID',
  'KEY_IS_PUBLIC',
  'KEY_MISMATCH',
  'CLUSTER_SECRET_INVALID',
  'KEYS_MISSING',
  'KEYS_CONFLICT',
  'TRANSPORT_UNAVAILABLE',
  'DESCRIPTORS_EXHAUSTED',
  'PEER_INVALID',
  'PEER_ADDRESS_UNKNOWN',
  'NOT_DELIVERED',
  'DELIVERY_UNKNOWN',
  'REQUEST_TIMEOUT',
  'REMOTE_ERROR',
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
  readonly issues?: readonly string[] | undefined
}

/**
 * The only error that the library throws, rejects and errors with. Its message says what to do, and
 * `docs/errors.md` has a section about its code. Its text and its stack begin with the code, as
 * those of Node.js do: `ClusterError [REQUEST_TIMEOUT]: no reply from peer 2 within 300 ms`.
 */
export class ClusterError extends Error {
  declare readonly name: string
  readonly code: ErrorCode
  /** Every problem, as `peers[0].pid: expected an integer, got "a"`; empty without a list. */
  readonly issues: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.issues = details.issues ?? []
    // V8 takes the first line of the stack from the name. Other engines have no such function.
    if (typeof Error.captureStackTrace !== 'function') return
    const name = `${this.name} [${code}]`
    Object.defineProperty(this, 'name', { value: name, configurable: true })
    Error.captureStackTrace(this, new.target)
    // The stack is text from the first read on.
    void this.stack
    Reflect.deleteProperty(this, 'name')
  }

  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`
  }
}

// Of the prototype, so that an error has no property `name` of its own, as errors of the language.
nameErrors(ClusterError, 'ClusterError')

/** Sets the `name` of the errors of a class. */
export function nameErrors(of: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(of.prototype, 'name', { value: name, configurable: true, writable: true })
}

/**
 * A `ClusterError` with one of these codes. The class itself has no type parameter, because
 * TypeScript would take `any` for it after `instanceof`.
 */
export type ClusterErrorWith<Code extends ErrorCode> = ClusterError & { readonly code: Code }

/**
 * Returns whether a value is a `ClusterError`, with one of these codes if any are given.
 *
 *     if (isClusterError(error, 'NOT_DELIVERED', 'CLOSED')) retry()
 */
export function isClusterError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ClusterErrorWith<Code> {
  if (!(error instanceof ClusterError)) return false
  return codes.length === 0 || (codes as readonly ErrorCode[]).includes(error.code)
}
