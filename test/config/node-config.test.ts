/** nodeConfig, checkPeers and configuredEndpoint: the share of one node in a config. */
import { COMPUTED_CONFIG, LIST_CONFIG, clusterErrorOf } from './sample-configs.ts'
import type { Peer, Peers } from '../../src/model/peer.ts'
import { checkPeers, configuredEndpoint } from '../../src/config/check-peers.ts'
import { describe, expect, it } from 'vitest'
import { decodeConfig } from '../../src/config/decode-config.ts'
import { nodeConfig } from '../../src/config/node-config.ts'

const computedConfig = decodeConfig(COMPUTED_CONFIG)
const listConfig = decodeConfig(LIST_CONFIG)
const map = (...peers: readonly [unknown, unknown][]): Peers => new Map(peers) as unknown as Peers
const peer = (pid: number, endpoint: string): [number, Peer] => [pid, { pid, endpoint }]

describe('nodeConfig', () => {
  it('holds the limits, the endpoint to bind, and the other members', () => {
    const own = nodeConfig(listConfig, 1, { bufSize: 7, insecure: true, ttlMs: undefined })
    expect(own).toMatchObject({ pid: 1, cluster: 'orders', bind: 'tcp://*:5000', bufSize: 7 })
    expect(own.ttlMs).toBe(30_000)
    expect([...own.peers]).toEqual([[2, { pid: 2, endpoint: 'tcp://10.0.0.2:5000' }]])
    expect([...own.members.keys()]).toEqual([1, 2])
  })

  it('shares frozen peers among the nodes of one config', () => {
    const open = decodeConfig({ ...COMPUTED_CONFIG, peersPid: '1,2,3' })
    const [one, two] = [nodeConfig(open, 1), nodeConfig(open, 2)]
    expect(one.peers.get(3)).toBe(two.peers.get(3))
    expect(Object.isFrozen(one.peers.get(3))).toBe(true)
    expect(() => (one.peers as Map<number, Peer>).clear()).toThrow(/frozen/)
  })

  it('refuses a pid that the config does not name, and lists the pids that it names', () => {
    const error = clusterErrorOf(() => nodeConfig(computedConfig, 3))
    expect(error.code).toBe('PID_NOT_IN_CONFIG')
    expect(error.message).toBe('pid 3 is not in the config: it names 1, 2')
    const peersPid = Array.from({ length: 100 }, (_, index) => index + 1).join()
    const large = decodeConfig({ ...COMPUTED_CONFIG, peersPid })
    expect(clusterErrorOf(() => nodeConfig(large, 0)).message).toMatch(/19, 20 and 80 more$/)
  })

  it.each([
    ['1', 'pid: expected an integer from 0 to 2147483647, got "1": pass Number(pid)'],
    ['one', 'pid: expected an integer from 0 to 2147483647, got "one"'],
    [undefined, 'pid: expected an integer from 0 to 2147483647, got nothing'],
    [1.5, 'pid: expected an integer from 0 to 2147483647, got 1.5'],
  ])('refuses %o as a pid, and says what to pass', (pid, message) => {
    const error = clusterErrorOf(() => nodeConfig(computedConfig, pid as never))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message, issues: [message] })
  })

  it('refuses to bind where other machines can connect, unless insecure is true', () => {
    const error = clusterErrorOf(() => nodeConfig(listConfig, 2))
    expect(error.code).toBe('INSECURE_BIND')
    expect(error.message).toMatch(/^node 2 would bind to tcp:\/\/10.0.0.2:5000, .*"insecure": true/)
    expect(nodeConfig(listConfig, 2, { insecure: true }).bind).toBe('tcp://10.0.0.2:5000')
    expect(nodeConfig(decodeConfig({ ...LIST_CONFIG, insecure: true }), 2).insecure).toBe(true)
    const open = decodeConfig({ ...LIST_CONFIG, insecure: true })
    expect(clusterErrorOf(() => nodeConfig(open, 2, { insecure: false })).code).toBe(
      'INSECURE_BIND',
    )
  })

  it('checks the overrides', () => {
    const overrides = { bufsize: 5, ttlMs: 'x' } as object
    const error = clusterErrorOf(() => nodeConfig(computedConfig, 1, overrides))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.issues).toEqual([
      'ttlMs: expected an integer from 1 to 2147483647, got "x"',
      'bufsize: expected no such key, got 5 (did you mean bufSize?)',
    ])
  })
})

const RULES = { pid: 1, insecure: true }

describe('checkPeers', () => {
  it('accepts a map of distinct peers', () => {
    expect(checkPeers(map(), RULES)).toEqual([])
    expect(checkPeers(map(peer(2, 'tcp://a:1'), peer(3, 'tcp://a:2')), RULES)).toEqual([])
  })

  it.each([
    [map(peer(1, 'tcp://a:1')), "peers[1]: expected a pid other than the node's own, got 1"],
    [
      map([1.5, { pid: 1.5, endpoint: 'tcp://a:1' }]),
      'peers[1.5]: expected as key an integer from 0 to 2147483647, got 1.5',
    ],
    [
      map(['2', { pid: '2', endpoint: 'tcp://a:1' }]),
      'peers["2"]: expected as key an integer from 0 to 2147483647, got "2": pass Number(pid)',
    ],
    [map([2, 'tcp://a:1']), 'peers[2]: expected { pid, endpoint }, got "tcp://a:1"'],
    [map([2, { pid: 3, endpoint: 'tcp://a:1' }]), 'peers[2].pid: expected 2 as its key, got 3'],
    [map([2, { pid: 2 }]), 'peers[2].endpoint: expected an endpoint, got undefined'],
    [
      map(peer(2, 'tcp://a:70000')),
      'peers[2].endpoint: expected a port from 1 to 65535, got 70000 in "tcp://a:70000"',
    ],
    [
      map(peer(2, 'tcp://a:1'), peer(3, 'tcp://A:01')),
      'peers[3].endpoint: expected an endpoint of its own, got "tcp://A:01", as of peer 2',
    ],
  ])('%#', (peers, issue) => {
    expect(checkPeers(peers, RULES)).toEqual([issue])
  })
})

describe('configuredEndpoint', () => {
  it('is the endpoint of a pid that the config names', () => {
    expect(configuredEndpoint(nodeConfig(listConfig, 1, { insecure: true }), 2)).toBe(
      'tcp://10.0.0.2:5000',
    )
    expect(configuredEndpoint(nodeConfig(listConfig, 1, { insecure: true }), 3)).toBeUndefined()
  })

  it('is computed in the computed form, up to the largest port', () => {
    const own = nodeConfig(computedConfig, 1)
    expect(configuredEndpoint(own, 4)).toBe('tcp://127.0.0.1:5004')
    expect(configuredEndpoint(own, 60_535)).toBe('tcp://127.0.0.1:65535')
    expect(configuredEndpoint(own, 60_536)).toBeUndefined()
    expect(configuredEndpoint(own, -1)).toBeUndefined()
    expect(configuredEndpoint(own, 1.5)).toBeUndefined()
  })
})
