/** Counts the descriptors of this process. */
import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'

const DIRECTORY = '/proc/self/fd'

/** Tells whether they can be counted here. */
export const canCountDescriptors = existsSync(DIRECTORY)

/** How many are open; 0 where they cannot be counted. */
export function descriptorCount(): number {
  return canCountDescriptors ? readdirSync(DIRECTORY).length : 0
}

/** Waits until no more than `count` are open: the threads of libzmq close the last ones unseen. */
export async function waitForDescriptorCount(count: number): Promise<void> {
  await expect.poll(descriptorCount, { timeout: 10_000, interval: 10 }).toBeLessThanOrEqual(count)
}
