/** Addresses: read by us, for libzmq takes almost anything and then never answers. */
import { isIP } from 'node:net'
import { lookup } from 'node:dns/promises'
import { systemError } from './system-error.ts'

/** The longest path of an ipc socket, in bytes: what fits into the address of a Unix socket. */
const PATH_BYTES_MAX = 107

/** Where a socket binds or connects. */
export type Address =
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: string }
  | { readonly scheme: 'ipc'; readonly path: string }

/**
 * Reads an endpoint to bind at: `tcp://host:port`, with `*` for any host and `*` or 0 for any port,
 * or `ipc://path`.
 *
 * @throws Error with the code `EINVAL` or `EPROTONOSUPPORT`
 */
export function parseBind(endpoint: string): Address {
  const address = parse(endpoint)
  if (address.scheme === 'ipc') return address
  return address.port === '0' ? { ...address, port: '*' } : address
}

/**
 * Reads an endpoint to connect to: one host and one port.
 *
 * @throws Error with the code `EINVAL` or `EPROTONOSUPPORT`
 */
export function parseConnect(endpoint: string): Address {
  const address = parse(endpoint)
  if (address.scheme === 'tcp' && (address.host === '*' || !(Number(address.port) > 0))) {
    throw systemError('EINVAL', `${endpoint} is nowhere to connect to: name a host and a port`)
  }
  return address
}

/**
 * Replaces the name of a host by its number, IPv4 where it has one.
 *
 * libzmq would look it up on the thread that moves the frames of everybody, and say nothing when it
 * fails.
 *
 * @returns the address itself where there is nothing to look up
 */
export async function resolveHost(address: Address): Promise<Address> {
  if (address.scheme === 'ipc' || isIP(withoutBrackets(address.host)) > 0) return address
  const candidates = await lookup(address.host, { all: true })
  const { address: host, family } =
    candidates.find((candidate) => candidate.family === 4) ?? candidates[0]!
  return { ...address, host: family === 6 ? `[${host}]` : host }
}

/** Writes an address for libzmq. */
export function formatAddress(address: Address): string {
  if (address.scheme === 'ipc') return `ipc://${address.path}`
  return `tcp://${address.host}:${address.port}`
}

/** Tells whether a socket needs IPv6 for it. */
export function isIpv6(address: Address): boolean {
  return address.scheme === 'tcp' && address.host.startsWith('[')
}

function parse(endpoint: string): Address {
  if (endpoint.startsWith('ipc://')) {
    const path = endpoint.slice('ipc://'.length)
    const bytes = Buffer.byteLength(path)
    if (bytes > 0 && bytes <= PATH_BYTES_MAX) return { scheme: 'ipc', path }
    throw systemError(
      'EINVAL',
      `${endpoint}: a path has 1 to ${PATH_BYTES_MAX} bytes, not ${bytes}`,
    )
  }
  if (!endpoint.startsWith('tcp://')) {
    throw systemError('EPROTONOSUPPORT', `${endpoint} is neither tcp:// nor ipc:// nor inproc://`)
  }
  const [, host, port] = /^tcp:\/\/(\[[^\]\s]+\]|[^:[\]\s;/]+):(\d{1,5}|\*)$/.exec(endpoint) ?? []
  if (host === undefined || port === undefined || Number(port) > 65_535) {
    throw systemError('EINVAL', `${endpoint} is not tcp://host:port with a port up to 65535`)
  }
  return { scheme: 'tcp', host, port: port === '*' ? '*' : String(Number(port)) }
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}
