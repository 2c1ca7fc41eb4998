/** Ports that one may give up for a while and take again: those that the system hands out by itself are soon somebody else's. */
import { createServer } from 'node:net'
import { once } from 'node:events'

/** Below what Linux (32768), macOS and Windows (49152) hand out. */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 100

/** A port on loopback that nobody listens at just now. */
export async function freePort() {
  for (let tries = 1; ; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
      await new Promise((resolve) => server.close(resolve))
      return port
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}
