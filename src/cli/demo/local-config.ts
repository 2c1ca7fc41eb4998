/** A config of nodes on free loopback ports. */
import { type AddressInfo, createServer } from 'node:net'
import { once } from 'node:events'

/**
 * Returns a config with the pids 1 to `count`, each on a port that is free now. Another process may
 * take a port before the node binds it: then try again with another config.
 */
export async function localConfig(count: number): Promise<object> {
  // All ports are held at once, so that no two nodes get the same.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return {
    cluster: 'demo',
    peers: ports.map((port, index) => ({ pid: index + 1, endpoint: `tcp://127.0.0.1:${port}` })),
  }
}
