/** A transport that can be killed, as that of a process that crashes. */
import type { Binding, Connection, Transport } from '../../ports/transport.ts'

/** A transport of one process, and its end. */
export interface KillableTransport {
  readonly transport: Transport
  /** Everything of it breaks at once; the others see that. */
  kill(): void
}

/** Keeps in mind what is opened, so that it can be closed all at once. */
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
