/** Problems: errors with a `code` to switch on and a message to read. */

/** An error with the code of the system's error that it stands for. */
export interface Problem extends Error {
  readonly code?: string | undefined
}

/** Makes one. */
export function problem(code: string, message: string): Problem {
  return Object.assign(new Error(message), { code })
}

/** Whatever was thrown, as a problem. */
export function problemOf(thrown: unknown): Problem {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
