/** A transport that can be closed at once, as when its process crashes. */
import type { Binding, Connection, Transport } from '../../ports/transport.ts'

/** A transport, and a function that closes everything it has opened. */
export interface KillableTransport {
  readonly transport: Transport
  /** Closes all bindings and connections; the other ends see them closed. */
  kill(): void
}

/** Tracks what a transport opens, so that `kill` can close it. */
export function killableTransport(inner: Transport): KillableTransport {
  const handles: (Binding | Connection)[] = []
  const track = <T extends Binding | Connection>(handle: T): T => {
    handles.push(handle)
    return handle
  }
  return {
    transport: {
      name: inner.name,
      bind: (endpoint, options, handler) => track(inner.bind(endpoint, options, handler)),
      connect: (endpoint, options, handler) => track(inner.connect(endpoint, options, handler)),
    },
    kill: () => {
      for (const handle of handles) handle.close(0)
    },
  }
}
