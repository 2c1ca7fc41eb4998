/** The transport of a simulated process. */
import type { Binding, Connection, Transport } from '../ports/transport.ts'
import type { SimListener, SimNetwork } from './sim-network.ts'
import type { SimProcess } from './sim-process.ts'

/** A transport over a simulated network, for one life of one process. */
export function simTransport(network: SimNetwork, process: SimProcess): Transport {
  return {
    name: 'simulation',
    bind(endpoint, { maxPartBytes }, listener): Binding {
      const own: SimListener = { process, endpoint, listener, maxPartBytes, lines: new Map() }
      let [closing, bound] = [false, false]
      process.soon(() => {
        if (closing) return
        bound = network.listen(own)
        if (bound) return listener.bound(endpoint)
        const message = `${endpoint} is in use`
        listener.failed(Object.assign(new Error(message), { code: 'EADDRINUSE' }))
        process.soon(() => listener.closed())
      })
      return {
        send(connection, frame) {
          if (closing) return
          const line = own.lines.get(connection)
          if (line === undefined) process.soon(() => closing || listener.gone(connection))
          else line.reply(frame)
        },
        close(lingerMs) {
          if (closing) return
          closing = true
          network.deafen(own)
          for (const line of [...own.lines.values()]) line.drop(lingerMs)
          process.soon(() => listener.closed())
        },
      }
    },
    connect(endpoint, { maxPartBytes }, caller): Connection {
      return network.dial({ process, endpoint, caller, maxPartBytes })
    },
  }
}
