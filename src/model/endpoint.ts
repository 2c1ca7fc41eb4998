/** Endpoints: the addresses that nodes bind and connect to. */
import { describeHidden, looksSecret } from '../base/secret-text.ts'
import { truncate } from '../base/describe-value.ts'

/** A node binds one endpoint, its peers connect to one. */
export type EndpointUse = 'bind' | 'connect'

/** A parsed endpoint. */
export type Endpoint =
  /** Port 0 lets the system choose. */
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: number }
  | { readonly scheme: 'ipc' | 'inproc'; readonly name: string }

/** Why a text is not a usable endpoint. */
export interface EndpointError {
  readonly expected: string
  readonly got: string
}

/** The largest TCP port. */
export const PORT_MAX = 65_535
/** What messages say where they expect an endpoint. */
export const EXPECTED_ENDPOINT =
  'an endpoint such as "tcp://10.0.0.1:5000", "ipc:///tmp/node-1" or "inproc://node-1"'

/** The address of a Unix socket holds no longer path. */
const IPC_PATH_BYTES_MAX = 107
const INPROC_NAME_BYTES_MAX = 255
const SHOWN_LENGTH_MAX = 80
const ANY_HOSTS = new Set(['*', '0.0.0.0', '[::]'])

/** Parses an endpoint; undefined where the text is none. A port may exceed `PORT_MAX`. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, scheme, name = ''] = /^(tcp|ipc|inproc):\/\/([^\p{Cc}]+)$/u.exec(text) ?? []
  if (scheme === 'tcp') return parseTcp(name)
  if (scheme === 'ipc' && utf8Length(name) <= IPC_PATH_BYTES_MAX) return { scheme, name }
  if (scheme === 'inproc' && utf8Length(name) <= INPROC_NAME_BYTES_MAX) return { scheme, name }
  return undefined
}

/** Formats a parsed endpoint. */
export function formatEndpoint(endpoint: Endpoint): string {
  if (endpoint.scheme !== 'tcp') return `${endpoint.scheme}://${endpoint.name}`
  return `tcp://${endpoint.host}:${endpoint.port}`
}

/** Returns why a text is no endpoint for this use; undefined where it is one. */
export function endpointError(text: string, use: EndpointUse): EndpointError | undefined {
  const got = looksSecret(text)
    ? describeHidden(text)
    : JSON.stringify(truncate(text, SHOWN_LENGTH_MAX))
  const endpoint = parseEndpoint(text)
  if (endpoint === undefined) return syntaxError(text, got)
  if (endpoint.scheme !== 'tcp') {
    if (use === 'bind' || endpoint.name !== '*') return undefined
    return { expected: `a name to connect to, in ${EXPECTED_ENDPOINT}`, got }
  }
  const { host, port } = endpoint
  const portMin = use === 'bind' ? 0 : 1
  if (port < portMin || port > PORT_MAX) {
    return { expected: `a port from ${portMin} to ${PORT_MAX}`, got: `${port} in ${got}` }
  }
  if (use === 'bind' || !isAnyHost(host)) return undefined
  return { expected: 'a host that others can connect to', got: `${host} in ${got}` }
}

/** Returns whether a host means every address of a machine: only a bind may name it. */
export function isAnyHost(host: string): boolean {
  return ANY_HOSTS.has(host)
}

/**
 * Returns whether only this machine can reach the endpoint: 127.0.0.0/8, ::1, localhost, ipc and
 * inproc.
 */
export function isLoopback(endpoint: string): boolean {
  const parsed = parseEndpoint(endpoint)
  if (parsed === undefined) return false
  if (parsed.scheme !== 'tcp') return true
  const host = parsed.host.toLowerCase()
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Formats an endpoint so that equal ones have equal texts. */
export function normalizeEndpoint(endpoint: string): string {
  const parsed = parseEndpoint(endpoint)
  if (parsed?.scheme !== 'tcp') return endpoint
  return formatEndpoint({ ...parsed, host: parsed.host.toLowerCase() })
}

/** Names what makes a text no endpoint, where one cause can be found. */
function syntaxError(text: string, got: string): EndpointError {
  if (text !== text.trim() && parseEndpoint(text.trim()) !== undefined) {
    return { expected: 'an endpoint without white space around it', got }
  }
  const [, scheme = '', name = ''] = /^(ipc|inproc):\/\/(.+)$/su.exec(text) ?? []
  const bytes = utf8Length(name)
  const [kind, bytesMax] =
    scheme === 'ipc' ? ['a path', IPC_PATH_BYTES_MAX] : ['a name', INPROC_NAME_BYTES_MAX]
  if (bytes <= bytesMax) return { expected: EXPECTED_ENDPOINT, got }
  return { expected: `${kind} of at most ${bytesMax} bytes`, got: `${bytes} bytes in ${got}` }
}

function parseTcp(text: string): Endpoint | undefined {
  const [, host, port] =
    /^(\[[\da-f:.]+(?:%[\w.-]+)?\]|[^\s:[\];/"]+):(\d{1,9}|\*)$/i.exec(text) ?? []
  if (host === undefined || port === undefined) return undefined
  const numbers = /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.split('.') : []
  if (numbers.some((number) => Number(number) > 255)) return undefined
  return { scheme: 'tcp', host, port: port === '*' ? 0 : Number(port) }
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length
}
