/** Checks maps of peers, and finds the endpoint of a peer that is given by its pid alone. */
import type { Peer, Peers } from '../model/peer.ts'
import { PID_MAX, type Pid, isPid, textPidAdvice } from '../model/pid.ts'
import { type EndpointError, endpointError, normalizeEndpoint } from '../model/endpoint.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { NodeConfig } from './config.ts'
import { memberFor } from './computed-form.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'

/** The valid pids, for messages. */
export const PID_RANGE = `an integer from 0 to ${PID_MAX}`

/**
 * Returns every problem of a map of peers, each as `peers[4].endpoint: expected …, got …`.
 *
 * @param peers from the application: no type is assumed
 * @param self the pid of the node, which must not be among its peers
 */
export function checkPeers(peers: Peers, self: Pid): readonly string[] {
  const pidByEndpoint = new Map<string, Pid>()
  return [...(peers as ReadonlyMap<unknown, unknown>)].flatMap(([key, peer]) => {
    const path = formatPath('peers', [key])
    if (!isPid(key)) {
      const found = `${describeValue(key)}${textPidAdvice(key)}`
      return [`${path}: expected as key ${PID_RANGE}, got ${found}`]
    }
    if (typeof peer !== 'object' || peer === null) {
      return [`${path}: expected { pid, endpoint }, got ${describeValue(peer)}`]
    }
    const { pid } = peer as Partial<Peer>
    const keyProblems =
      pid === key ? [] : [`${path}.pid: expected ${key} as its key, got ${describeValue(pid)}`]
    const problems = checkPeer(key, (peer as Partial<Peer>).endpoint, self, pidByEndpoint)
    if (problems.length === 0) pidByEndpoint.set(endpointKey(peer as Peer), key)
    return [...keyProblems, ...problems]
  })
}

/**
 * Returns every problem of one peer among others.
 *
 * @param others the pids of the other peers by `endpointKey`
 */
export function checkPeer(
  pid: Pid,
  endpoint: unknown,
  self: Pid,
  others: ReadonlyMap<string, Pid>,
): readonly string[] {
  const path = formatPath('peers', [pid])
  if (pid === self) return [`${path}: expected a pid other than the node's own, got ${self}`]
  const error = describeEndpointError(pid, endpoint, others)
  return error === undefined ? [] : [`${path}.endpoint: ${error}`]
}

/** Returns a text that is equal for the same address. */
export function endpointKey({ endpoint }: Peer): string {
  return checkEndpoint(endpoint).normalized
}

/** Returns the endpoint of a pid that the config names or computes; undefined without either. */
export function configuredEndpoint(config: NodeConfig, pid: Pid): string | undefined {
  if (!isPid(pid)) return undefined
  const member = config.members.get(pid)
  if (member !== undefined) return member.endpoint
  if (config.addressing === undefined) return undefined
  const { endpoint } = memberFor(config.addressing, pid)
  return endpointError(endpoint, 'connect') === undefined ? endpoint : undefined
}

/**
 * Returns the peer with this pid.
 *
 * @throws ClusterError `PEER_ADDRESS_UNKNOWN` where the config neither names nor computes its
 *   endpoint
 */
export function resolvePeer(config: NodeConfig, pid: Pid): Peer {
  const endpoint = configuredEndpoint(config, pid)
  if (endpoint !== undefined) return { pid, endpoint }
  const message = `the config has no endpoint for pid ${pid}: use addPeer({ pid, endpoint })`
  throw new ClusterError('PEER_ADDRESS_UNKNOWN', message)
}

/** The result of a check, cached because all nodes of a process have the same peers. */
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
  pid: Pid,
  endpoint: unknown,
  others: ReadonlyMap<string, Pid>,
): string | undefined {
  if (typeof endpoint !== 'string') return `expected an endpoint, got ${describeValue(endpoint)}`
  const { error, normalized } = checkEndpoint(endpoint)
  if (error !== undefined) return `expected ${error.expected}, got ${error.got}`
  const otherPid = others.get(normalized)
  if (otherPid === undefined || otherPid === pid) return undefined
  const got = `got ${describeValue(endpoint)}, as of peer ${String(otherPid)}`
  return `expected an endpoint of its own, ${got}`
}
