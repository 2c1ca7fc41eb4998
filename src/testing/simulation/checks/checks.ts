/** The checks of a simulation: `always`, `eventually`, and checks over the trace. */
import type { Violation, World } from '../world.ts'
import type { Observable } from 'rxjs'
import { A_BOOLEAN, A_STRING, anyOf, checkArgument } from '../../../model/check-arguments.ts'
import { describeValue } from '../../../base/describe-value.ts'

const A_VERDICT = anyOf(A_BOOLEAN, { ...A_STRING, expected: 'a text that says what is wrong' })

interface EventualCheck {
  readonly name: string
  readonly withinMs: number
  readonly untilMs: number
  readonly holds: (world: World) => boolean
}

/** Evaluates all checks after every event, and keeps the first violation. */
export class Checks {
  violation: Violation | undefined
  readonly #world: World
  readonly #always: { name: string; holds: (world: World) => boolean | string }[] = []
  #eventual: EventualCheck[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** The latest deadline of the pending `eventually` checks. */
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
    violations.subscribe((detail: unknown) => {
      this.fail(name, typeof detail === 'string' ? detail : describeValue(detail))
    })
  }

  /** Records a violation, unless there is one already. */
  fail(check: string, detail: string): void {
    this.violation ??= { atMs: this.#world.nowMs, check, detail }
  }

  /** Call after every event. */
  evaluate(): void {
    if (this.#always.length > 0) this.#evaluateAlways()
    if (this.#eventual.length > 0)
      this.#eventual = this.#eventual.filter((check) => this.#isPending(check))
  }

  #evaluateAlways(): void {
    for (const { name, holds } of this.#always) {
      const result = holds(this.#world)
      if (result === true) continue
      checkArgument('always', `the result of "${name}"`, result, A_VERDICT)
      this.fail(name, result === false ? 'does not hold' : result)
    }
  }

  #isPending({ name, withinMs, untilMs, holds }: EventualCheck): boolean {
    const result = holds(this.#world)
    if (result) {
      checkArgument('eventually', `the result of "${name}"`, result, A_BOOLEAN)
      return false
    }
    if (this.#world.nowMs < untilMs) return true
    this.fail(name, `did not become true within ${withinMs} ms`)
    return false
  }
}
