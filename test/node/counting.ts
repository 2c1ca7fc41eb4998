/** A transport that counts connections and frames. */
import type { ConnectionHandler, BindingHandler, Transport } from '../../src/ports/transport.ts'

export interface Counts {
  opened: number
  closed: number
  /** Frames that dialing ends sent. */
  frames: number
}

export function countingTransport(transport: Transport): {
  readonly transport: Transport
  readonly counts: Counts
} {
  const counts: Counts = { opened: 0, closed: 0, frames: 0 }
  const closed = (notify: () => void) => (): void => {
    counts.closed++
    notify()
  }
  const countedTransport: Transport = {
    name: transport.name,
    bind: (endpoint, options, handler) => {
      counts.opened++
      const wrapped: BindingHandler = {
        bound: (at) => handler.bound(at),
        failed: (error) => handler.failed(error),
        frame: (connection, frame) => handler.frame(connection, frame),
        disconnected: (connection) => handler.disconnected(connection),
        closed: closed(() => handler.closed()),
      }
      return transport.bind(endpoint, options, wrapped)
    },
    connect: (endpoint, options, handler) => {
      counts.opened++
      const wrapped: ConnectionHandler = {
        opened: () => handler.opened(),
        frame: (frame) => handler.frame(frame),
        closed: (reason) => closed(() => handler.closed(reason))(),
      }
      const connection = transport.connect(endpoint, options, wrapped)
      return {
        send: (frame) => {
          counts.frames++
          connection.send(frame)
        },
        close: (lingerMs) => connection.close(lingerMs),
      }
    },
  }
  return { transport: countedTransport, counts }
}
