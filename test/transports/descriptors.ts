/** Counts the file descriptors of this process. */
import { existsSync, readdirSync } from 'node:fs'
import { expect } from 'vitest'

const DIRECTORY = '/proc/self/fd'

/** Whether this system lists its descriptors. */
export const canCountDescriptors = existsSync(DIRECTORY)

/** The number of open descriptors; 0 where they cannot be counted. */
export function descriptorCount(): number {
  return canCountDescriptors ? readdirSync(DIRECTORY).length : 0
}

/** Waits until at most `count` are open: the threads of libzmq close the last ones later. */
export async function waitForDescriptorCount(count: number): Promise<void> {
  await expect.poll(descriptorCount, { timeout: 10_000, interval: 10 }).toBeLessThanOrEqual(count)
}
