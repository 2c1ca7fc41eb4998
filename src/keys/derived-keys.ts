/** The keys of a node whose cluster has one secret. */
import type { KeyRing } from './key-ring.ts'
import { OwnPair } from './own-pair.ts'
import type { PairOf } from './cluster-secret.ts'
import type { Pid } from '../model/pid.ts'

/** Returns the keys of a node whose cluster has one secret. */
export function derivedKeys(pairOf: PairOf, self: Pid): KeyRing {
  return new DerivedKeys(pairOf, self)
}

class DerivedKeys extends OwnPair implements KeyRing {
  readonly isDerived = true
  readonly #pairOf: PairOf
  readonly #keysByPid = new Map<Pid, readonly Uint8Array[]>()

  constructor(pairOf: PairOf, self: Pid) {
    super(pairOf(self))
    this.#pairOf = pairOf
  }

  publicKeysOf(pid: Pid): readonly Uint8Array[] {
    const cached = this.#keysByPid.get(pid)
    if (cached !== undefined) return cached
    const keys = Object.freeze([this.#pairOf(pid).publicKey])
    this.#keysByPid.set(pid, keys)
    return keys
  }

  setPeers(): void {
    // The keys of a pid never change.
  }

  setPeer(): void {
    // The keys of a pid never change.
  }

  removePeer(): void {
    // The keys of a pid never change.
  }
}
