/** A transport that counts what is opened, closed and sent. */
import type { Caller, Listener, Transport } from '../../src/ports/transport.ts'

export interface Counts {
  opened: number
  closed: number
  /** Frames sent by callers. */
  frames: number
}

export function counting(transport: Transport): {
  readonly transport: Transport
  readonly counts: Counts
} {
  const counts: Counts = { opened: 0, closed: 0, frames: 0 }
  const closed = (tell: () => void) => (): void => {
    counts.closed++
    tell()
  }
  const counted: Transport = {
    name: transport.name,
    bind: (endpoint, options, listener) => {
      counts.opened++
      const all: Listener = {
        bound: (at) => listener.bound(at),
        failed: (error) => listener.failed(error),
        frame: (connection, frame) => listener.frame(connection, frame),
        gone: (connection) => listener.gone(connection),
        closed: closed(() => listener.closed()),
      }
      return transport.bind(endpoint, options, all)
    },
    connect: (endpoint, options, caller) => {
      counts.opened++
      const all: Caller = {
        opened: () => caller.opened(),
        frame: (frame) => caller.frame(frame),
        closed: (reason) => closed(() => caller.closed(reason))(),
      }
      const connection = transport.connect(endpoint, options, all)
      return {
        send: (frame) => {
          counts.frames++
          connection.send(frame)
        },
        close: (lingerMs) => connection.close(lingerMs),
      }
    },
  }
  return { transport: counted, counts }
}
