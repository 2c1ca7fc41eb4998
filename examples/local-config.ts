/** A config for nodes of this machine, on free loopback ports. */
import { type AddressInfo, createServer } from 'node:net'
import { once } from 'node:events'

/**
 * Returns endpoints on loopback ports that are free now. Another process may take a port before a
 * node binds it: start the example again then.
 */
export async function localEndpoints(count: number): Promise<readonly string[]> {
  // All ports are held at once, so that no two endpoints are the same.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports.map((port) => `tcp://127.0.0.1:${port}`)
}

/** Returns a config with the pids 1 to `count`. */
export async function localConfig(cluster: string, count: number) {
  const endpoints = await localEndpoints(count)
  return { cluster, peers: endpoints.map((endpoint, index) => ({ pid: index + 1, endpoint })) }
}
