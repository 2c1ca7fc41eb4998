/** Problems: errors with a `code` to switch on and a message to read. */

/** An error with the code of the system's error that it stands for. */
export interface SystemError extends Error {
  readonly code?: string | undefined
}

/** Makes one. */
export function systemError(code: string, message: string): SystemError {
  return Object.assign(new Error(message), { code })
}

/** Whatever was thrown, as a problem. */
export function toSystemError(thrown: unknown): SystemError {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
