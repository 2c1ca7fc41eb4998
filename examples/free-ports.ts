/** Free ports: a config of nodes on this machine, each on a loopback port that is free now. */
import { type AddressInfo, createServer } from 'node:net'
import { once } from 'node:events'

/** Returns `count` different endpoints on loopback that are free now. */
export async function freeEndpoints(count: number): Promise<readonly string[]> {
  // All ports are held at once, so that no two are the same.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports.map((port) => `tcp://127.0.0.1:${port}`)
}

/** Returns a config of nodes with the pids 1 to `count`. */
export async function freeConfig(cluster: string, count: number) {
  const endpoints = await freeEndpoints(count)
  return { cluster, peers: endpoints.map((endpoint, index) => ({ pid: index + 1, endpoint })) }
}
