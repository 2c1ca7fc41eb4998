/** Free ports: a config for nodes on this machine, at addresses that nobody uses just now. */
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { once } from 'node:events'

/** Below what systems hand out by themselves: those would soon be somebody else's. */
const PORT_MIN = 20_000
const PORT_MAX = 32_000

/** Finds a few endpoints on loopback where nobody listens just now. */
export async function freeEndpoints(count: number): Promise<readonly string[]> {
  // All of them are held at once, so that no two are the same.
  const servers: Server[] = []
  while (servers.length < count) {
    const server = createServer()
    try {
      const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN))
      await once(server.listen(port, '127.0.0.1'), 'listening')
      servers.push(server)
    } catch {
      // Somebody has it: the next one, then.
    }
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports.map((port) => `tcp://127.0.0.1:${port}`)
}

/** A config of so many nodes, with the pids 1, 2, 3, … */
export async function freeConfig(cluster: string, count: number) {
  const endpoints = await freeEndpoints(count)
  return { cluster, peers: endpoints.map((endpoint, index) => ({ pid: index + 1, endpoint })) }
}
