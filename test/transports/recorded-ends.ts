/** Both ends of a transport for tests: they record their callbacks, and can wait for them. */
import type {
  BindOptions,
  Binding,
  ConnectOptions,
  Connection,
  ConnectionId,
  Frame,
  Transport,
  TransportOptions,
} from '../../src/ports/transport.ts'

/** The default limits. */
export const LIMITS: TransportOptions = { maxPartBytes: 1024 * 1024 }

/** Records callbacks and waits for them. */
class CallbackLog {
  readonly callbacks: string[] = []
  readonly #waiters = new Set<() => void>()

  /** Records a callback, and whether it came from inside a call of the port. */
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

let portCallDepth = 0

function insidePortCall<T>(portCall: () => T): T {
  portCallDepth += 1
  try {
    return portCall()
  } finally {
    portCallDepth -= 1
  }
}

/** A frame, and the connection that it arrived on. */
export interface ReceivedFrame {
  readonly from: ConnectionId
  readonly parts: readonly Buffer[]
}

/** A binding that records its callbacks. */
export class TestBinding extends CallbackLog {
  readonly frames: ReceivedFrame[] = []
  readonly disconnected: ConnectionId[] = []
  readonly requestedEndpoint: string
  endpoint = ''
  error: (Error & { readonly code?: string | undefined }) | undefined
  closed = 0
  /** Called inside the callback of each frame. */
  onFrame: ((received: ReceivedFrame) => void) | undefined
  readonly #binding: Binding

  constructor(transport: Transport, endpoint: string, limits: BindOptions = LIMITS) {
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

  /** Closes, and waits for `closed`. */
  close(lingerMs = 0): Promise<void> {
    insidePortCall(() => this.#binding.close(lingerMs))
    return this.waitUntil(() => this.closed > 0)
  }
}

/** A connection that records its callbacks. */
export class TestConnection extends CallbackLog {
  readonly frames: Buffer[][] = []
  readonly endpoint: string
  opened = 0
  closed = 0
  reason = ''
  /** The code of the error that it closed with. */
  code: string | undefined
  /** Called inside the callback of each frame. */
  onFrame: ((parts: readonly Buffer[]) => void) | undefined
  readonly #connection: Connection

  constructor(transport: Transport, endpoint: string, limits: ConnectOptions = LIMITS) {
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
        closed: (reason, error) => {
          this.closed += 1
          this.reason = reason
          this.code = error?.code
          this.record('closed')
        },
      }),
    )
  }

  send(...parts: Uint8Array[]): void {
    insidePortCall(() => this.#connection.send(parts))
  }

  /** Closes, and waits for `closed`. */
  close(lingerMs = 0): Promise<void> {
    insidePortCall(() => this.#connection.close(lingerMs))
    return this.waitUntil(() => this.closed > 0)
  }
}

/** Binds, and waits for `bound`. */
export async function bindTo(
  transport: Transport,
  at: string,
  limits: BindOptions = LIMITS,
): Promise<TestBinding> {
  const binding = new TestBinding(transport, at, limits)
  await binding.waitUntil(() => binding.endpoint !== '' || binding.error !== undefined)
  if (binding.error !== undefined) throw binding.error
  return binding
}

/** Connects, and waits for `opened`. */
export async function dialTo(
  transport: Transport,
  to: string,
  limits: ConnectOptions = LIMITS,
): Promise<TestConnection> {
  const connection = new TestConnection(transport, to, limits)
  await connection.waitUntil(() => connection.opened > 0 || connection.closed > 0)
  if (connection.closed > 0) throw new Error(connection.reason)
  return connection
}

/** Returns an endpoint that was just released. */
export async function unusedEndpoint(transport: Transport, at: string): Promise<string> {
  const binding = await bindTo(transport, at)
  await binding.close()
  return binding.endpoint
}

/** Sends a frame. Resolves with the id of the connection when the frame has arrived. */
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

/** The number `n`, followed by `extraBytes` bytes. */
export function numberedBytes(n: number, extraBytes: number): Buffer {
  const bytes = Buffer.alloc(4 + extraBytes, n % 256)
  bytes.writeUInt32BE(n)
  return bytes
}

function copyOf(frame: Frame): Buffer[] {
  return frame.map((part) => Buffer.from(part))
}
