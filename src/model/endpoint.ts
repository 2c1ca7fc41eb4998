/** Endpoints: the addresses where nodes bind, and where the others connect. */
import { truncate } from '../base/describe-value.ts'

/** What an endpoint is for: a node binds at one, the others connect to one. */
export type EndpointUse = 'bind' | 'connect'

/** An endpoint, taken apart. */
export type Endpoint =
  /** Port 0: the system picks one. */
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: number }
  | { readonly scheme: 'ipc' | 'inproc'; readonly name: string }

/** Why a text is not the endpoint it should be. */
export interface EndpointError {
  readonly expected: string
  readonly got: string
}

/** The largest port there is. */
export const PORT_MAX = 65_535

/** The longest path of an ipc socket, in bytes: what fits into the address of a Unix socket. */
const IPC_PATH_BYTES_MAX = 107
const NAME_BYTES_MAX = 255
const EXAMPLE = 'such as "tcp://10.0.0.1:5000", "ipc:///tmp/node-1" or "inproc://node-1"'
/** These stand for every address of a machine: a node binds there, nobody can connect there. */
const ANY_HOSTS = new Set(['*', '0.0.0.0', '[::]'])

/** Takes an endpoint apart; undefined where it is none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, scheme, name = ''] = /^(tcp|ipc|inproc):\/\/([^\p{Cc}]+)$/u.exec(text) ?? []
  if (scheme === 'tcp') return parseTcp(name)
  if (scheme === 'ipc' && utf8Length(name) <= IPC_PATH_BYTES_MAX) return { scheme, name }
  if (scheme === 'inproc' && utf8Length(name) <= NAME_BYTES_MAX) return { scheme, name }
  return undefined
}

/** Tells why a text is no endpoint for this use; undefined where it is one. */
export function endpointError(text: string, use: EndpointUse): EndpointError | undefined {
  const got = JSON.stringify(truncate(text, 80))
  const endpoint = parseEndpoint(text)
  if (endpoint === undefined) return { expected: `an endpoint ${EXAMPLE}`, got }
  if (endpoint.scheme !== 'tcp') {
    if (use === 'bind' || endpoint.name !== '*') return undefined
    return { expected: `an endpoint to connect to, ${EXAMPLE}`, got }
  }
  const { host, port } = endpoint
  const portMin = use === 'bind' ? 0 : 1
  if (port < portMin || port > PORT_MAX) {
    return { expected: `a port from ${portMin} to ${PORT_MAX}`, got: `${port} in ${got}` }
  }
  if (use === 'bind' || !ANY_HOSTS.has(host)) return undefined
  return { expected: 'a host that others can connect to', got: `${host} in ${got}` }
}

/**
 * Tells whether nobody outside this machine can reach what binds there: 127.0.0.0/8, ::1,
 * localhost, ipc and inproc.
 */
export function isLoopback(endpoint: string): boolean {
  const parsed = parseEndpoint(endpoint)
  if (parsed === undefined) return false
  if (parsed.scheme !== 'tcp') return true
  const host = parsed.host.toLowerCase()
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** The one way to write an endpoint, so that two can be compared. */
export function normalizeEndpoint(endpoint: string): string {
  const parsed = parseEndpoint(endpoint)
  if (parsed?.scheme !== 'tcp') return endpoint
  return `tcp://${parsed.host.toLowerCase()}:${parsed.port}`
}

function parseTcp(text: string): Endpoint | undefined {
  const [, host, port] = /^(\[[\da-f:.]+(?:%\w+)?\]|[^\s:[\];/"]+):(\d{1,9}|\*)$/i.exec(text) ?? []
  if (host === undefined || port === undefined) return undefined
  const numbers = /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.split('.') : []
  if (numbers.some((number) => Number(number) > 255)) return undefined
  return { scheme: 'tcp', host, port: port === '*' ? 0 : Number(port) }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}
