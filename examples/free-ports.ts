/** Free ports: a config for nodes on this machine, at addresses that nobody uses just now. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

/** Asks the system for a few endpoints on loopback. */
export async function freeEndpoints(count: number): Promise<readonly string[]> {
  // All of them are held at once, so that no two are the same.
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports.map((port) => `tcp://127.0.0.1:${port}`)
}

/** A config of so many nodes, with the pids 1, 2, 3, … */
export async function freeConfig(cluster: string, count: number) {
  const endpoints = await freeEndpoints(count)
  return { cluster, peers: endpoints.map((endpoint, index) => ({ pid: index + 1, endpoint })) }
}
