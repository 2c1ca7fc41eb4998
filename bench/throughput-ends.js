/**
 * Both ends of every contender of the throughput benchmark.
 *
 * All send the same objects, each newly created. The receiving function gets an object per message
 * and checks its sequence number. `send(from, to)` resolves when all messages are handed to the
 * library, and waits where its library applies backpressure.
 */
import {
  messageOf,
  openDealer,
  openMoleculer,
  openNats,
  openRouter,
  openRxCluster,
} from './contenders.js'
import { arrivals } from './arrivals.js'
import { connectFramed, listenFramed } from './framed.js'

/** Messages queued per turn by senders without backpressure: bounded, and never empty. */
const WINDOW = 4_000

/** Messages per write of the bare socket. */
const BATCH = 200

export const ends = {
  /**
   * From an outbox to an inbox subscriber; the sender keeps its queue below `bufSize`, as
   * backpressure would. Each envelope is checked, acknowledged, sent again when a connection
   * breaks, and delivered once and in order, or it appears in `deadLetters`.
   */
  'rx-cluster': {
    far: async (world) => {
      const { node, ...rest } = await openRxCluster(2, world)
      const { receive, received } = arrivals()
      node.inbox.subscribe(({ msg }) => receive(msg.sequence))
      return { ...rest, received }
    },
    near: async (world) => {
      const { node, ...rest } = await openRxCluster(1, world)
      const send = async (from, to) => {
        let sequence = from
        while (sequence < to) {
          const { queued } = node.stats().peers.get(2)
          const end = Math.min(to, sequence + WINDOW - queued)
          while (sequence < end) node.outbox.next({ pid: 2, msg: messageOf(sequence++) })
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      return { ...rest, send }
    },
  },

  /**
   * zeromq.js without a library: one JSON buffer per send, each send awaited. Nothing is
   * acknowledged: messages in a broken connection are lost.
   */
  'raw zeromq': {
    far: async (world) => {
      const { socket, ...rest } = await openRouter({}, world)
      const { receive, received } = arrivals()
      void (async () => {
        for await (const [, body] of socket) receive(JSON.parse(body.toString()).sequence)
      })()
      return { ...rest, received }
    },
    near: async (world) => {
      const { socket, ...rest } = await openDealer({}, world)
      const send = async (from, to) => {
        for (let sequence = from; sequence < to; sequence++)
          await socket.send(JSON.stringify(messageOf(sequence)))
      }
      return { ...rest, send }
    },
  },

  /**
   * The upper limit in JavaScript: a TCP socket between two subjects, with batches of 200. Nothing
   * is checked, acknowledged or sent again, and there is one peer.
   */
  'node net': {
    far: async () => {
      const { Subject } = await import('rxjs')
      const inbox = new Subject()
      const { receive, received } = arrivals()
      inbox.subscribe((message) => receive(message.sequence))
      const onBatch = (batch) => {
        for (const message of batch) inbox.next(message)
      }
      return { ...(await listenFramed(() => onBatch)), received }
    },
    near: async () => {
      const { Subject } = await import('rxjs')
      const outbox = new Subject()
      let socket
      let batch = []
      let drained
      const flush = () => {
        drained = socket.send(batch)
        batch = []
      }
      outbox.subscribe((message) => {
        if (batch.push(message) === BATCH) flush()
      })
      const send = async (from, to) => {
        for (let sequence = from; sequence < to; sequence++) {
          outbox.next(messageOf(sequence))
          if (drained === undefined) continue
          await drained
          drained = undefined
        }
        if (batch.length > 0) flush()
      }
      const connect = async (port) => {
        socket = await connectFramed(port, () => undefined)
      }
      return { connect, send, close: () => socket.close() }
    },
  },

  /**
   * nats.js, core publish and subscribe through a nats-server, JSON. At most once: the subscriber
   * acknowledges nothing. The publisher flushes, and stays one window ahead of the server's answer.
   */
  'nats.js': {
    far: async (world) => {
      const { connection, close } = await openNats(world)
      const { receive, received } = arrivals()
      connection.subscribe('bench', { callback: (_, message) => receive(message.json().sequence) })
      // The answer confirms that the server has the subscription.
      await connection.flush()
      return { received, close }
    },
    near: async (world) => {
      const { connection, close } = await openNats(world)
      const send = async (from, to) => {
        let before
        for (let sequence = from; sequence < to;) {
          const end = Math.min(to, sequence + WINDOW)
          while (sequence < end) connection.publish('bench', JSON.stringify(messageOf(sequence++)))
          const flushed = connection.flush()
          await before
          before = flushed
        }
        await before
      }
      return { send, close }
    },
  },

  /**
   * Moleculer over its TCP transporter: events to a single service. Nothing is acknowledged; a
   * window is awaited as a whole.
   */
  moleculer: {
    far: async () => {
      const { receive, received } = arrivals()
      // Moleculer inspects the name of the argument: without `ctx` it uses its former signature.
      const listening = {
        name: 'bench',
        events: { 'bench.message': (ctx) => receive(ctx.params.sequence) },
      }
      const { address, close } = await openMoleculer('far', { services: [listening] })
      return { address, received, close }
    },
    near: async () => {
      let opened
      const connect = async (address) => {
        opened = await openMoleculer('near', { known: { far: address } })
        await opened.broker.waitForServices('bench')
      }
      const send = async (from, to) => {
        const { broker } = opened
        for (let sequence = from; sequence < to;) {
          const end = Math.min(to, sequence + WINDOW)
          const window = []
          while (sequence < end) window.push(broker.emit('bench.message', messageOf(sequence++)))
          await Promise.all(window)
        }
      }
      return { connect, send, close: () => opened.close() }
    },
  },
}
