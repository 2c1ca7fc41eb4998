/**
 * Both ends of every contender of the throughput comparison.
 *
 * All send the same objects, each made anew, and hand an object to the receiving function for each of them, which looks at its
 * sequence number. `send(from, to)` resolves when everything is handed over, and waits wherever its library tells it to.
 */
import { messageOf, openDealer, openMoleculer, openNats, openRouter, openRxCluster } from './contenders.js'
import { arrivals } from './arrivals.js'
import { connectFramed, listenFramed } from './framed.js'

/** What one turn of the senders that are not told when to wait puts in: deep enough that nobody runs dry, and bounded. */
const WINDOW = 4_000

/** What the bare socket is given at a time. */
const BATCH = 200

export const ends = {
  /**
   * Outbox to an inbox subscriber; the sender keeps its queue below `bufSize`, as backpressure would. Each envelope is checked,
   * acknowledged, sent again when a connection breaks, and taken once and in order, or it comes out of `deadLetters`.
   */
  'rx-cluster': {
    far: async () => {
      const { node, ...rest } = await openRxCluster(2)
      const { take, taken } = arrivals()
      node.inbox.subscribe(({ msg }) => take(msg.sequence))
      return { ...rest, taken }
    },
    near: async () => {
      const { node, ...rest } = await openRxCluster(1)
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

  /** zeromq.js by hand: one JSON buffer per send, each send awaited. Nothing is acknowledged: what a broken connection held is lost. */
  'raw zeromq': {
    far: async () => {
      const { socket, ...rest } = await openRouter()
      const { take, taken } = arrivals()
      void (async () => {
        for await (const [, body] of socket) take(JSON.parse(body.toString()).sequence)
      })()
      return { ...rest, taken }
    },
    near: async () => {
      const { socket, ...rest } = await openDealer()
      const send = async (from, to) => {
        for (let sequence = from; sequence < to; sequence++) await socket.send(JSON.stringify(messageOf(sequence)))
      }
      return { ...rest, send }
    },
  },

  /**
   * The limit of JavaScript: nothing but a TCP socket between two subjects, and batches of 200. Nothing is checked, named, acknowledged
   * or sent again, and there is one peer.
   */
  'node net': {
    far: async () => {
      const { Subject } = await import('rxjs')
      const inbox = new Subject()
      const { take, taken } = arrivals()
      inbox.subscribe((message) => take(message.sequence))
      const hear = (batch) => {
        for (const message of batch) inbox.next(message)
      }
      return { ...(await listenFramed(() => hear)), taken }
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
      const meet = async (port) => {
        socket = await connectFramed(port, () => undefined)
      }
      return { meet, send, close: () => socket.close() }
    },
  },

  /**
   * nats.js, core publish and subscribe through a nats-server, JSON. At most once: nothing is acknowledged by the subscriber. The
   * publisher flushes, which the server answers, and is one window ahead of the answer.
   */
  'nats.js': {
    far: async (world) => {
      const { connection, close } = await openNats(world)
      const { take, taken } = arrivals()
      connection.subscribe('bench', { callback: (_, message) => take(message.json().sequence) })
      // The server knows of the subscription when it has answered.
      await connection.flush()
      return { taken, close }
    },
    near: async (world) => {
      const { connection, close } = await openNats(world)
      const send = async (from, to) => {
        let before
        for (let sequence = from; sequence < to; ) {
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

  /** Moleculer over its TCP transporter: events to the one service that listens. Nothing is acknowledged; a window is awaited at once. */
  'moleculer': {
    far: async () => {
      const { take, taken } = arrivals()
      // The name of the argument matters: anything but `ctx` is given the payload of a former signature.
      const listening = { name: 'bench', events: { 'bench.message': (ctx) => take(ctx.params.sequence) } }
      const { address, close } = await openMoleculer('far', { services: [listening] })
      return { address, taken, close }
    },
    near: async () => {
      let opened
      const meet = async (address) => {
        opened = await openMoleculer('near', { known: { far: address } })
        await opened.broker.waitForServices('bench')
      }
      const send = async (from, to) => {
        const { broker } = opened
        for (let sequence = from; sequence < to; ) {
          const end = Math.min(to, sequence + WINDOW)
          const window = []
          while (sequence < end) window.push(broker.emit('bench.message', messageOf(sequence++)))
          await Promise.all(window)
        }
      }
      return { meet, send, close: () => opened.close() }
    },
  },
}
