/** Both ends of a transport as a test holds them: what they were told, and a way to wait for it. */
import type {
  Binding,
  Connection,
  ConnectionId,
  Frame,
  Transport,
  TransportOptions,
} from '../../src/ports/transport.ts'

/** Where a test has no other wish. */
export const LIMITS: TransportOptions = { maxPartBytes: 1024 * 1024 }

/** Waits for what its owner is told. */
class CallbackLog {
  readonly callbacks: string[] = []
  readonly #waiters = new Set<() => void>()

  /** Notes a callback; those that come from inside a call of the port are noted as such. */
  record(name: string): void {
    this.callbacks.push(portCallDepth === 0 ? name : `${name} (from inside a call)`)
    for (const notify of this.#waiters) notify()
  }

  /** Waits until `condition` holds. */
  waitUntil(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve) => {
      const notify = (): void => {
        if (!condition()) return
        this.#waiters.delete(notify)
        resolve()
      }
      this.#waiters.add(notify)
    })
  }
}

/** How deep we are in calls of the port. */
let portCallDepth = 0

function insidePortCall<T>(portCall: () => T): T {
  portCallDepth += 1
  try {
    return portCall()
  } finally {
    portCallDepth -= 1
  }
}

/** A frame that came in over a connection. */
export interface ReceivedFrame {
  readonly from: ConnectionId
  readonly parts: readonly Buffer[]
}

/** A binding and what it was told. */
export class TestBinding extends CallbackLog {
  readonly frames: ReceivedFrame[] = []
  readonly disconnected: ConnectionId[] = []
  readonly requestedEndpoint: string
  endpoint = ''
  error: (Error & { readonly code?: string | undefined }) | undefined
  closed = 0
  /** What is done with each frame, at once. */
  onFrame: ((received: ReceivedFrame) => void) | undefined
  readonly #binding: Binding

  constructor(transport: Transport, endpoint: string, limits = LIMITS) {
    super()
    this.requestedEndpoint = endpoint
    this.#binding = insidePortCall(() =>
      transport.bind(endpoint, limits, {
        bound: (at) => {
          this.endpoint = at
          this.record('bound')
        },
        failed: (error) => {
          this.error = error
          this.record('failed')
        },
        frame: (from, frame) => {
          const received = { from, parts: copyOf(frame) }
          this.frames.push(received)
          this.onFrame?.(received)
          this.record('frame')
        },
        disconnected: (connection) => {
          this.disconnected.push(connection)
          this.record('disconnected')
        },
        closed: () => {
          this.closed += 1
          this.record('closed')
        },
      }),
    )
  }

  send(to: ConnectionId, ...parts: Uint8Array[]): void {
    insidePortCall(() => this.#binding.send(to, parts))
  }

  /** Closes, and waits until that is done. */
  close(lingerMs = 0): Promise<void> {
    insidePortCall(() => this.#binding.close(lingerMs))
    return this.waitUntil(() => this.closed > 0)
  }
}

/** A connection and what it was told. */
export class TestConnection extends CallbackLog {
  readonly frames: Buffer[][] = []
  readonly endpoint: string
  opened = 0
  closed = 0
  reason = ''
  /** What is done with each frame, at once. */
  onFrame: ((parts: readonly Buffer[]) => void) | undefined
  readonly #connection: Connection

  constructor(transport: Transport, endpoint: string, limits = LIMITS) {
    super()
    this.endpoint = endpoint
    this.#connection = insidePortCall(() =>
      transport.connect(endpoint, limits, {
        opened: () => {
          this.opened += 1
          this.record('opened')
        },
        frame: (frame) => {
          const parts = copyOf(frame)
          this.frames.push(parts)
          this.onFrame?.(parts)
          this.record('frame')
        },
        closed: (reason) => {
          this.closed += 1
          this.reason = reason
          this.record('closed')
        },
      }),
    )
  }

  send(...parts: Uint8Array[]): void {
    insidePortCall(() => this.#connection.send(parts))
  }

  /** Hangs up, and waits until that is done. */
  close(lingerMs = 0): Promise<void> {
    insidePortCall(() => this.#connection.close(lingerMs))
    return this.waitUntil(() => this.closed > 0)
  }
}

/** A bound office. */
export async function bindTo(
  transport: Transport,
  at: string,
  limits = LIMITS,
): Promise<TestBinding> {
  const binding = new TestBinding(transport, at, limits)
  await binding.waitUntil(() => binding.endpoint !== '' || binding.error !== undefined)
  if (binding.error !== undefined) throw binding.error
  return binding
}

/** An opened call. */
export async function dialTo(
  transport: Transport,
  to: string,
  limits = LIMITS,
): Promise<TestConnection> {
  const connection = new TestConnection(transport, to, limits)
  await connection.waitUntil(() => connection.opened > 0 || connection.closed > 0)
  if (connection.closed > 0) throw new Error(connection.reason)
  return connection
}

/** An address where somebody listened a moment ago, and nobody does now. */
export async function unusedEndpoint(transport: Transport, at: string): Promise<string> {
  const binding = await bindTo(transport, at)
  await binding.close()
  return binding.endpoint
}

/** Says hello. Resolves with the name of the connection, once it has arrived. */
export async function sendHello(
  binding: TestBinding,
  connection: TestConnection,
): Promise<ConnectionId> {
  const before = binding.frames.length
  connection.send(textBytes('hello'))
  await binding.waitUntil(() => binding.frames.length > before)
  return binding.frames[before]!.from
}

/** Text as bytes. */
export function textBytes(text: string): Buffer {
  return Buffer.from(text)
}

/** `n`, in front of so many more bytes. */
export function numberedBytes(n: number, extraBytes: number): Buffer {
  const bytes = Buffer.alloc(4 + extraBytes, n % 256)
  bytes.writeUInt32BE(n)
  return bytes
}

function copyOf(frame: Frame): Buffer[] {
  return frame.map((part) => Buffer.from(part))
}
