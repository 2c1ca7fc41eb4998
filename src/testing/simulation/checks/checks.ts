/** The checks of a simulation: what must always hold, and what must come to be. */
import type { Violation, World } from '../world.ts'
import type { Observable } from 'rxjs'

interface EventualCheck {
  readonly name: string
  readonly withinMs: number
  readonly untilMs: number
  readonly holds: (world: World) => boolean
}

/** Looks after every event, and remembers the first thing that is wrong. */
export class Checks {
  violation: Violation | undefined
  readonly #world: World
  readonly #always: { name: string; holds: (world: World) => boolean | string }[] = []
  #eventual: EventualCheck[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** The last moment at which something must have come to be. */
  get deadlineMs(): number {
    return Math.max(0, ...this.#eventual.map(({ untilMs }) => untilMs))
  }

  always(name: string, holds: (world: World) => boolean | string): void {
    this.#always.push({ name, holds })
    this.evaluate()
  }

  eventually(name: string, withinMs: number, holds: (world: World) => boolean): void {
    this.#eventual.push({ name, withinMs, untilMs: this.#world.nowMs + withinMs, holds })
    this.evaluate()
  }

  check(name: string, violations: Observable<string>): void {
    violations.subscribe((detail) => this.fail(name, detail))
  }

  /** Something does not hold; the first counts. */
  fail(check: string, detail: string): void {
    this.violation ??= { atMs: this.#world.nowMs, check, detail }
  }

  /** After every event. */
  evaluate(): void {
    if (this.#always.length > 0) this.#evaluateAlways()
    if (this.#eventual.length > 0)
      this.#eventual = this.#eventual.filter((check) => this.#isPending(check))
  }

  #evaluateAlways(): void {
    for (const { name, holds } of this.#always) {
      const result = holds(this.#world)
      if (result === true) continue
      this.fail(name, result === false ? 'does not hold' : result)
    }
  }

  #isPending({ name, withinMs, untilMs, holds }: EventualCheck): boolean {
    if (holds(this.#world)) return false
    if (this.#world.nowMs < untilMs) return true
    this.fail(name, `did not come to be within ${withinMs} ms`)
    return false
  }
}
