/** The client of `faults/attacks/` that speaks ZMTP by hand, with types. */
// @ts-expect-error plain JavaScript, as all of `faults/`
import { ZmtpClient as Client, nullMechanism as withoutKeys } from '../../faults/attacks/zmtp.js'
// @ts-expect-error plain JavaScript, as all of `faults/`
import { curveMechanism as withKeys } from '../../faults/attacks/curve.js'

/** What a client claims to be in its handshake. */
export interface Claims {
  readonly socketType?: string
  readonly identity?: Uint8Array
}

declare const mechanism: unique symbol
/** NULL or CURVE, for one connection. */
export interface Mechanism {
  readonly [mechanism]: true
}

export interface ZmtpClient {
  onPart: ((body: Buffer) => void) | undefined
  onPing: (() => void) | undefined
  readonly closed: Promise<void>
  open(): Promise<boolean>
  send(parts: readonly Uint8Array[]): void
  close(): void
}

export const ZmtpClient = Client as new (
  port: number,
  options: { readonly mechanism: Mechanism; readonly pong?: boolean },
) => ZmtpClient

export const nullMechanism = withoutKeys as (claims?: Claims) => Mechanism

export const curveMechanism = withKeys as (
  keys: { readonly secretKey: Uint8Array; readonly serverKey: Uint8Array },
  claims?: Claims,
) => Mechanism
