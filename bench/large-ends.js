/**
 * Both ends of every contender of the comparison of large messages.
 *
 * The sender fills fresh memory for each message; the receiver is given a `Uint8Array` for each, which it may keep, and looks at its
 * length, and at both its ends.
 */
import { openDealer, openRouter, openRxCluster } from './contenders.js'
import { arrivals } from './arrivals.js'

/** So many deliveries at once: what `windowBytes` lets out. More would only wait in the queue, each in memory of its own. */
const DELIVERIES = 8

/** The marks of the raw sockets, at both ends: more than this makes them no faster. */
const MARK = 16

export const ends = {
  /**
   * `deliver`, so many at a time, to an inbox subscriber. Each message is acknowledged, sent again when a connection breaks, and taken
   * once and in order. What the subscriber gets is its own to keep.
   */
  'rx-cluster': {
    far: async ({ bytes }) => {
      const { node, ...rest } = await openRxCluster(2)
      const { take, taken } = arrivals()
      node.inbox.subscribe(({ msg }) => take(sequenceOf(msg, bytes)))
      return { ...rest, taken }
    },
    near: async ({ bytes }) => {
      const { node, ...rest } = await openRxCluster(1)
      const { lastValueFrom, mergeMap, range } = await import('rxjs')
      const deliver = (sequence) => node.deliver({ pid: 2, msg: large(sequence, bytes) })
      const send = async (from, to) => {
        await lastValueFrom(range(from, to - from).pipe(mergeMap(deliver, DELIVERIES)))
      }
      return { ...rest, send }
    },
  },

  /** zeromq.js by hand, with copies at the receiver, as who keeps messages should: what it reads into may be shared by several. */
  'raw zeromq': {
    far: ({ bytes }) => farRaw(bytes, (body) => Uint8Array.prototype.slice.call(body)),
    near: ({ bytes }) => nearRaw(bytes),
  },

  /** The same without copying: what a large message is read into is its own but for a few kilobytes, and freed with its `Buffer`. */
  'raw zeromq, uncopied': {
    far: ({ bytes }) => farRaw(bytes, (body) => body),
    near: ({ bytes }) => nearRaw(bytes),
  },
}

/** Nothing is acknowledged: what a broken connection held is lost. */
async function farRaw(bytes, own) {
  const { socket, ...rest } = await openRouter({ receiveHighWaterMark: MARK })
  const { take, taken } = arrivals()
  void (async () => {
    for await (const [, body] of socket) take(sequenceOf(own(body), bytes))
  })()
  return { ...rest, taken }
}

async function nearRaw(bytes) {
  const { socket, ...rest } = await openDealer({ sendHighWaterMark: MARK })
  const send = async (from, to) => {
    for (let sequence = from; sequence < to; sequence++) await socket.send(large(sequence, bytes))
  }
  return { ...rest, send }
}

function large(sequence, bytes) {
  const message = Buffer.allocUnsafeSlow(bytes).fill(sequence & 0xff)
  message.writeUInt32LE(sequence)
  return message
}

/** @returns the number of a message that is whole */
function sequenceOf(message, bytes) {
  const sequence = new DataView(message.buffer, message.byteOffset).getUint32(0, true)
  if (message.length !== bytes || message[bytes - 1] !== (sequence & 0xff)) throw new Error(`message ${sequence} is not whole`)
  return sequence
}
