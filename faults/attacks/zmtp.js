/**
 * ZMTP 3.1 by hand: a client on a TCP socket that says what a socket of ZeroMQ would not.
 *
 * The mechanism is NULL; `curve.js` adds CURVE. See RFC 37 of ZeroMQ.
 */
import { connect } from 'node:net'

const GREETING_BYTES = 64
const MORE = 1
const LONG = 2
const COMMAND = 4

/** The greeting: signature, version, mechanism, as-server flag, padding. */
export function greeting(mechanism = 'NULL') {
  const bytes = Buffer.alloc(GREETING_BYTES)
  bytes.write('ff00000000000000017f0301', 'hex')
  bytes.write(mechanism, 12, 'latin1')
  return bytes
}

/** A frame as ZMTP writes it: flags, a length of 1 or 8 bytes, and the body. */
function frame(flags, body) {
  if (body.length < 256) return Buffer.concat([Buffer.from([flags, body.length]), body])
  const head = Buffer.alloc(9)
  head[0] = flags | LONG
  head.writeBigUInt64BE(BigInt(body.length), 1)
  return Buffer.concat([head, body])
}

/** A part of a message; `more` announces another one. */
export function part(body, more = false) {
  return frame(more ? MORE : 0, Buffer.from(body))
}

/** A whole message. */
export function message(parts) {
  return Buffer.concat(parts.map((body, at) => part(body, at < parts.length - 1)))
}

/** A command, such as READY or PING. */
export function command(name, body = Buffer.alloc(0)) {
  return frame(COMMAND, Buffer.concat([Buffer.from([name.length]), Buffer.from(name), body]))
}

/** The properties of READY: a name with a length of 1 byte, a value with one of 4 bytes. */
export function properties(values) {
  return Buffer.concat(
    Object.entries(values).flatMap(([name, value]) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(Buffer.byteLength(value))
      return [Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]
    }),
  )
}

/** READY, with the routing id that the client claims, if any. */
export function ready({ socketType = 'DEALER', identity = '' } = {}) {
  return command('READY', properties({ 'Socket-Type': socketType, Identity: identity }))
}

/** Divides what arrives after the greeting into frames. */
export class FrameReader {
  #bytes = Buffer.alloc(0)

  /** Returns the frames that are complete: `{ isCommand, more, body }`. */
  push(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    const frames = []
    for (;;) {
      const isLong = (this.#bytes[0] & LONG) !== 0
      const head = isLong ? 9 : 2
      if (this.#bytes.length < head) return frames
      const length = isLong ? Number(this.#bytes.readBigUInt64BE(1)) : this.#bytes[1]
      if (this.#bytes.length < head + length) return frames
      const flags = this.#bytes[0]
      const body = this.#bytes.subarray(head, head + length)
      frames.push({ isCommand: (flags & COMMAND) !== 0, more: (flags & MORE) !== 0, body })
      this.#bytes = this.#bytes.subarray(head + length)
    }
  }
}

/**
 * A connection on which the handshake is done, or has failed: `closed` resolves when the other end
 * has ended it. It answers PING unless `pong` is false.
 */
export class ZmtpClient {
  socket
  closed
  /** Called with the body of each part that arrives. */
  onPart
  /** Called at each PING. */
  onPing
  #pong
  #mechanism

  /** @param mechanism from `nullMechanism` or `curveMechanism` */
  constructor(port, { host = '127.0.0.1', mechanism, pong = true } = {}) {
    this.#mechanism = mechanism
    this.#pong = pong
    this.socket = connect(port, host)
    this.socket.on('error', () => undefined)
    this.socket.setNoDelay(true)
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()))
  }

  /** Does the handshake. Returns false if the other end refused it. */
  async open() {
    const opened = new Promise((resolve) => this.#read(resolve))
    this.socket.write(greeting(this.#mechanism.name))
    return Promise.race([opened, this.closed.then(() => false)])
  }

  /** Sends a message of one or more parts. */
  send(parts) {
    parts.forEach((body, at) => this.sendPart(body, at < parts.length - 1))
  }

  /** Sends a part; the message need never end. Returns false if the socket is full. */
  sendPart(body, more = false) {
    return this.socket.write(this.#mechanism.seal(Buffer.from(body), more))
  }

  /** Sends bytes as they are. Resolves when the socket has room for more. */
  async write(bytes) {
    if (this.socket.write(bytes)) return
    await Promise.race([new Promise((resolve) => this.socket.once('drain', resolve)), this.closed])
  }

  close() {
    this.socket.destroy()
  }

  #read(onOpened) {
    const reader = new FrameReader()
    let greetingBytes = 0
    this.socket.on('data', (bytes) => {
      const head = Math.min(GREETING_BYTES - greetingBytes, bytes.length)
      greetingBytes += head
      if (head > 0 && greetingBytes === GREETING_BYTES) this.socket.write(this.#mechanism.hello())
      for (const sealed of reader.push(bytes.subarray(head))) {
        // CURVE seals everything after the handshake, and the kind of each frame with it.
        const { isCommand, body } = sealed.isCommand ? sealed : this.#mechanism.open(sealed.body)
        if (!isCommand) this.onPart?.(body)
        else if (this.#onCommand(body)) onOpened(true)
      }
    })
  }

  /** Answers a command. Returns true when the handshake is done. */
  #onCommand(bytes) {
    const nameLength = bytes[0]
    const name = bytes.toString('latin1', 1, 1 + nameLength)
    const body = bytes.subarray(1 + nameLength)
    if (name === 'PING') {
      this.onPing?.()
      // PING has a time of 2 bytes, and a context that PONG returns.
      const pong = Buffer.concat([Buffer.from('\x04PONG'), body.subarray(2)])
      if (this.#pong) this.socket.write(this.#mechanism.sealCommand(pong))
      return false
    }
    if (name === 'ERROR') this.socket.destroy()
    const answer = this.#mechanism.onCommand(name, body)
    if (answer !== undefined) this.socket.write(answer)
    return name === 'READY'
  }
}

/** Creates the mechanism without security. */
export function nullMechanism(claims = {}) {
  return {
    name: 'NULL',
    hello: () => ready(claims),
    onCommand: () => undefined,
    seal: part,
    open: (body) => ({ isCommand: false, body }),
    sealCommand: (body) => frame(COMMAND, body),
  }
}
