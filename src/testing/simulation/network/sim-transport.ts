/** The transport of a simulated process. */
import type { Binding, Connection, Transport } from '../../../ports/transport.ts'
import type { SimListener } from './sim-connection.ts'
import type { SimNetwork } from './sim-network.ts'
import type { SimProcess } from '../cluster/sim-process.ts'

/** Returns a transport over a simulated network for one process. */
export function simTransport(network: SimNetwork, process: SimProcess): Transport {
  return {
    name: 'simulation',
    bind(endpoint, { maxPartBytes, security }, handler): Binding {
      const simListener: SimListener = {
        process,
        endpoint,
        handler,
        maxPartBytes,
        security,
        connections: new Map(),
      }
      let [closing, bound] = [false, false]
      process.microtask(() => {
        if (closing) return
        bound = network.listen(simListener)
        if (bound) return handler.bound(endpoint)
        const message = `${endpoint} is in use`
        handler.failed(Object.assign(new Error(message), { code: 'EADDRINUSE' }))
        process.microtask(() => handler.closed())
      })
      return {
        send(id, frame) {
          if (closing) return
          const connection = simListener.connections.get(id)
          if (connection === undefined) process.microtask(() => closing || handler.disconnected(id))
          else connection.reply(frame)
        },
        close(lingerMs) {
          if (closing) return
          closing = true
          network.unlisten(simListener)
          for (const connection of [...simListener.connections.values()])
            connection.closeFromListener(lingerMs)
          process.microtask(() => handler.closed())
        },
      }
    },
    connect(endpoint, { maxPartBytes, security }, handler): Connection {
      return network.dial({ process, endpoint, handler, maxPartBytes, security })
    },
  }
}
