/** A transport that can be killed, as a process can: nothing it holds is said goodbye to, and nothing reaches it any more. */
import type { Transport } from '../../src/ports/transport.ts'

export class Killable implements Transport {
  readonly name = 'killable'
  dead = false
  readonly #inner: Transport
  readonly #open = new Set<{ close(lingerMs: number): void }>()

  constructor(inner: Transport) {
    this.#inner = inner
  }

  readonly bind: Transport['bind'] = (endpoint, options, listener) => {
    const binding = this.#inner.bind(endpoint, options, this.#living(listener))
    this.#open.add(binding)
    return this.#living(binding)
  }

  readonly connect: Transport['connect'] = (endpoint, options, caller) => {
    const connection = this.#inner.connect(endpoint, options, this.#living(caller))
    this.#open.add(connection)
    return this.#living(connection)
  }

  kill(): void {
    this.dead = true
    for (const one of this.#open) one.close(0)
  }

  /** The same object, whose methods do nothing once this is dead. */
  #living<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        const method: unknown = Reflect.get(object, key)
        if (typeof method !== 'function') return method
        return (...args: unknown[]): unknown =>
          this.dead ? undefined : Reflect.apply(method, object, args)
      },
    })
  }
}
