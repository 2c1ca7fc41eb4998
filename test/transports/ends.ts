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
class Ear {
  readonly told: string[] = []
  readonly #waiting = new Set<() => void>()

  /** Notes a callback; those that come from inside a call of the port are noted as such. */
  hear(word: string): void {
    this.told.push(depth === 0 ? word : `${word} (from inside a call)`)
    for (const wake of this.#waiting) wake()
  }

  /** Waits until `condition` holds. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        if (!condition()) return
        this.#waiting.delete(wake)
        resolve()
      }
      this.#waiting.add(wake)
    })
  }
}

/** How deep we are in calls of the port. */
let depth = 0

function calling<T>(call: () => T): T {
  depth += 1
  try {
    return call()
  } finally {
    depth -= 1
  }
}

/** A frame that came in over a connection. */
export interface Letter {
  readonly from: ConnectionId
  readonly parts: readonly Buffer[]
}

/** A binding and what it was told. */
export class Office extends Ear {
  readonly letters: Letter[] = []
  readonly gone: ConnectionId[] = []
  readonly asked: string
  endpoint = ''
  error: (Error & { readonly code?: string | undefined }) | undefined
  closed = 0
  /** What is done with each frame, at once. */
  answer: ((letter: Letter) => void) | undefined
  readonly #binding: Binding

  constructor(transport: Transport, endpoint: string, limits = LIMITS) {
    super()
    this.asked = endpoint
    this.#binding = calling(() =>
      transport.bind(endpoint, limits, {
        bound: (at) => {
          this.endpoint = at
          this.hear('bound')
        },
        failed: (error) => {
          this.error = error
          this.hear('failed')
        },
        frame: (from, frame) => {
          const letter = { from, parts: copyOf(frame) }
          this.letters.push(letter)
          this.answer?.(letter)
          this.hear('frame')
        },
        gone: (connection) => {
          this.gone.push(connection)
          this.hear('gone')
        },
        closed: () => {
          this.closed += 1
          this.hear('closed')
        },
      }),
    )
  }

  send(to: ConnectionId, ...parts: Uint8Array[]): void {
    calling(() => this.#binding.send(to, parts))
  }

  /** Closes, and waits until that is done. */
  close(lingerMs = 0): Promise<void> {
    calling(() => this.#binding.close(lingerMs))
    return this.until(() => this.closed > 0)
  }
}

/** A connection and what it was told. */
export class Call extends Ear {
  readonly frames: Buffer[][] = []
  readonly endpoint: string
  opened = 0
  closed = 0
  reason = ''
  /** What is done with each frame, at once. */
  answer: ((parts: readonly Buffer[]) => void) | undefined
  readonly #connection: Connection

  constructor(transport: Transport, endpoint: string, limits = LIMITS) {
    super()
    this.endpoint = endpoint
    this.#connection = calling(() =>
      transport.connect(endpoint, limits, {
        opened: () => {
          this.opened += 1
          this.hear('opened')
        },
        frame: (frame) => {
          const parts = copyOf(frame)
          this.frames.push(parts)
          this.answer?.(parts)
          this.hear('frame')
        },
        closed: (reason) => {
          this.closed += 1
          this.reason = reason
          this.hear('closed')
        },
      }),
    )
  }

  send(...parts: Uint8Array[]): void {
    calling(() => this.#connection.send(parts))
  }

  /** Hangs up, and waits until that is done. */
  close(lingerMs = 0): Promise<void> {
    calling(() => this.#connection.close(lingerMs))
    return this.until(() => this.closed > 0)
  }
}

/** A bound office. */
export async function open(transport: Transport, at: string, limits = LIMITS): Promise<Office> {
  const office = new Office(transport, at, limits)
  await office.until(() => office.endpoint !== '' || office.error !== undefined)
  if (office.error !== undefined) throw office.error
  return office
}

/** An opened call. */
export async function dial(transport: Transport, to: string, limits = LIMITS): Promise<Call> {
  const call = new Call(transport, to, limits)
  await call.until(() => call.opened > 0 || call.closed > 0)
  if (call.closed > 0) throw new Error(call.reason)
  return call
}

/** An address where somebody listened a moment ago, and nobody does now. */
export async function vacant(transport: Transport, at: string): Promise<string> {
  const office = await open(transport, at)
  await office.close()
  return office.endpoint
}

/** Says hello. Resolves with the name of the connection, once it has arrived. */
export async function hello(office: Office, call: Call): Promise<ConnectionId> {
  const before = office.letters.length
  call.send(text('hello'))
  await office.until(() => office.letters.length > before)
  return office.letters[before]!.from
}

/** Text as bytes. */
export function text(words: string): Buffer {
  return Buffer.from(words)
}

/** `n`, in front of so many more bytes. */
export function numbered(n: number, more: number): Buffer {
  const bytes = Buffer.alloc(4 + more, n % 256)
  bytes.writeUInt32BE(n)
  return bytes
}

function copyOf(frame: Frame): Buffer[] {
  return frame.map((part) => Buffer.from(part))
}
