/**
 * Both ends of every contender of the pipelined benchmark. One end keeps a number of requests in
 * flight; the other replies with the object that it decoded. The requester matches each reply to
 * its request and checks the sequence number.
 */
import { messageOf, openMoleculer, openNats, openRxCluster } from './contenders.js'
import { connectFramed, listenFramed } from './framed.js'

export const ends = {
  /**
   * `request` with a timeout, and `replyWith`. Requests and replies are acknowledged, and delivered
   * once and in order.
   */
  'rx-cluster': {
    far: async () => {
      const { node, ...rest } = await openRxCluster(2)
      const { replyWith } = (await import('./adapters.js')).library
      node.inbox.pipe(replyWith(node, ({ msg }) => [msg])).subscribe()
      return rest
    },
    near: async () => {
      const { node, ...rest } = await openRxCluster(1)
      const { library, rxjs } = await import('./adapters.js')
      const { request } = library
      const { firstValueFrom } = rxjs
      const requestAll = inParallel(
        async (msg) => (await firstValueFrom(request(node, { pid: 2, msg }))).msg,
      )
      return { ...rest, requestAll }
    },
  },

  /** `broker.call` of Moleculer to an action of the other node. */
  moleculer: {
    far: async () => {
      const service = { name: 'bench', actions: { echo: (ctx) => ctx.params } }
      return openMoleculer('far', { services: [service] })
    },
    near: async () => {
      let opened
      const connect = async (address) => {
        opened = await openMoleculer('near', { known: { far: address } })
        await opened.broker.waitForServices('bench')
      }
      const requestAll = inParallel((message) => opened.broker.call('bench.echo', message))
      return { connect, requestAll, close: () => opened.close() }
    },
  },

  /**
   * Request and reply of nats.js, JSON, with a timeout. Every message passes through the server.
   */
  'nats.js': {
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
      const requestAll = inParallel(async (message) =>
        (await connection.request('bench', JSON.stringify(message))).json(),
      )
      return { requestAll, close }
    },
  },

  /**
   * The upper limit in JavaScript: a TCP socket; all requests or replies of one turn are one batch.
   * There are no timeouts.
   */
  'node net': {
    far: () => listenFramed((send) => (batch) => void send(batch)),
    near: async () => {
      const pending = new Map()
      let socket
      let batch = []
      const onBatch = (replies) => {
        for (const reply of replies) {
          const onReply = pending.get(reply.sequence)
          pending.delete(reply.sequence)
          onReply(reply)
        }
      }
      const flush = () => {
        void socket.send(batch)
        batch = []
      }
      const requestAll = inParallel((message) => {
        if (batch.push(message) === 1) setImmediate(flush)
        return new Promise((resolve) => pending.set(message.sequence, resolve))
      })
      const connect = async (port) => {
        socket = await connectFramed(port, onBatch)
      }
      return { connect, requestAll, close: () => socket.close() }
    },
  },
}

/** Runs `inFlight` requesters in parallel; each sends its next request after the reply. */
function inParallel(requestOne) {
  return async (requests, inFlight) => {
    let next = 0
    const requester = async () => {
      while (next < requests) {
        const sequence = next++
        check(sequence, await requestOne(messageOf(sequence)))
      }
    }
    await Promise.all(Array.from({ length: inFlight }, requester))
  }
}

function check(sequence, reply) {
  if (reply.sequence !== sequence)
    throw new Error(`request ${sequence} got the reply to ${reply.sequence}`)
}
