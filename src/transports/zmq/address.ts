/**
 * Checks and resolves addresses first, because libzmq retries an invalid one for ever without an
 * error.
 */
import { isIP } from 'node:net'
import { lookup } from 'node:dns/promises'
import { type Endpoint, type EndpointUse, endpointError } from '../../model/endpoint.ts'
import { formatEndpoint, parseEndpoint } from '../../model/endpoint.ts'
import { systemError } from './system-error.ts'

/**
 * Parses an endpoint that a socket can use.
 *
 * @throws Error with the code `EINVAL`
 */
export function parseAddress(text: string, use: EndpointUse): Endpoint {
  const endpoint = parseEndpoint(text)
  const error = endpointError(text, use)
  if (endpoint !== undefined && error === undefined) return endpoint
  throw systemError('EINVAL', `${text}: expected ${error?.expected}, got ${error?.got}`)
}

/**
 * Replaces a host name by its address, IPv4 where it has one.
 *
 * libzmq would resolve the name on its I/O thread, which delays the frames of every socket, and
 * reports no failure.
 */
export async function resolveHost(endpoint: Endpoint): Promise<Endpoint> {
  if (endpoint.scheme !== 'tcp' || isIP(withoutBrackets(endpoint.host)) > 0) return endpoint
  const candidates = await lookup(endpoint.host, { all: true })
  const { address, family } =
    candidates.find((candidate) => candidate.family === 4) ?? candidates[0]!
  return { ...endpoint, host: family === 6 ? `[${address}]` : address }
}

/** Formats an endpoint for libzmq, where a port chosen by the system is `*`. */
export function formatAddress(endpoint: Endpoint): string {
  if (endpoint.scheme === 'tcp' && endpoint.port === 0) return `tcp://${endpoint.host}:*`
  return formatEndpoint(endpoint)
}

/** Returns whether a socket needs IPv6 for this endpoint. */
export function isIpv6(endpoint: Endpoint): boolean {
  return endpoint.scheme === 'tcp' && endpoint.host.startsWith('[')
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}
