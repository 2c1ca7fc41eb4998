/** Free ports in a row, for the ancestor's rule: the port of pid p is a start and p. */
import { createServer, type Server } from 'node:net'
import { CommandError } from './errors.ts'
import { once } from 'node:events'

/** Below what systems hand out by themselves: those would soon be somebody else's. */
const PORT_SEARCH_MIN = 20_000
const PORT_SEARCH_MAX = 32_000
const ATTEMPTS_MAX = 50

/**
 * Finds a start so that the ports start + 1 … start + count are free just now. They may be taken by
 * the time they are used: then try again.
 *
 * @param random a uniform number in [0, 1)
 */
export async function findFreePorts(count: number, random: () => number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const start =
      PORT_SEARCH_MIN + Math.floor(random() * (PORT_SEARCH_MAX - PORT_SEARCH_MIN - count))
    const ports = Array.from({ length: count }, (_, index) => start + index + 1)
    if (await allFree(ports)) return start
  }
  throw new CommandError(`no ${count} free ports in a row were found: use fewer --peers`)
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
    await Promise.all(servers.map((server) => closeServer(server)))
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}
