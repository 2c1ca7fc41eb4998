/** The keys of a node whose config lists the public key of each member. */
import type { Peer, Peers } from '../model/peer.ts'
import type { KeyPair } from '../ports/keys.ts'
import type { KeyRing } from './key-ring.ts'
import { OwnPair } from './own-pair.ts'
import type { Pid } from '../model/pid.ts'
import { publicKeysOf } from './peer-keys.ts'

const NO_KEYS: readonly Uint8Array[] = Object.freeze([])

/**
 * Returns the keys of a node with a pair of its own, and of peers whose public keys are listed.
 *
 * @param self the node, with its listed public keys
 */
export function configuredKeys(pair: KeyPair, self: Peer, peers: Peers): KeyRing {
  return new ConfiguredKeys(pair, self, peers)
}

class ConfiguredKeys extends OwnPair implements KeyRing {
  readonly isDerived = false
  readonly #self: Pid
  readonly #ownKeys: readonly Uint8Array[]
  #keysByPid = new Map<Pid, readonly Uint8Array[]>()

  constructor(pair: KeyPair, self: Peer, peers: Peers) {
    super(pair)
    this.#self = self.pid
    this.#ownKeys = publicKeysOf(self)
    this.setPeers(peers)
  }

  publicKeysOf(pid: Pid): readonly Uint8Array[] {
    return pid === this.#self ? this.#ownKeys : (this.#keysByPid.get(pid) ?? NO_KEYS)
  }

  setPeers(peers: Peers): void {
    this.#keysByPid = new Map([...peers].map(([pid, peer]) => [pid, publicKeysOf(peer)]))
  }

  setPeer(peer: Peer): void {
    this.#keysByPid.set(peer.pid, publicKeysOf(peer))
  }

  removePeer(pid: Pid): void {
    this.#keysByPid.delete(pid)
  }
}
