/**
 * Checks that enough file descriptors are free, because libzmq aborts the process when none is
 * left.
 */
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs'
import type { DescriptorBudget } from '../../ports/transport.ts'
import { devNull } from 'node:os'
import { systemError } from './system-error.ts'

/**
 * Descriptors that must be free before a socket is opened. The first socket of a context takes 6, a
 * socket with its monitor 3, a connection 1, listing the network interfaces 1. The rest is for
 * connections that the I/O threads accept meanwhile.
 */
const RESERVED_DESCRIPTORS = 16

/** The dialing socket, its monitor (2), its connection, and the accepted connection. */
const DESCRIPTORS_PER_CONNECTION = 5

/**
 * Opens as many descriptors as a socket may need, and closes them again.
 *
 * @throws Error with the code `EMFILE` where too few are left
 */
export function requireDescriptors(): void {
  const held: number[] = []
  try {
    while (held.length < RESERVED_DESCRIPTORS) held.push(openSync(devNull, 'r'))
  } catch (error) {
    const count = `fewer than ${RESERVED_DESCRIPTORS} file descriptors are left`
    const message = `${count}: raise the limit (ulimit -n)`
    throw Object.assign(systemError('EMFILE', message), { cause: error })
  } finally {
    for (const descriptor of held) closeSync(descriptor)
  }
}

/**
 * Returns the descriptors that further connections need, and how many are left; undefined where the
 * system has no `/proc`.
 *
 * @param pendingConnections connections whose sockets are about to be opened
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
    return {
      needed: connections * DESCRIPTORS_PER_CONNECTION + RESERVED_DESCRIPTORS,
      available: Math.max(0, limit - open - pendingConnections * DESCRIPTORS_PER_CONNECTION),
      limit,
    }
  } catch {
    return undefined
  }
}
