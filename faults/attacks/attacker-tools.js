/** What attacks are made of: connections, greetings, proofs, sessions, and a listener. */
import { Context, Dealer, Router } from 'zeromq'
import { createHmac, randomBytes } from 'node:crypto'
import { ZmtpClient, nullMechanism } from './zmtp.js'
import { encodeDataFrame } from '../../dist/protocol/wire/data-frame.js'
import { encodeFrame } from '../../dist/protocol/wire/encode-frame.js'
import { decodeFrame } from '../../dist/protocol/wire/decode-frame.js'
import { formatKey } from '../../dist/keys/key-text.js'
import { keyPairOf, privateKeyObject, x25519 } from '../../dist/keys/x25519.js'
import { messagePack } from '../../dist/codec/message-pack.js'
import { prove } from '../../dist/protocol/proof.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeEntryHeader } from '../../dist/protocol/wire/entry.js'
import { curveMechanism } from './curve.js'

const ANSWER_MS = 2_000
const OPEN_MS = 3_000
const ENTRY_HEADER_BYTES = 13
const FEATURES = 3
const ENDPOINT = 'tcp://127.0.0.1:9'
const CREDIT = 8 * 2 ** 20

/** Thrown where the other end lets the attacker get no further: a connection or a session. */
export class Refused extends Error {}

/** The tools of one attacker. */
export class Attacker {
  settings
  pids
  /** Whether it hits the bare ROUTER, which answers nothing. */
  isControl
  random = Math.random
  #pair
  #context = new Context({ blocky: false, maxSockets: 8_000 })
  #counts = {}
  #errors = new Map()
  #endMs = 0
  #open = new Set()
  #attempts = 0

  constructor(settings) {
    this.settings = settings
    this.pids = settings.pids
    this.isControl = settings.isControl
    const { secretKey } = settings
    const isOutsider = settings.isKeyed && secretKey === undefined
    if (settings.isKeyed) {
      this.#pair = keyPairOf(isOutsider ? randomBytes(32) : Buffer.from(secretKey, 'hex'))
    }
    this.isOutsider = isOutsider
  }

  start(seconds) {
    this.#endMs = performance.now() + seconds * 1_000
  }

  get over() {
    return performance.now() >= this.#endMs
  }

  /** Waits, at most until the time is over. */
  async wait(ms) {
    await sleep(Math.max(0, Math.min(ms, this.#endMs - performance.now())))
  }

  /** Waits until the time is over. */
  async untilOver() {
    await this.wait(Infinity)
  }

  count(what, by = 1) {
    this.#counts[what] = (this.#counts[what] ?? 0) + by
  }

  failed(error) {
    const message = String(error?.message ?? error).slice(0, 100)
    if (this.#errors.size < 10) this.#errors.set(message, (this.#errors.get(message) ?? 0) + 1)
  }

  report() {
    return { ...this.#counts, errors: Object.fromEntries(this.#errors) }
  }

  /** Remembers what is closed at the end of the attempt. */
  holds(end) {
    this.#open.add(end)
    return end
  }

  closeAll() {
    for (const end of this.#open) end.close()
    this.#open.clear()
  }

  /** Outsiders try without keys and with keys of their own, in turn. */
  mechanism(claims) {
    if (!this.settings.isKeyed) return nullMechanism(claims)
    if (this.isOutsider && this.#attempts++ % 2 === 0) return nullMechanism(claims)
    const { secretKey } = this.#pair
    return curveMechanism({ secretKey, serverKey: this.#serverKey() }, claims)
  }

  /** Opens a connection that speaks ZMTP by hand. Throws `Refused`. */
  async raw({ claims, pong = true } = {}) {
    const { port } = this.settings
    const client = this.holds(new ZmtpClient(port, { mechanism: this.mechanism(claims), pong }))
    const opened = await Promise.race([client.open(), sleep(OPEN_MS, false)])
    if (opened) return client
    client.close()
    this.#open.delete(client)
    this.count('refused')
    throw new Refused('the handshake failed')
  }

  /** Opens a connection of ZeroMQ. Throws `Refused`. @param mark how many unread frames it holds */
  async connect(mark = 1_000) {
    const link = this.holds(new FrameLink(this.#dealer(mark), this.settings.port))
    const opened = await Promise.race([link.opened, sleep(OPEN_MS, false)])
    if (opened) return link
    link.close()
    this.#open.delete(link)
    this.count('refused')
    throw new Refused('the handshake failed')
  }

  #dealer(mark) {
    return new Dealer({
      context: this.#context,
      linger: 0,
      sendTimeout: 500,
      sendHighWaterMark: 64,
      receiveHighWaterMark: mark,
      reconnectInterval: 2 ** 30,
      handshakeInterval: 2_000,
      ...(this.#pair === undefined
        ? {}
        : {
            curveServerKey: this.settings.serverKey,
            curvePublicKey: formatKey(this.#pair.publicKey),
            curveSecretKey: formatKey(this.#pair.secretKey),
          }),
    })
  }

  #serverKey() {
    return Buffer.from(this.settings.serverKeyHex, 'hex')
  }

  offer(pid = this.pids.attacker, more = {}) {
    return { pid, incarnation: randomBytes(8).toString('hex'), epoch: 1, settled: 0, ...more }
  }

  hello(offers, more = {}) {
    return encodeFrame({
      type: 'hello',
      version: 2,
      nonce: nonce(),
      cluster: this.settings.cluster,
      to: this.pids.victim,
      features: FEATURES,
      endpoint: ENDPOINT,
      keyed: this.#pair !== undefined,
      offers,
      ...more,
    })
  }

  /**
   * Says HELLO without nodes, so that `join` can offer them. Throws `Refused`.
   *
   * @returns the CHALLENGE; undefined without keys
   */
  async greet(link) {
    link.send([this.hello([])])
    if (this.isControl) return undefined
    const answer = await link.next((frame) => frame.type !== 'pong', ANSWER_MS)
    if (answer === undefined || answer.type === 'refused') throw new Refused('no answer to HELLO')
    return answer.type === 'challenge' ? answer : undefined
  }

  /** Returns a frame that offers sessions: PROOF after a CHALLENGE, or JOIN. */
  join(offers, challenge) {
    const name = nonce()
    if (challenge === undefined) return encodeFrame({ type: 'join', nonce: name, offers })
    const recipient = {
      cluster: this.settings.cluster,
      challenge: challenge.challenge,
      to: challenge.pid,
      toIncarnation: challenge.incarnation,
    }
    const proven = offers.map((one) => prove(this.#keys, one, challenge.publicKey, recipient))
    return encodeFrame({ type: 'proof', nonce: name, offers: proven })
  }

  get #keys() {
    const secret = privateKeyObject(this.#pair.secretKey)
    return {
      pair: this.#pair,
      sharedSecret: (key) => x25519(secret, key),
      mac: (key, message) => createHmac('sha256', key).update(message).digest(),
    }
  }

  /**
   * Opens a session of a pid. Throws `Refused`.
   *
   * @returns `{ link, challenge, session }`; in the control run the session is made up
   */
  async session({ reads = true, pid, ...more } = {}) {
    const link = await this.connect(reads ? 1_000 : 1)
    const challenge = await this.greet(link)
    const offer = this.offer(pid, more)
    link.send([this.join([offer], challenge)])
    let report = { epoch: offer.epoch, toEpoch: 1, received: 0 }
    if (!this.isControl) {
      const answer = await link.next(
        ({ type }) => type === 'welcome' || type === 'refused',
        ANSWER_MS,
      )
      if (answer?.type !== 'welcome') throw new Refused(answer?.reason ?? 'no answer')
      report = answer.sessions[0] ?? report
    }
    if (!reads) link.stopReading()
    const session = new AttackSession(link, offer, report)
    return { link, challenge, session }
  }

  /** Listens as a node at its address: answers HELLO and PROOF, and welcomes. */
  async listen(handler = {}) {
    const pair = this.#pair
    const router = new Router({
      context: this.#context,
      linger: 0,
      sendTimeout: 200,
      mandatory: true,
      sendHighWaterMark: 50_000,
      receiveHighWaterMark: 256,
      ...(pair === undefined
        ? {}
        : { curveServer: true, curveSecretKey: formatKey(pair.secretKey) }),
    })
    await router.bind(`tcp://127.0.0.1:${this.settings.listenPort}`)
    const listener = new AttackListener(this, router, pair?.publicKey, handler)
    return this.holds(listener)
  }
}

/** A DEALER of one connection. */
class FrameLink {
  opened
  closed = false
  #dealer
  #waiting
  #reading = true
  #last = Promise.resolve()

  constructor(dealer, port) {
    this.#dealer = dealer
    this.opened = new Promise((resolve) => {
      dealer.events.on('handshake', () => resolve(true))
      for (const name of [
        'handshake:error:auth',
        'handshake:error:protocol',
        'disconnect',
        'close',
      ])
        dealer.events.on(name, () => {
          this.closed = true
          resolve(false)
        })
    })
    dealer.connect(`tcp://127.0.0.1:${port}`)
    void this.#read()
  }

  /** Sends a frame after those before it. Resolves when there is room for more. */
  send(parts) {
    this.#last = this.#last.then(() => this.#dealer.send(parts)).catch(() => undefined)
    return this.#last
  }

  /** Returns the next frame that fits; undefined where none comes in time. */
  next(fits, ms) {
    return Promise.race([
      new Promise((resolve) => (this.#waiting = { fits, resolve })),
      sleep(ms, undefined),
    ])
  }

  /** What arrives from now on stays in ZeroMQ, up to its mark, and then in the kernel. */
  stopReading() {
    this.#reading = false
  }

  close() {
    this.closed = true
    this.#dealer.close()
  }

  async #read() {
    try {
      while (this.#reading) {
        const parts = await this.#dealer.receive()
        if (this.#waiting === undefined) continue
        const frame = decodeFrame(parts)
        if (!this.#waiting.fits(frame)) continue
        const { resolve } = this.#waiting
        this.#waiting = undefined
        resolve(frame)
      }
    } catch {
      this.closed = true
    }
  }
}

const codec = messagePack({ maxMessageValues: 2 ** 31 })

/** Writes the DATA of a session. */
class AttackSession {
  first
  #link
  #offer
  #report

  constructor(link, offer, report) {
    this.#link = link
    this.#offer = offer
    this.#report = report
    this.first = report.received + 1
  }

  get ref() {
    return { pid: this.#offer.pid, epoch: this.#offer.epoch }
  }

  /** Sends messages. */
  send(...messages) {
    return this.sendBodies(messages.map((msg) => bodyOf(msg)))
  }

  /** Sends bodies that are MessagePack, or are not. */
  sendBodies(bodies) {
    const { first } = this
    this.first += bodies.length
    return this.#link.send(encodeDataFrame([this.batch(bodies, first)]))
  }

  /** Returns a batch whose first entry has any number. */
  batch(bodies, first, more = {}) {
    const entries = bodies.map((body, index) => entryOf(body, first + index))
    const inlineSize = entries.reduce((sum, { end }) => sum + end, 0)
    const { pid, epoch } = this.#offer
    return {
      pid,
      epoch,
      toEpoch: this.#report.toEpoch,
      settled: first - 1,
      first,
      entries,
      inlineSize,
      separateParts: 0,
      urgent: false,
      ...more,
    }
  }
}

/** Returns the MessagePack of a message. */
export function bodyOf(msg) {
  const { memory, start, end } = codec.encode(msg, 0)
  return Buffer.from(memory.subarray(start, end))
}

/** Returns an entry with its body in the first part, whatever its size. */
function entryOf(body, msgId) {
  const memory = Buffer.alloc(ENTRY_HEADER_BYTES + body.length)
  writeEntryHeader(memory, 0, memory.length, { msgId, isError: false })
  memory[4] = 0
  memory.set(body, ENTRY_HEADER_BYTES)
  return { memory, start: 0, end: memory.length }
}

/** A ROUTER that welcomes every caller, and then does what the attack wants. */
class AttackListener {
  incarnation = randomBytes(8).toString('hex')
  /** The callers: routing id, and the report of the session. */
  callers = new Map()
  #attacker
  #router
  #publicKey
  #handler
  #last = Promise.resolve()
  #reading = true

  constructor(attacker, router, publicKey, handler) {
    this.#attacker = attacker
    this.#router = router
    this.#publicKey = publicKey
    this.#handler = handler
    void this.#read()
  }

  send(id, frame) {
    this.#last = this.#last.then(() => this.#router.send([id, frame])).catch(() => undefined)
    return this.#last
  }

  /** Sends an ACK. @param more changes the report of the caller */
  ack({ id, report }, more = {}) {
    return this.send(id, encodeFrame({ type: 'ack', sessions: [{ ...report, ...more }] }))
  }

  welcome({ id, report }, more = {}) {
    return this.send(id, welcomeFrame(more.nonce ?? 0, this, report, more, this.#attacker.pids))
  }

  stopReading() {
    this.#reading = false
  }

  /** Waits for a caller whose session is welcomed. Throws `Refused`. */
  async caller() {
    const endMs = performance.now() + OPEN_MS
    while (performance.now() < endMs) {
      const caller = [...this.callers.values()].find(({ report }) => report !== undefined)
      if (caller !== undefined) return caller
      await sleep(10)
    }
    this.#attacker.count('refused')
    throw new Refused('nobody called')
  }

  close() {
    this.#router.close()
  }

  async #read() {
    try {
      while (this.#reading) this.#onMessage(await this.#router.receive())
    } catch {
      // It is closed.
    }
  }

  #onMessage([id, ...parts]) {
    const key = id.toString('hex')
    if (this.#attacker.isControl) {
      const caller = { id, report: reportOf(this.#attacker.pids.victim, 1) }
      if (!this.callers.has(key)) this.callers.set(key, caller)
      return
    }
    let frame
    try {
      frame = decodeFrame(parts)
    } catch {
      return
    }
    const { type } = frame
    const caller = this.callers.get(key) ?? { id }
    this.callers.set(key, caller)
    if (type === 'hello' && frame.keyed) void this.send(id, this.#challenge(frame))
    else if (type === 'hello' || type === 'join' || type === 'proof') this.#welcome(caller, frame)
    else if (type === 'ping') void this.send(id, encodeFrame({ type: 'pong', token: frame.token }))
    this.#handler.frame?.(this, caller, frame)
  }

  #challenge({ nonce: name }) {
    const { incarnation } = this
    const challenge = new Uint8Array(16)
    const pid = this.#attacker.pids.attacker
    const publicKey = this.#publicKey
    return encodeFrame({ type: 'challenge', nonce: name, pid, incarnation, publicKey, challenge })
  }

  #welcome(caller, { nonce: name, offers }) {
    const [offer] = offers
    if (offer !== undefined) caller.report = reportOf(offer.pid, offer.epoch)
    this.#attacker.count('accepted')
    const { id, report } = caller
    void this.send(id, welcomeFrame(name, this, report, {}, this.#attacker.pids))
  }
}

function reportOf(pid, epoch) {
  const numbers = { toEpoch: 1, settled: 0, received: 0, credit: CREDIT, replyCredit: CREDIT }
  return { pid, epoch, ...numbers, gap: false, rejections: [] }
}

function welcomeFrame(name, { incarnation }, report, more, pids) {
  const limits = { maxMessageBytes: 16 * 2 ** 20, maxMessageValues: 65_536 }
  return encodeFrame({
    type: 'welcome',
    nonce: name,
    pid: pids.attacker,
    incarnation,
    features: FEATURES,
    ...limits,
    sessions: report === undefined ? [] : [report],
    ...more,
  })
}

/** Returns a nonce that is not 0. */
export function nonce() {
  return 1 + Math.floor(Math.random() * 2 ** 48)
}
