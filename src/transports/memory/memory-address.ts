/** Places: where something can be bound in a network of memory. */

/** Any host of this machine, as an address says it. */
const ANY_HOST = new Set(['*', '0.0.0.0', '[::]'])

/** Where something can be bound, or called. */
export interface MemoryAddress {
  /** `tcp://` and the host, or the whole endpoint of any other scheme. */
  readonly host: string
  /** `undefined` for every scheme but `tcp`; 0 asks for a free one. */
  readonly port: number | undefined
  /** It stands for every host. */
  readonly isAnyHost: boolean
}

/**
 * Reads an endpoint.
 *
 * Any `scheme://name` is a place; only `tcp` has ports, and there a port `*` is a port 0.
 *
 * @returns `undefined` where it is none
 */
export function parseMemoryAddress(endpoint: string): MemoryAddress | undefined {
  if (!endpoint.startsWith('tcp://')) {
    const isNamed = /^[a-z][a-z0-9+.-]*:\/\/./.test(endpoint)
    return isNamed ? { host: endpoint, port: undefined, isAnyHost: false } : undefined
  }
  const [, host = '', digits = ''] = /^tcp:\/\/(.+):(\d{1,5}|\*)$/.exec(endpoint) ?? []
  const port = digits === '*' ? 0 : Number(digits)
  if (host === '' || port > 65_535) return undefined
  return { host: `tcp://${host}`, port, isAnyHost: ANY_HOST.has(host) }
}

/** The endpoint of a place. */
export function formatMemoryAddress({ host, port }: MemoryAddress): string {
  return port === undefined ? host : `${host}:${port}`
}

/**
 * Tells whether who calls `called` ends up at `bound`; a host that stands for all takes every call.
 */
export function matches(bound: MemoryAddress, target: MemoryAddress): boolean {
  return bound.port === target.port && (bound.host === target.host || bound.isAnyHost)
}
