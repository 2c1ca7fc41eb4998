/**
 * Who takes part in the throughput comparison, each as its users would write it.
 *
 * All send the same objects, about 90 bytes of JSON, each made anew, from one process to another over TCP on loopback, and hand an
 * object to the receiving function for each of them.
 */

/** The object that is sent: small, like a vote or a heartbeat. */
export function messageOf(sequence) {
  return { type: 'append', term: 7, leader: 1, sequence, prevIndex: sequence - 1, commit: 12, ok: true }
}

/** By name: `receive(take)` listens, `connect(address)` sends. */
export const contenders = {
  /** Outbox to an inbox subscriber. The sender keeps its queue below `bufSize`, as backpressure would. */
  'rx-cluster': async () => {
    const { createNode } = await import('../dist/index.js')
    const { firstValueFrom } = await import('rxjs')
    const open = (pid, peers) =>
      createNode({ cluster: 'bench', peers: [{ pid, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' }, ...peers] }, pid)
    return {
      receive: async (take) => {
        const node = await open(2, [])
        node.inbox.subscribe(({ msg }) => take(msg))
        // The sender is a stranger until it says where it is; it listens to nobody, so its address does not matter.
        node.addPeer({ pid: 1, endpoint: 'tcp://127.0.0.1:9' })
        return { address: await firstValueFrom(node.bound()), close: () => node.close() }
      },
      connect: async (endpoint) => {
        const node = await open(1, [])
        node.addPeer({ pid: 2, endpoint })
        await firstValueFrom(node.ready())
        return {
          send: async (messages) => {
            let sequence = 0
            while (sequence < messages) {
              const { queued } = node.stats().peers.get(2)
              const end = Math.min(messages, sequence + Math.max(0, 4_000 - queued))
              while (sequence < end) node.outbox.next({ pid: 2, msg: messageOf(sequence++) })
              await new Promise((resolve) => setImmediate(resolve))
            }
          },
          close: () => node.close(),
        }
      },
    }
  },

  /** zeromq.js by hand: a DEALER and a ROUTER, one buffer of JSON per send, each send awaited, nothing acknowledged. */
  'raw zeromq': async () => {
    const { Dealer, Router } = await import('zeromq')
    return {
      receive: async (take) => {
        const socket = new Router({ linger: 0 })
        await socket.bind('tcp://127.0.0.1:*')
        void (async () => {
          for await (const [, body] of socket) take(JSON.parse(body.toString()))
        })()
        return { address: socket.lastEndpoint, close: () => socket.close() }
      },
      connect: async (endpoint) => {
        const socket = new Dealer()
        socket.connect(endpoint)
        return {
          send: async (messages) => {
            for (let sequence = 0; sequence < messages; sequence++) {
              await socket.send(JSON.stringify(messageOf(sequence)))
            }
          },
          close: () => socket.close(),
        }
      },
    }
  },
}
