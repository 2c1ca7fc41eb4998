/** A transport that can be killed like a process: it sends no BYE or LEAVE, and receives nothing more. */
import type { Transport } from '../../src/ports/transport.ts'

export class Killable implements Transport {
  readonly name = 'killable'
  killed = false
  readonly #inner: Transport
  readonly #open = new Set<{ close(lingerMs: number): void }>()

  constructor(inner: Transport) {
    this.#inner = inner
  }

  readonly bind: Transport['bind'] = (endpoint, options, listener) => {
    const binding = this.#inner.bind(endpoint, options, this.#whileAlive(listener))
    this.#open.add(binding)
    return this.#whileAlive(binding)
  }

  readonly connect: Transport['connect'] = (endpoint, options, caller) => {
    const connection = this.#inner.connect(endpoint, options, this.#whileAlive(caller))
    this.#open.add(connection)
    return this.#whileAlive(connection)
  }

  kill(): void {
    this.killed = true
    for (const one of this.#open) one.close(0)
  }

  /** Wraps an object so that its methods have no effect after the kill. */
  #whileAlive<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        const method: unknown = Reflect.get(object, key)
        if (typeof method !== 'function') return method
        return (...args: unknown[]): unknown =>
          this.killed ? undefined : Reflect.apply(method, object, args)
      },
    })
  }
}
