/** Finds the line of user code that called a function of Node.js. */
import { LIBRARY_FOLDER } from '../../library-folder.ts'
import { fileURLToPath } from 'node:url'

const FRAMES_MAX = 40

/** Creates the promise of `close()`, the only call of this library that would be refused. */
const CLOSE = 'at Shutdown.start ('

/**
 * The folder of this library, whose own calls are allowed, as stacks show it. A bundle has no such
 * folder: its files are those of the user.
 */
const OWN = LIBRARY_FOLDER === undefined ? [CLOSE] : [LIBRARY_FOLDER, fileURLToPath(LIBRARY_FOLDER)]

/** A function whose frame, and those that it called, are left out of a stack. */
export type Below = (...args: never[]) => unknown

/** Returns the lines of the current stack, innermost first, without the frames above `below`. */
export function stackLines(below: Below = stackLines): readonly string[] {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES_MAX
  const captured = { stack: '' }
  Error.captureStackTrace(captured, below)
  const lines = captured.stack.split('\n').filter((line) => line.trimStart().startsWith('at '))
  Error.stackTraceLimit = stackTraceLimit
  return lines
}

/** Returns the innermost line outside Node.js, its builtins and RxJS; undefined without one. */
export function userLine(lines: readonly string[]): string | undefined {
  return lines.find((line) => !isNode(line) && !line.includes('/rxjs/'))?.trim()
}

/** Whether a line of a stack is in this library. */
export function isOwn(line: string): boolean {
  return OWN.some((folder) => line.includes(folder))
}

/** Whether a line of a stack is in Node.js, or in a builtin of the language. */
export function isNode(line = ''): boolean {
  return line.includes('(node:') || line.includes('at node:') || isBuiltin(line)
}

/** Whether a line of a stack is in a builtin such as `Array.map`. */
export function isBuiltin(line: string): boolean {
  return line.includes('<anonymous>)')
}

/**
 * Whether the call only writes to the console, or reads source maps for a stack: neither changes
 * the run.
 */
export function isHarmless(lines: readonly string[]): boolean {
  return lines.some(
    (line) => line.includes('node:internal/console') || line.includes('prepareStackTrace'),
  )
}
