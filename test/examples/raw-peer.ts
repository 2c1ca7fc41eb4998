/** Frames and bare sockets, for tests that play the other end of a link. */
import { Dealer, Router } from 'zeromq'

const uint = (bytes: number) => (value: number) =>
  Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex')
export const [u8, u16, u32, u64] = [uint(1), uint(2), uint(4), uint(8)] as const
export const text = (value: string): Buffer =>
  Buffer.concat([u16(value.length), Buffer.from(value)])
export const hexBytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
export const frame = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields)

/** Headers and error replies. */
export const FEATURES = 3
export const INCARNATION = 'aaaaaaaaaaaaaaaa'

interface OfferFields {
  readonly version?: number
  readonly nonce?: number
  readonly cluster?: string
  readonly to?: number
  readonly pids?: readonly number[]
  readonly incarnation?: string
  readonly epoch?: number
  readonly settled?: number
  /** Flags of HELLO. */
  readonly flags?: number
}

function sessionOffers({
  pids = [1],
  incarnation = INCARNATION,
  epoch = 1,
  settled = 0,
}: OfferFields): Buffer {
  const offers = pids.map((pid) => frame(u32(pid), hexBytes(incarnation), u32(epoch), u64(settled)))
  return frame(u16(pids.length), ...offers)
}

export function hello(offer: OfferFields = {}): Buffer {
  const { version = 2, nonce = 7, cluster = 'default', to = 2, flags = 0 } = offer
  const head = [u8(1), u16(version), u64(nonce), text(cluster), u32(to), u32(FEATURES)]
  return frame(...head, text(''), u8(flags), sessionOffers(offer))
}

export const join = (offer: OfferFields = {}): Buffer =>
  frame(u8(2), u64(offer.nonce ?? 8), sessionOffers(offer))

export const leave = (pid: number, epoch: number): Buffer =>
  frame(u8(3), u16(1), u32(pid), u32(epoch))
export const ping = (token: number, report = 1): Buffer => frame(u8(8), u64(token), u8(report))
export const pong = (token: number): Buffer => frame(u8(9), u64(token))

/** DATA of node 1 in its first epoch, with one batch; `msgId` of an entry is its sequence. */
export function data(
  toEpoch: number,
  first: number,
  bodies: readonly (string | number)[],
  settled = 0,
): Buffer {
  const entries = bodies.map((body, index) => {
    const bytes = typeof body === 'number' ? u8(body) : hexBytes(body)
    return frame(u32(bytes.length), u8(0), u64(first + index), bytes)
  })
  return frame(u8(6), batch(toEpoch, first, settled, frame(...entries), bodies.length))
}

/** A batch of encoded entries, which may be malformed. */
export function batch(
  toEpoch: number,
  first: number,
  settled: number,
  entries: Buffer,
  count = 1,
  parts = 0,
): Buffer {
  const session = [u32(1), u32(1), u32(toEpoch), u64(settled), u64(first)]
  return frame(...session, u32(count), u32(entries.length), u32(parts), u8(1), entries)
}

/** Reads a frame field by field. */
export class FieldReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  uint(bytes: number): number {
    this.#at += bytes
    return Number(`0x${this.#bytes.toString('hex', this.#at - bytes, this.#at)}`)
  }

  /** Reads numbers of these sizes, in bytes. */
  uints(...sizes: readonly number[]): number[] {
    return sizes.map((size) => this.uint(size))
  }

  hex(bytes: number): string {
    this.#at += bytes
    return this.#bytes.toString('hex', this.#at - bytes, this.#at)
  }

  text(): string {
    return Buffer.from(this.hex(this.uint(2)), 'hex').toString()
  }

  report() {
    const [pid, epoch, toEpoch, settled, received] = this.uints(4, 4, 4, 8, 8)
    const [credit, replyCredit] = this.uints(4, 4)
    const gap = this.uint(1)
    const rejections = Array.from({ length: this.uint(4) }, () => {
      const [sequence, reason] = this.uints(8, 1)
      return { sequence, reason, detail: this.text() }
    })
    return { pid, epoch, toEpoch, settled, received, credit, replyCredit, gap, rejections }
  }
}

const [FINAL_STATE, TRUE_PID] = [1, 2]

/** Decodes the fields of a listener frame that the tests check. */
export function listenerFrame(bytes: Buffer) {
  const fields = new FieldReader(bytes)
  const type = fields.uint(1)
  if (type === 5) {
    const nonce = fields.uint(8)
    // In every version: all nodes as a u32, then the reason 1.
    const isWrongVersion = bytes.toString('hex', 9, 14) === 'ffffffff01'
    if (isWrongVersion) fields.uint(4)
    const reason = fields.uint(1)
    const detail = fields.text()
    const flags = fields.uint(1)
    const count = isWrongVersion ? 0 : fields.uint(2)
    const pids = Array.from({ length: count }, () => fields.uint(4))
    const truePid = (flags & TRUE_PID) === 0 ? undefined : fields.uint(4)
    return { type, nonce, pids, reason, detail, truePid, hasFinalState: flags & FINAL_STATE }
  }
  if (type === 8 || type === 9) return { type, token: fields.uint(8) }
  if (type === 4) {
    const [nonce, pid] = fields.uints(8, 4)
    const incarnation = fields.hex(8)
    const [features] = fields.uints(4, 4, 4)
    const reports = Array.from({ length: fields.uint(2) }, () => fields.report())
    return { type, nonce, pid, incarnation, features, reports }
  }
  if (type !== 7 && type !== 10) return { type }
  return { type, reports: Array.from({ length: fields.uint(2) }, () => fields.report()) }
}

/** A caller without a protocol. */
export class RawCaller {
  readonly #dealer = new Dealer({ linger: 0, receiveTimeout: 5_000 })

  constructor(endpoint: string) {
    this.#dealer.connect(endpoint)
  }

  async send(...frames: readonly Buffer[]): Promise<void> {
    for (const one of frames) await this.#dealer.send(one)
  }

  async receive(): Promise<ReturnType<typeof listenerFrame>> {
    const [bytes] = await this.#dealer.receive()
    return listenerFrame(bytes as Buffer)
  }

  /** Sends a frame and returns the next one. */
  async exchange(callerFrame: Buffer): Promise<ReturnType<typeof listenerFrame>> {
    await this.send(callerFrame)
    return this.receive()
  }

  close(): void {
    this.#dealer.close()
  }
}

/** Decodes the fields of a caller frame that the tests check, with one session offer. */
function callerFrame(bytes: Buffer) {
  const fields = new FieldReader(bytes)
  const type = fields.uint(1)
  if (type === 1) {
    const [version, nonce] = fields.uints(2, 8)
    const cluster = fields.text()
    const [to, features] = fields.uints(4, 4)
    const endpoint = fields.text()
    const [flags, count, pid] = fields.uints(1, 2, 4)
    const node = { pid, incarnation: fields.hex(8), epoch: fields.uint(4), settled: fields.uint(8) }
    return { type, version, nonce, cluster, to, features, endpoint, flags, count, ...node }
  }
  if (type === 2) {
    const [nonce, count, pid] = fields.uints(8, 2, 4)
    return { type, nonce, count, pid, incarnation: fields.hex(8), epoch: fields.uint(4) }
  }
  if (type === 6) {
    const [pid, epoch, toEpoch, settled, first, count] = fields.uints(4, 4, 4, 8, 8, 4)
    return { type, pid, epoch, toEpoch, settled, first, count }
  }
  if (type !== 8) return { type }
  const [token, reports] = fields.uints(8, 1)
  return { type, token, reports }
}

/** A listener without a protocol, for one caller at a time. */
export class RawListener {
  readonly #router = new Router({ linger: 0, receiveTimeout: 5_000 })
  #caller: Buffer | undefined

  /** Returns the bound endpoint. */
  async bind(endpoint = 'tcp://127.0.0.1:0'): Promise<string> {
    await this.#router.bind(endpoint)
    return this.#router.lastEndpoint as string
  }

  async receive() {
    const [caller, bytes] = await this.#router.receive()
    this.#caller = caller as Buffer
    return callerFrame(bytes as Buffer)
  }

  /** Returns the next frame of this type and skips others. */
  async receiveType(type: number) {
    for (;;) {
      const one = await this.receive()
      if (one.type === type) return one
    }
  }

  async send(...frames: readonly Buffer[]): Promise<void> {
    for (const one of frames) await this.#router.send([this.#caller as Buffer, one])
  }

  close(): void {
    this.#router.close()
  }
}

interface ReportFields {
  readonly epoch?: number
  readonly toEpoch?: number
  readonly settled?: number
  readonly received?: number
  readonly credit?: number
  readonly replyCredit?: number
  readonly gap?: number
  readonly rejected?: number
}

/** A report about node 2. */
export function report(reportFields: ReportFields = {}): Buffer {
  const {
    epoch = 1,
    toEpoch = 4,
    settled = 0,
    received = settled,
    credit = 1_000,
    replyCredit = credit,
    gap = 0,
  } = reportFields
  const session = [u32(2), u32(epoch), u32(toEpoch), u64(settled), u64(received)]
  const head = [...session, u32(credit), u32(replyCredit), u8(gap)]
  if (reportFields.rejected === undefined) return frame(...head, u32(0))
  return frame(...head, u32(1), u64(reportFields.rejected), u8(0), text('no idea'))
}

export const ack = (reportFields: ReportFields = {}): Buffer =>
  frame(u8(7), u16(1), report(reportFields))

export function welcome(
  nonce: number,
  reportFields: ReportFields = {},
  incarnation = INCARNATION,
  features = FEATURES,
): Buffer {
  const limits = [u32(10_000), u32(100)]
  const head = [u8(4), u64(nonce), u32(1), hexBytes(incarnation), u32(features), ...limits]
  return frame(...head, u16(1), report(reportFields))
}

/** REFUSED of these nodes, or of all for none. */
export function refused(
  nonce: number,
  pids: readonly number[],
  reason: number,
  finalState?: Buffer,
): Buffer {
  const flags = finalState === undefined ? 0 : FINAL_STATE
  const head = [u8(5), u64(nonce), u8(reason), text('because'), u8(flags)]
  const concerned = [u16(pids.length), ...pids.map((pid) => u32(pid))]
  return frame(...head, ...concerned, finalState ?? Buffer.alloc(0))
}
