/** Free ports in a row, for the ancestor's rule: the port of pid p is a start and p. */
import { createServer, type Server } from 'node:net'
import { CommandFailure } from './failure.ts'
import { once } from 'node:events'

/** Below what systems hand out by themselves: those would soon be somebody else's. */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 50

/**
 * Finds a start so that the ports start + 1 … start + count are free just now. They may be taken by
 * the time they are used: then try again.
 *
 * @param chance a uniform number in [0, 1)
 */
export async function freeStart(count: number, chance: () => number): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const start = FIRST + Math.floor(chance() * (LAST - FIRST - count))
    const ports = Array.from({ length: count }, (_, index) => start + index + 1)
    if (await allFree(ports)) return start
  }
  throw new CommandFailure(`no ${count} free ports in a row were found: use fewer --peers`)
}

async function allFree(ports: readonly number[]): Promise<boolean> {
  const servers: Server[] = []
  try {
    for (const port of ports) {
      const server = createServer().listen(port, '127.0.0.1')
      servers.push(server)
      await once(server, 'listening')
    }
    return true
  } catch {
    return false
  } finally {
    await Promise.all(servers.map((server) => closed(server)))
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
