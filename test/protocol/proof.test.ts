/** Proofs of keys: valid for one node, process, connection and receiver only. */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { Incarnation } from '../../src/model/envelope.ts'
import type { NodeKeys } from '../../src/ports/keys.ts'
import { OwnPair } from '../../src/keys/own-pair.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { isProven, prove } from '../../src/protocol/proof.ts'

const [sender, receiver, other] = Array.from({ length: 3 }, generateKeyPair)

/** The keys of a node that knows the key of pid 1. */
class Keys extends OwnPair implements NodeKeys {
  readonly #keyOfSender = [sender!.publicKey]

  publicKeysOf(pid: number): readonly Uint8Array[] {
    return pid === 1 ? this.#keyOfSender : []
  }
}

const incarnation = (digit: string): Incarnation => digit.repeat(16) as Incarnation
const offer = { pid: 1, incarnation: incarnation('a'), epoch: 7, settled: 3 }
const recipient = {
  cluster: 'lab',
  challenge: new Uint8Array(16).fill(5),
  to: 2,
  toIncarnation: incarnation('b'),
}
const senderKeys = new Keys(sender!)
const receiverKeys = new Keys(receiver!)
const proven = prove(senderKeys, offer, receiver!.publicKey, recipient)

describe('a proof', () => {
  it('is accepted by the node that it is for', () => {
    expect(isProven(receiverKeys, proven, recipient)).toBe(true)
  })

  it('does not cover the settled position, which the sender may learn between', () => {
    expect(isProven(receiverKeys, { ...proven, settled: 4 }, recipient)).toBe(true)
  })

  it.each([
    ['another incarnation', { incarnation: incarnation('c') }, {}],
    ['another epoch', { epoch: 8 }, {}],
    ['a pid without this key', { pid: 3 }, {}],
    ['another key', { publicKey: other!.publicKey }, {}],
    ['another cluster', {}, { cluster: 'live' }],
    ['another connection', {}, { challenge: new Uint8Array(16).fill(6) }],
    ['another receiver', {}, { to: 4 }],
    ['another process of the receiver', {}, { toIncarnation: incarnation('d') }],
  ])('is worth nothing for %s', (_, changedOffer, changedRecipient) => {
    const claimed = { ...proven, ...changedOffer }
    expect(isProven(receiverKeys, claimed, { ...recipient, ...changedRecipient })).toBe(false)
  })

  it('is refused with any bit of its MAC changed', () => {
    fc.assert(
      fc.property(fc.nat({ max: 255 }), (bit) => {
        const mac = Uint8Array.from(proven.mac)
        mac[bit >> 3] = (mac[bit >> 3] as number) ^ (1 << (bit & 7))
        expect(isProven(receiverKeys, { ...proven, mac }, recipient)).toBe(false)
      }),
    )
  })

  it('cannot be made by a holder of another key', () => {
    const forged = prove(new Keys(other!), offer, receiver!.publicKey, recipient)
    expect(isProven(receiverKeys, forged, recipient)).toBe(false)
    const borrowed = { ...forged, publicKey: sender!.publicKey }
    expect(isProven(receiverKeys, borrowed, recipient)).toBe(false)
  })
})
