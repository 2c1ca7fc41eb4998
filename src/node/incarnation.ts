/** Incarnations: the random ids of process lifetimes. */
import type { Environment } from '../ports/environment.ts'
import type { Incarnation } from '../model/envelope.ts'

/** Returns 64 random bits as 16 hex digits. */
export function randomIncarnation({ random }: Pick<Environment, 'random'>): Incarnation {
  const randomHalf = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return (randomHalf() + randomHalf()) as Incarnation
}
