/**
 * Both ends of every contender of the pipelined comparison: one asks, with so many questions under way at any time, the other answers
 * with the object it has read. Whoever asks finds each answer by its question, and looks at its sequence number.
 */
import { messageOf, openMoleculer, openNats, openRxCluster } from './contenders.js'
import { connectFramed, listenFramed } from './framed.js'

export const ends = {
  /** `request`, with a timeout each, and `replyWith`. Questions and answers are acknowledged, and taken once and in order. */
  'rx-cluster': {
    far: async () => {
      const { node, ...rest } = await openRxCluster(2)
      const { replyWith } = await import('../dist/index.js')
      node.inbox.pipe(replyWith(node, ({ msg }) => [msg])).subscribe()
      return rest
    },
    near: async () => {
      const { node, ...rest } = await openRxCluster(1)
      const { request } = await import('../dist/index.js')
      const { firstValueFrom } = await import('rxjs')
      const ask = inParallel(async (msg) => (await firstValueFrom(request(node, { pid: 2, msg }))).msg)
      return { ...rest, ask }
    },
  },

  /** `broker.call` of Moleculer to an action of the other node. */
  'moleculer': {
    far: async () => {
      const service = { name: 'bench', actions: { echo: (ctx) => ctx.params } }
      return openMoleculer('far', { services: [service] })
    },
    near: async () => {
      let opened
      const meet = async (address) => {
        opened = await openMoleculer('near', { known: { far: address } })
        await opened.broker.waitForServices('bench')
      }
      const ask = inParallel((message) => opened.broker.call('bench.echo', message))
      return { meet, ask, close: () => opened.close() }
    },
  },

  /** Request and reply of nats.js, JSON, with a timeout each. Every message passes the server. */
  'nats.js': {
    far: async (world) => {
      const { connection, close } = await openNats(world)
      connection.subscribe('bench', { callback: (_, message) => message.respond(JSON.stringify(message.json())) })
      await connection.flush()
      return { close }
    },
    near: async (world) => {
      const { connection, close } = await openNats(world)
      const ask = inParallel(async (message) => (await connection.request('bench', JSON.stringify(message))).json())
      return { ask, close }
    },
  },

  /** The limit of JavaScript: a TCP socket, and whatever is asked or answered in one turn as one batch. Nobody waits for an answer in time. */
  'node net': {
    far: () => listenFramed((send) => (batch) => void send(batch)),
    near: async () => {
      const waiting = new Map()
      let socket
      let batch = []
      const hear = (answers) => {
        for (const answer of answers) {
          const answered = waiting.get(answer.sequence)
          waiting.delete(answer.sequence)
          answered(answer)
        }
      }
      const flush = () => {
        void socket.send(batch)
        batch = []
      }
      const ask = inParallel((message) => {
        if (batch.push(message) === 1) setImmediate(flush)
        return new Promise((resolve) => waiting.set(message.sequence, resolve))
      })
      const meet = async (port) => {
        socket = await connectFramed(port, hear)
      }
      return { meet, ask, close: () => socket.close() }
    },
  },
}

/** So many askers side by side, each of which asks again as soon as it is answered. */
function inParallel(askOne) {
  return async (questions, inFlight) => {
    let next = 0
    const asker = async () => {
      while (next < questions) {
        const sequence = next++
        check(sequence, await askOne(messageOf(sequence)))
      }
    }
    await Promise.all(Array.from({ length: inFlight }, asker))
  }
}

function check(sequence, answer) {
  if (answer.sequence !== sequence) throw new Error(`asked ${sequence}, and was answered ${answer.sequence}`)
}
