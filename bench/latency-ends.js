/**
 * Both ends of every contender of the latency benchmark. One end sends a request; the other replies
 * with the object that it decoded. The next request follows the reply, so one message is in flight.
 */
import { messageOf, openDealer, openNats, openRouter, openRxCluster } from './contenders.js'

export const ends = {
  /**
   * From an outbox to an inbox, and back the same way. Both directions are checked, acknowledged,
   * and delivered once and in order.
   */
  'rx-cluster': {
    far: async (world) => {
      const { node, ...rest } = await openRxCluster(2, world)
      node.inbox.subscribe(({ pid, msg }) => node.outbox.next({ pid, msg }))
      return rest
    },
    near: async (world) => {
      const { node, ...rest } = await openRxCluster(1, world)
      let onReply
      node.inbox.subscribe(({ msg }) => onReply(msg))
      const send = (msg) =>
        new Promise((resolve) => {
          onReply = resolve
          node.outbox.next({ pid: 2, msg })
        })
      return { ...rest, pingPong: pingPong(send) }
    },
  },

  /** The same with `request` and `replyWith`, which also match the reply and apply a timeout. */
  'rx-cluster request': {
    far: async (world) => {
      const { node, ...rest } = await openRxCluster(2, world)
      const { replyWith } = (await import('./adapters.js')).library
      node.inbox.pipe(replyWith(node, ({ msg }) => [msg])).subscribe()
      return rest
    },
    near: async (world) => {
      const { node, ...rest } = await openRxCluster(1, world)
      const { library, rxjs } = await import('./adapters.js')
      const { request } = library
      const { firstValueFrom } = rxjs
      const send = async (msg) => (await firstValueFrom(request(node, { pid: 2, msg }))).msg
      return { ...rest, pingPong: pingPong(send) }
    },
  },

  /**
   * zeromq.js without a library: JSON, async iterators at both ends. Nothing is acknowledged; a
   * lost message would block the run.
   */
  'raw zeromq': {
    far: async (world) => {
      const { socket, ...rest } = await openRouter({}, world)
      void (async () => {
        for await (const [from, body] of socket)
          await socket.send([from, JSON.stringify(JSON.parse(body.toString()))])
      })()
      return rest
    },
    near: async (world) => {
      const { socket, ...rest } = await openDealer({}, world)
      const replies = socket[Symbol.asyncIterator]()
      const send = async (message) => {
        await socket.send(JSON.stringify(message))
        const { value } = await replies.next()
        return JSON.parse(value[0].toString())
      }
      return { ...rest, pingPong: pingPong(send) }
    },
  },

  /**
   * Request and reply of nats.js, JSON, with a timeout. Every message passes through the server.
   */
  'nats.js request': {
    far: async (world) => {
      const { connection, close } = await openNats(world)
      connection.subscribe('bench', {
        callback: (_, message) => message.respond(JSON.stringify(message.json())),
      })
      await connection.flush()
      return { close }
    },
    near: async (world) => {
      const { connection, close } = await openNats(world)
      const send = async (message) =>
        (await connection.request('bench', JSON.stringify(message))).json()
      return { pingPong: pingPong(send), close }
    },
  },
}

/**
 * Sends requests one after the other and checks the replies. @returns percentiles in microseconds
 */
function pingPong(send) {
  return async (exchanges) => {
    const times = new Float64Array(exchanges)
    for (let sequence = 0; sequence < exchanges; sequence++) {
      const startMs = performance.now()
      const reply = await send(messageOf(sequence))
      times[sequence] = (performance.now() - startMs) * 1_000
      if (reply.sequence !== sequence)
        throw new Error(`request ${sequence} got the reply to ${reply.sequence}`)
    }
    times.sort()
    const percentile = (percent) => times[Math.floor((exchanges * percent) / 100)]
    return { p50: percentile(50), p99: percentile(99) }
  }
}
