/** Checks maps of peers, and finds the endpoint of a peer that is given by its pid alone. */
import { type Peer, type Peers, frozenPeer } from '../model/peer.ts'
import { PID_MAX, type Pid, isPid, textPidAdvice } from '../model/pid.ts'
import {
  type EndpointError,
  endpointError,
  isLoopback,
  normalizeEndpoint,
} from '../model/endpoint.ts'
import { publicKeyProblems, publicKeyTexts } from '../keys/peer-keys.ts'
import { formatKey } from '../keys/key-text.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { NodeConfig } from './config.ts'
import { memberFor } from './computed-form.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'

/** What to do where a node without keys would be reached, or would reach other machines. */
export const WITHOUT_KEYS =
  'give every node keys (rx-cluster keygen), use 127.0.0.1 or ipc://, or set "insecure": true ' +
  'if every machine on that network is trusted'

/** What a node knows about its own security, by which its peers are checked. */
export type PeerRules = Pick<NodeConfig, 'pid' | 'insecure' | 'keys'>

/** What other peers have already. */
export interface TakenByPeers {
  /** Pids by `endpointKey`. */
  readonly pidByEndpoint: ReadonlyMap<string, Pid>
  /** Pids by the text of a public key. */
  readonly pidByKey: ReadonlyMap<string, Pid>
}

/** The valid pids, for messages. */
export const PID_RANGE = `an integer from 0 to ${PID_MAX}`

/**
 * Returns every problem of a map of peers, each as `peers[4].endpoint: expected …, got …`.
 *
 * @param peers from the application: no type is assumed
 * @param rules of the node, whose pid must not be among its peers
 */
export function checkPeers(peers: Peers, rules: PeerRules): readonly string[] {
  const pidByEndpoint = new Map<string, Pid>()
  const pidByKey = new Map<string, Pid>()
  return [...(peers as ReadonlyMap<unknown, unknown>)].flatMap(([key, peer]) => {
    const path = formatPath('peers', [key])
    if (!isPid(key)) {
      const found = `${describeValue(key)}${textPidAdvice(key)}`
      return [`${path}: expected as key ${PID_RANGE}, got ${found}`]
    }
    if (typeof peer !== 'object' || peer === null) {
      return [`${path}: expected { pid, endpoint }, got ${describeValue(peer)}`]
    }
    const { pid, endpoint, publicKey } = peer as Partial<Peer>
    const keyProblems =
      pid === key ? [] : [`${path}.pid: expected ${key} as its key, got ${describeValue(pid)}`]
    const candidate = { pid: key, endpoint, publicKey } as Peer
    const problems = checkPeer(candidate, rules, { pidByEndpoint, pidByKey })
    if (problems.length === 0) {
      pidByEndpoint.set(endpointKey(candidate), key)
      for (const text of publicKeyTexts(candidate)) pidByKey.set(text, key)
    }
    return [...keyProblems, ...problems]
  })
}

/**
 * Returns every problem of one peer among others.
 *
 * @param peer from the application: only its pid is one for certain
 */
export function checkPeer(peer: Peer, rules: PeerRules, taken: TakenByPeers): readonly string[] {
  const { pid, endpoint, publicKey } = peer
  const path = formatPath('peers', [pid])
  if (pid === rules.pid) return [`${path}: expected a pid other than the node's own, got ${pid}`]
  const error = describeEndpointError(pid, endpoint, taken.pidByEndpoint)
  const problems = error === undefined ? [] : [`${path}.endpoint: ${error}`]
  if (error === undefined && !rules.keys && !rules.insecure && !isLoopback(endpoint)) {
    const found = `got ${describeValue(endpoint)}, but there are no keys`
    problems.push(`${path}.endpoint: expected one of this machine, ${found}: ${WITHOUT_KEYS}`)
  }
  const keyProblems = describeKeyProblems(pid, publicKey, rules, taken.pidByKey)
  return [...problems, ...keyProblems.map((problem) => `${path}.publicKey${problem}`)]
}

/** Returns whether two peers with the same pid are equal. */
export function isSamePeer(one: Peer, other: Peer): boolean {
  if (one.endpoint !== other.endpoint) return false
  const [keys, otherKeys] = [publicKeyTexts(one), publicKeyTexts(other)]
  return keys.length === otherKeys.length && keys.every((key, index) => key === otherKeys[index])
}

/** Returns problems of a key as `: expected …` or `[1]: expected …`. */
function describeKeyProblems(
  pid: Pid,
  publicKey: unknown,
  { pid: self, keys }: PeerRules,
  pidByKey: ReadonlyMap<string, Pid>,
): readonly string[] {
  if (keys === undefined || keys.isDerived) {
    const reason = keys === undefined ? 'this node has no keys' : 'all keys are derived'
    return publicKey === undefined ? [] : [`: expected none, because ${reason}`]
  }
  const problems = publicKeyProblems(publicKey)
  if (problems.length > 0) {
    return problems.map(
      ({ index, problem }) => `${index === undefined ? '' : `[${index}]`}: ${problem}`,
    )
  }
  const ownKeys = new Set(keys.publicKeysOf(self).map(formatKey))
  for (const text of publicKeyTexts({ publicKey } as Pick<Peer, 'publicKey'>)) {
    const holder = ownKeys.has(text) ? self : pidByKey.get(text)
    if (holder !== undefined && holder !== pid) {
      return [`: expected a key of its own, got that of pid ${holder}`]
    }
  }
  return []
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
  const publicKey = config.members.get(pid)?.publicKey
  if (endpoint !== undefined) return frozenPeer({ pid, endpoint, publicKey })
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
