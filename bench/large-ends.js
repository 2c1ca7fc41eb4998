/**
 * Both ends of every contender of the benchmark of large messages.
 *
 * The sender fills new memory for each message. The receiver gets a `Uint8Array` that it may keep,
 * and checks its length and both ends.
 */
import { openDealer, openRouter, openRxCluster } from './contenders.js'
import { arrivals } from './arrivals.js'

/** Concurrent deliveries: what `windowBytes` admits. More would only fill the queue. */
const DELIVERIES = 8

/** The high-water marks of the raw sockets; larger ones are not faster. */
const MARK = 16

export const ends = {
  /**
   * Concurrent `deliver` calls to an inbox subscriber. Each message is acknowledged, sent again
   * when a connection breaks, and delivered once and in order. The subscriber may keep it.
   */
  'rx-cluster': {
    far: async ({ bytes, ...world }) => {
      const { node, ...rest } = await openRxCluster(2, world)
      const { receive, received } = arrivals()
      node.inbox.subscribe(({ msg }) => receive(sequenceOf(msg, bytes)))
      return { ...rest, received }
    },
    near: async ({ bytes, ...world }) => {
      const { node, ...rest } = await openRxCluster(1, world)
      const { lastValueFrom, mergeMap, range } = (await import('./adapters.js')).rxjs
      const deliver = (sequence) => node.deliver({ pid: 2, msg: large(sequence, bytes) })
      const send = async (from, to) => {
        await lastValueFrom(range(from, to - from).pipe(mergeMap(deliver, DELIVERIES)))
      }
      return { ...rest, send }
    },
  },

  /**
   * zeromq.js without a library. The receiver copies, as an application that keeps messages should:
   * several messages may share the memory that they are read into.
   */
  'raw zeromq': {
    far: (world) => farRaw(world, (body) => Uint8Array.prototype.slice.call(body)),
    near: nearRaw,
  },

  /** The same without a copy: a large message shares its memory with a few kilobytes at most. */
  'raw zeromq, uncopied': {
    far: (world) => farRaw(world, (body) => body),
    near: nearRaw,
  },
}

/** Nothing is acknowledged: messages in a broken connection are lost. */
async function farRaw({ bytes, ...world }, toKeep) {
  const { socket, ...rest } = await openRouter({ receiveHighWaterMark: MARK }, world)
  const { receive, received } = arrivals()
  void (async () => {
    for await (const [, body] of socket) receive(sequenceOf(toKeep(body), bytes))
  })()
  return { ...rest, received }
}

async function nearRaw({ bytes, ...world }) {
  const { socket, ...rest } = await openDealer({ sendHighWaterMark: MARK }, world)
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

/** @returns the sequence number of a message; throws when the message is damaged */
function sequenceOf(message, bytes) {
  const sequence = new DataView(message.buffer, message.byteOffset).getUint32(0, true)
  if (message.length !== bytes || message[bytes - 1] !== (sequence & 0xff))
    throw new Error(`message ${sequence} is damaged`)
  return sequence
}
