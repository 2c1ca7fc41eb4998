/** The rules that peers keep: which maps may be put into `peers`, and where a bare pid is. */
import type { Peer, Peers } from './peer.ts'
import { PID_MAX, type Pid, isPid } from './pid.ts'
import { type EndpointFault, endpointFault, normalEndpoint } from './endpoint.ts'
import { ClusterError } from './cluster-error.ts'
import type { NodeConfig } from './config.ts'
import { addressOf } from './ancestor-form.ts'
import { describe } from './problems.ts'

const PID_RULE = `an integer from 0 to ${PID_MAX}`

/**
 * Every problem of a map of peers, each as `peers.4.endpoint: expected …, got …`; empty where it
 * may be.
 *
 * @param peers what somebody wants to be everyone but me; nothing about it is taken for granted
 * @param me the node itself, who is nobody's peer here
 */
export function checkPeers(peers: Peers, me: Pid): readonly string[] {
  const taken = new Map<string, unknown>()
  return [...(peers as ReadonlyMap<unknown, unknown>)].flatMap(([key, peer]) => {
    const path = `peers.${typeof key === 'number' ? key : describe(key)}`
    if (!isPid(key)) return [`${path}: expected as key ${PID_RULE}, got ${describe(key)}`]
    if (key === me) return [`${path}: expected everyone but this node, got the node itself`]
    if (typeof peer !== 'object' || peer === null) {
      return [`${path}: expected { pid, endpoint }, got ${describe(peer)}`]
    }
    const { pid, endpoint } = peer as Partial<Peer>
    const wrong: string[] = []
    if (pid !== key) wrong.push(`${path}.pid: expected ${key} as its key, got ${describe(pid)}`)
    const fault = endpointProblem(endpoint, taken)
    if (fault !== undefined) wrong.push(`${path}.endpoint: ${fault}`)
    else taken.set(judged(endpoint as string).normal, key)
    return wrong
  })
}

/**
 * Where a bare pid is: where the config has it, or else where the ancestor's rule leads.
 *
 * @returns undefined where the config does not tell
 */
export function endpointOf(config: NodeConfig, pid: Pid): string | undefined {
  if (!isPid(pid)) return undefined
  const member = config.members.get(pid)
  if (member !== undefined) return member.endpoint
  if (config.addressing === undefined) return undefined
  const { endpoint } = addressOf(config.addressing, pid)
  return endpointFault(endpoint, 'connect') === undefined ? endpoint : undefined
}

/**
 * The peer of a bare pid.
 *
 * @throws ClusterError `PEER_ADDRESS_UNKNOWN` where the config does not tell where it is
 */
export function knownPeer(config: NodeConfig, pid: Pid): Peer {
  const endpoint = endpointOf(config, pid)
  if (endpoint !== undefined) return { pid, endpoint }
  const message = `the config does not tell where ${pid} listens: use addPeer({ pid, endpoint })`
  throw new ClusterError('PEER_ADDRESS_UNKNOWN', message)
}

/** An endpoint to connect to, looked at once: every node of a process has the same peers. */
interface Judged {
  readonly fault: EndpointFault | undefined
  readonly normal: string
}

const JUDGED_MAX = 4_096
const judgedBefore = new Map<string, Judged>()

function judged(endpoint: string): Judged {
  const before = judgedBefore.get(endpoint)
  if (before !== undefined) return before
  if (judgedBefore.size >= JUDGED_MAX) judgedBefore.clear()
  const now = { fault: endpointFault(endpoint, 'connect'), normal: normalEndpoint(endpoint) }
  judgedBefore.set(endpoint, now)
  return now
}

function endpointProblem(
  endpoint: unknown,
  taken: ReadonlyMap<string, unknown>,
): string | undefined {
  if (typeof endpoint !== 'string') return `expected an endpoint, got ${describe(endpoint)}`
  const { fault, normal } = judged(endpoint)
  if (fault !== undefined) return `expected ${fault.expected}, got ${fault.got}`
  const owner = taken.get(normal)
  if (owner === undefined) return undefined
  return `expected an endpoint of its own, got ${describe(endpoint)}, as of peer ${String(owner)}`
}
