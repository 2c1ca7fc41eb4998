/** The rules that peers keep: which maps may be put into `peers`, and where a bare pid is. */
import type { Peer, Peers } from '../model/peer.ts'
import { PID_MAX, type Pid, isPid } from '../model/pid.ts'
import { type EndpointError, endpointError, normalizeEndpoint } from '../model/endpoint.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { NodeConfig } from './config.ts'
import { memberFor } from './computed-form.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'

const PID_RANGE = `an integer from 0 to ${PID_MAX}`

/**
 * Every problem of a map of peers, each as `peers[4].endpoint: expected …, got …`; empty where it
 * may be.
 *
 * @param peers what somebody wants to be everyone but me; nothing about it is taken for granted
 * @param self the node itself, who is nobody's peer here
 */
export function checkPeers(peers: Peers, self: Pid): readonly string[] {
  const pidByEndpoint = new Map<string, unknown>()
  return [...(peers as ReadonlyMap<unknown, unknown>)].flatMap(([key, peer]) => {
    const path = formatPath('peers', [key])
    if (!isPid(key)) return [`${path}: expected as key ${PID_RANGE}, got ${describeValue(key)}`]
    if (key === self) return [`${path}: expected everyone but this node, got the node itself`]
    if (typeof peer !== 'object' || peer === null) {
      return [`${path}: expected { pid, endpoint }, got ${describeValue(peer)}`]
    }
    const { pid, endpoint } = peer as Partial<Peer>
    const errors: string[] = []
    if (pid !== key)
      errors.push(`${path}.pid: expected ${key} as its key, got ${describeValue(pid)}`)
    const error = describeEndpointError(endpoint, pidByEndpoint)
    if (error !== undefined) errors.push(`${path}.endpoint: ${error}`)
    else pidByEndpoint.set(checkEndpoint(endpoint as string).normalized, key)
    return errors
  })
}

/**
 * Where a bare pid is: where the config has it, or else where the ancestor's rule leads.
 *
 * @returns undefined where the config does not tell
 */
export function configuredEndpoint(config: NodeConfig, pid: Pid): string | undefined {
  if (!isPid(pid)) return undefined
  const member = config.members.get(pid)
  if (member !== undefined) return member.endpoint
  if (config.addressing === undefined) return undefined
  const { endpoint } = memberFor(config.addressing, pid)
  return endpointError(endpoint, 'connect') === undefined ? endpoint : undefined
}

/**
 * The peer of a bare pid.
 *
 * @throws ClusterError `PEER_ADDRESS_UNKNOWN` where the config does not tell where it is
 */
export function resolvePeer(config: NodeConfig, pid: Pid): Peer {
  const endpoint = configuredEndpoint(config, pid)
  if (endpoint !== undefined) return { pid, endpoint }
  const message = `the config does not tell where ${pid} listens: use addPeer({ pid, endpoint })`
  throw new ClusterError('PEER_ADDRESS_UNKNOWN', message)
}

/** An endpoint to connect to, looked at once: every node of a process has the same peers. */
interface CheckedEndpoint {
  readonly error: EndpointError | undefined
  readonly normalized: string
}

const ENDPOINT_CACHE_MAX = 4_096
const endpointCache = new Map<string, CheckedEndpoint>()

function checkEndpoint(endpoint: string): CheckedEndpoint {
  const cached = endpointCache.get(endpoint)
  if (cached !== undefined) return cached
  if (endpointCache.size >= ENDPOINT_CACHE_MAX) endpointCache.clear()
  const checked = {
    error: endpointError(endpoint, 'connect'),
    normalized: normalizeEndpoint(endpoint),
  }
  endpointCache.set(endpoint, checked)
  return checked
}

function describeEndpointError(
  endpoint: unknown,
  pidByEndpoint: ReadonlyMap<string, unknown>,
): string | undefined {
  if (typeof endpoint !== 'string') return `expected an endpoint, got ${describeValue(endpoint)}`
  const { error, normalized } = checkEndpoint(endpoint)
  if (error !== undefined) return `expected ${error.expected}, got ${error.got}`
  const otherPid = pidByEndpoint.get(normalized)
  if (otherPid === undefined) return undefined
  return `expected an endpoint of its own, got ${describeValue(endpoint)}, as of peer ${String(otherPid)}`
}
