/**
 * Answers which keys may connect: the ZAP handler of a context (RFC 27 of ZeroMQ).
 *
 * libzmq asks it in the handshake of each keyed connection, and waits for the answer up to the
 * limit of the handshake. Where nothing answers, nothing is admitted: bindings enforce ZAP.
 */
import type { Router } from 'zeromq'
import { type BindingSecurity, isAdmitted } from '../../ports/connection-security.ts'
import { readFrames } from './read-frames.ts'
import { systemError, toSystemError } from './system-error.ts'

/** Where libzmq looks for the handler of a context. */
export const ZAP_ENDPOINT = 'inproc://zeromq.zap.01'

const ZAP_VERSION = '1.0'
const KEY_BYTES = 32

/** ZAP_DOMAIN takes 255 bytes: this leaves room for the number, and for a character cut in two. */
const NAME_BYTES_MAX = 200

/**
 * The handler of one context. It listens while there are keyed bindings; a context has one at most.
 *
 * A ROUTER, because a REP socket would ask for one answer at a time. A refused key is answered with
 * 400, which reaches the caller at once: 300, for "later", would leave it without an answer until
 * its handshake times out. Callers connect again in either case.
 */
export class ZapHandler {
  readonly #createRouter: () => Router
  readonly #released: (router: Router) => void
  readonly #bindings = new Map<string, BindingSecurity>()
  #nextBinding = 1
  #router: Router | undefined
  /** Opening and closing take turns: an endpoint is free only after it was unbound. */
  #turns: Promise<void> = Promise.resolve()

  /** @param createRouter opens a socket in the context, or throws */
  constructor(createRouter: () => Router, released: (router: Router) => void) {
    this.#createRouter = createRouter
    this.#released = released
  }

  /**
   * Registers a binding before it listens.
   *
   * @returns its ZAP domain, which no other binding of the context has
   * @throws Error, with the code of its cause, where the handler cannot listen
   */
  async add(security: BindingSecurity): Promise<string> {
    const name = Buffer.from(security.domain).subarray(0, NAME_BYTES_MAX).toString()
    const domain = `${this.#nextBinding++} ${name}`
    this.#bindings.set(domain, security)
    try {
      await this.#takeTurn()
    } catch (thrown) {
      this.#bindings.delete(domain)
      const { code = 'EIO', message } = toSystemError(thrown)
      const text = `the ZAP handler, which checks keys, cannot listen: ${message}`
      throw Object.assign(systemError(code, text), { cause: thrown })
    }
    return domain
  }

  /** Forgets a binding that no longer listens. */
  async remove(domain: string): Promise<void> {
    this.#bindings.delete(domain)
    await this.#takeTurn().catch(() => undefined)
  }

  #takeTurn(): Promise<void> {
    const turn = this.#turns.then(() => this.#openOrClose())
    this.#turns = turn.catch(() => undefined)
    return turn
  }

  async #openOrClose(): Promise<void> {
    if (this.#bindings.size > 0) return this.#open()
    const router = this.#router
    this.#router = undefined
    if (router === undefined || router.closed) return
    await router.unbind(ZAP_ENDPOINT).catch(() => undefined)
    this.#close(router)
  }

  async #open(): Promise<void> {
    if (this.#router !== undefined) return
    const router = this.#createRouter()
    try {
      await router.bind(ZAP_ENDPOINT)
    } catch (error) {
      this.#close(router)
      throw error
    }
    this.#router = router
    void this.#answer(router)
  }

  /** If its socket fails, keyed bindings admit nothing until the next one is added. */
  async #answer(router: Router): Promise<void> {
    await readFrames(router, (request) => {
      router.send(this.#reply(request)).catch(() => undefined)
    })
    if (this.#router === router) this.#router = undefined
    this.#close(router)
  }

  #close(router: Router): void {
    router.close()
    this.#released(router)
  }

  /** A request that cannot be read is refused, with what it has as its number. */
  #reply(request: readonly Buffer[]): (Buffer | string)[] {
    const [routingId = '', delimiter = '', version = '', requestId = ''] = request
    const [domain = '', , , mechanism = '', publicKey = Buffer.alloc(0)] = request.slice(4)
    const isReadable =
      String(version) === ZAP_VERSION &&
      String(mechanism) === 'CURVE' &&
      publicKey.length === KEY_BYTES
    const binding = isReadable ? this.#bindings.get(String(domain)) : undefined
    // The application may keep the key: it must not be a view of a buffer of libzmq.
    const admitted = binding !== undefined && isAdmitted(binding, new Uint8Array(publicKey))
    const status = admitted ? ['200', 'OK'] : ['400', 'key not admitted']
    return [routingId, delimiter, ZAP_VERSION, requestId, ...status, '', '']
  }
}
