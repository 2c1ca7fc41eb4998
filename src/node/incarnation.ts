/** Incarnations: one random name for each life of a node. */
import type { Environment } from '../ports/environment.ts'
import type { Incarnation } from '../model/envelope.ts'

/** Draws 64 random bits, as 16 hex digits. */
export function drawIncarnation({ chance }: Pick<Environment, 'chance'>): Incarnation {
  const half = (): string =>
    Math.floor(chance() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return half() + half()
}
