/** Descriptors: makes sure that some are left, for without one libzmq aborts the process. */
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import type { DescriptorBudget } from '../../ports/transport.ts'
import { devNull } from 'node:os'
import { systemError } from './system-error.ts'

/**
 * How many must be free before a socket is opened. The first socket of a context takes 6, a socket
 * with its observer 3, a connection 1, looking up the interfaces of this machine 1; the rest is for
 * what the threads of libzmq accept meanwhile.
 */
const RESERVED_DESCRIPTORS = 16

/**
 * What a peer takes: the socket that calls it, its observer, their connection, and the one that
 * comes back.
 */
const DESCRIPTORS_PER_CONNECTION = 5

/**
 * Opens as many descriptors as a socket may need, and closes them again.
 *
 * @throws Error with the code `EMFILE` where they are not to be had
 */
export function requireDescriptors(): void {
  const held: number[] = []
  try {
    while (held.length < RESERVED_DESCRIPTORS) held.push(openSync(devNull, 'r'))
  } catch (error) {
    const message = `fewer than ${RESERVED_DESCRIPTORS} file descriptors are left: raise the limit (ulimit -n)`
    throw Object.assign(systemError('EMFILE', message), { cause: error })
  } finally {
    for (const descriptor of held) closeSync(descriptor)
  }
}

/**
 * What so many more connections would need, and what is left; undefined where the system does not
 * tell.
 *
 * @param pendingConnections connections that will open their sockets as soon as they can
 */
export function descriptorBudget(
  connections: number,
  pendingConnections: number,
): DescriptorBudget | undefined {
  try {
    const limit = Number(
      /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1],
    )
    if (!Number.isInteger(limit)) return undefined
    const open = readdirSync('/proc/self/fd').length
    const have = Math.max(0, limit - open - pendingConnections * DESCRIPTORS_PER_CONNECTION)
    return {
      needed: connections * DESCRIPTORS_PER_CONNECTION + RESERVED_DESCRIPTORS,
      available: have,
      limit,
    }
  } catch {
    return undefined
  }
}
