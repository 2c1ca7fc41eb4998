/**
 * Ports that can be released and taken again: the system soon reuses those that it assigns itself.
 */
import { createServer } from 'node:net'
import { once } from 'node:events'

/** Below the ranges that Linux (from 32768), macOS and Windows (from 49152) assign. */
const FIRST = 20_000
const LAST = 32_000
const TRIES_MAX = 100

/** @returns a free port on loopback */
export async function freePort() {
  for (let tries = 1; ; tries++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    const server = createServer()
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening')
      await new Promise((resolve) => server.close(resolve))
      return port
    } catch (error) {
      if (tries === TRIES_MAX) throw error
    }
  }
}
