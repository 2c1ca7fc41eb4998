/**
 * Both ends of every contender of the latency comparison: one asks, the other answers with the object it has read. A question is asked
 * when the answer to the one before is there, so one message is under way at any time.
 */
import { messageOf, openDealer, openNats, openRouter, openRxCluster } from './contenders.js'

export const ends = {
  /** Outbox to inbox, and back the same way. Both directions are checked, acknowledged, and taken once and in order. */
  'rx-cluster': {
    far: async () => {
      const { node, ...rest } = await openRxCluster(2)
      node.inbox.subscribe(({ pid, msg }) => node.outbox.next({ pid, msg }))
      return rest
    },
    near: async () => {
      const { node, ...rest } = await openRxCluster(1)
      let answered
      node.inbox.subscribe(({ msg }) => answered(msg))
      const ask = (msg) =>
        new Promise((resolve) => {
          answered = resolve
          node.outbox.next({ pid: 2, msg })
        })
      return { ...rest, pingPong: pingPong(ask) }
    },
  },

  /** The same with `request` and `replyWith`, which also find the answer that belongs to the question, and give up in time. */
  'rx-cluster request': {
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
      const ask = async (msg) => (await firstValueFrom(request(node, { pid: 2, msg }))).msg
      return { ...rest, pingPong: pingPong(ask) }
    },
  },

  /** zeromq.js by hand: JSON, async iterators at both ends. Nothing is acknowledged; a lost message would be waited for for ever. */
  'raw zeromq': {
    far: async () => {
      const { socket, ...rest } = await openRouter()
      void (async () => {
        for await (const [from, body] of socket) await socket.send([from, JSON.stringify(JSON.parse(body.toString()))])
      })()
      return rest
    },
    near: async () => {
      const { socket, ...rest } = await openDealer()
      const answers = socket[Symbol.asyncIterator]()
      const ask = async (message) => {
        await socket.send(JSON.stringify(message))
        const { value } = await answers.next()
        return JSON.parse(value[0].toString())
      }
      return { ...rest, pingPong: pingPong(ask) }
    },
  },

  /** Request and reply of nats.js, JSON. Every message passes the server; an answer that does not come in time is an error. */
  'nats.js request': {
    far: async (world) => {
      const { connection, close } = await openNats(world)
      connection.subscribe('bench', { callback: (_, message) => message.respond(JSON.stringify(message.json())) })
      await connection.flush()
      return { close }
    },
    near: async (world) => {
      const { connection, close } = await openNats(world)
      const ask = async (message) => (await connection.request('bench', JSON.stringify(message))).json()
      return { pingPong: pingPong(ask), close }
    },
  },
}

/** Asks one after the other, and checks every answer. @returns the percentiles of the times, in microseconds */
function pingPong(ask) {
  return async (exchanges) => {
    const times = new Float64Array(exchanges)
    for (let sequence = 0; sequence < exchanges; sequence++) {
      const startMs = performance.now()
      const answer = await ask(messageOf(sequence))
      times[sequence] = (performance.now() - startMs) * 1_000
      if (answer.sequence !== sequence) throw new Error(`asked ${sequence}, and was answered ${answer.sequence}`)
    }
    times.sort()
    const percentile = (percent) => times[Math.floor((exchanges * percent) / 100)]
    return { p50: percentile(50), p99: percentile(99) }
  }
}
