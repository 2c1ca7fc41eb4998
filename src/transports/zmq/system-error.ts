/** Errors with a `code` for programs and a message for people. */

/** An error with the code of a system error, such as `EADDRINUSE`. */
export interface SystemError extends Error {
  readonly code?: string | undefined
}

/** Creates an error with a code. */
export function systemError(code: string, message: string): SystemError {
  return Object.assign(new Error(message), { code })
}

/** Returns what was thrown as an error. */
export function toSystemError(thrown: unknown): SystemError {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
