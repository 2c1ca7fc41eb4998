/** Paths of ipc sockets: who owns the file, before libzmq removes it without asking. */
import { connect } from 'node:net'
import { stat } from 'node:fs/promises'
import { problem } from './problem.ts'

/**
 * Makes sure that a socket may be bound at `path`.
 *
 * libzmq unlinks whatever is there and binds: the mail of a living process would go to the
 * newcomer, and a plain file would be lost. So it is called first. The file that a killed process
 * left behind does not answer, and is in nobody's way. Two processes that start in the same instant
 * can still miss each other.
 *
 * @throws Error with the code `EADDRINUSE` where somebody listens, `EEXIST` where it is another
 *   kind of file
 */
export async function requireFreePath(path: string): Promise<void> {
  // What begins with `@` is no file, and is never taken over.
  if (path.startsWith('@')) return
  const kind = await stat(path).catch(() => undefined)
  if (kind === undefined) return
  if (!kind.isSocket()) throw problem('EEXIST', `${path} is a file, and no socket`)
  if (await answers(path)) throw problem('EADDRINUSE', `somebody listens at ${path}`)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path })
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => {
      // Anything else, such as a full backlog, comes from a listener.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
