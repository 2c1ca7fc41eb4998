/** Paths of ipc sockets: who owns the file, before libzmq removes it without asking. */
import { connect } from 'node:net'
import { stat } from 'node:fs/promises'
import { statSync, unlinkSync } from 'node:fs'
import { systemError } from './system-error.ts'

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
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) return
  if (!stats.isSocket()) throw systemError('EEXIST', `${path} is a file, and no socket`)
  if (await hasListener(path)) throw systemError('EADDRINUSE', `somebody listens at ${path}`)
}

/**
 * Remembers the file that was bound just now; libzmq leaves it there for ever.
 *
 * @returns removes it, unless another one has taken its place. It must be called BEFORE the socket
 *   is closed: then the next one to bind there makes a file of its own, which is not this one.
 */
export function claimPath(path: string): () => void {
  const boundInode = inode(path)
  return () => {
    try {
      if (boundInode !== undefined && inode(path) === boundInode) unlinkSync(path)
    } catch {
      // It is in nobody's way.
    }
  }
}

function inode(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino
}

function hasListener(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Anything else, such as a full backlog, comes from a listener.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
