/** A transport that can be killed, as that of a process that crashes. */
import type { Binding, Connection, Transport } from '../../ports/transport.ts'

/** A transport of one process, and its end. */
export interface MortalTransport {
  readonly transport: Transport
  /** Everything of it breaks at once; the others see that. */
  kill(): void
}

/** Keeps in mind what is opened, so that it can be closed all at once. */
export function mortalTransport(inner: Transport): MortalTransport {
  const ends: (Binding | Connection)[] = []
  const keep = <T extends Binding | Connection>(end: T): T => {
    ends.push(end)
    return end
  }
  return {
    transport: {
      name: inner.name,
      bind: (endpoint, options, listener) => keep(inner.bind(endpoint, options, listener)),
      connect: (endpoint, options, caller) => keep(inner.connect(endpoint, options, caller)),
    },
    kill: () => {
      for (const end of ends) end.close(0)
    },
  }
}
