/** Counts the descriptors of this process. */
import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'

const DIRECTORY = '/proc/self/fd'

/** Tells whether they can be counted here. */
export const countable = existsSync(DIRECTORY)

/** How many are open; 0 where they cannot be counted. */
export function descriptors(): number {
  return countable ? readdirSync(DIRECTORY).length : 0
}

/** Waits until no more than `count` are open: the threads of libzmq close the last ones unseen. */
export async function descriptorsBackTo(count: number): Promise<void> {
  await expect.poll(descriptors, { timeout: 10_000, interval: 10 }).toBeLessThanOrEqual(count)
}
