/** Checks that no process listens at an ipc path, because libzmq would replace its socket file. */
import { connect } from 'node:net'
import { stat } from 'node:fs/promises'
import { statSync, unlinkSync } from 'node:fs'
import { systemError } from './system-error.ts'

/**
 * Checks that a socket may be bound at `path`.
 *
 * libzmq unlinks an existing path and binds: the frames for a running process would go to the new
 * one, and a plain file would be lost. Therefore this connects first. The socket file of a killed
 * process refuses connections, so it may be replaced. Two processes that bind at the same instant
 * can still both pass.
 *
 * @throws Error with the code `EADDRINUSE` where a process listens, `EEXIST` for another kind of
 *   file
 */
export async function requireFreePath(path: string): Promise<void> {
  // `@` begins an abstract socket: no file, and the system refuses a second bind.
  if (path.startsWith('@')) return
  const stats = await stat(path).catch(() => undefined)
  if (stats === undefined) return
  if (!stats.isSocket()) throw systemError('EEXIST', `${path} is a file, and no socket`)
  if (await hasListener(path)) {
    throw systemError('EADDRINUSE', `another process listens at ${path}`)
  }
}

/**
 * Remembers the socket file that was just bound; libzmq never removes it.
 *
 * @returns a function that removes the file, unless another one has replaced it. Call it before the
 *   socket is closed: a process that binds afterwards creates a file of its own.
 */
export function claimPath(path: string): () => void {
  const boundInode = inode(path)
  return () => {
    try {
      if (boundInode !== undefined && inode(path) === boundInode) unlinkSync(path)
    } catch {
      // A file that stays is harmless: the next bind replaces it.
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
      // Any other error, such as a full backlog, comes from a listener.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
