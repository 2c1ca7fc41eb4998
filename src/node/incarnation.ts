/** Incarnations: one random name for each life of a node. */
import type { Environment } from '../ports/environment.ts'
import type { Incarnation } from '../model/envelope.ts'

/** Draws 64 random bits, as 16 hex digits. */
export function randomIncarnation({ random }: Pick<Environment, 'random'>): Incarnation {
  const randomHalf = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return randomHalf() + randomHalf()
}
