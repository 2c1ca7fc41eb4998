/** The register example is atomic over a faulty network. */
import { concatMap, from, ignoreElements, merge, tap, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Protocol } from '../../src/testing.ts'
import { register } from '../../examples/register.ts'
import { simulate } from '../../src/testing.ts'

/** A read or write of the register, and its time. */
interface Operation {
  readonly kind: 'read' | 'write'
  readonly value: unknown
  readonly startMs: number
  endMs: number
}

const OPERATIONS_PER_NODE = 30
const NETWORK =
  '(drop 20%; duplicate 10%; reorder 10%; delay 0..30ms) 1s (partition 1,2|3,4,5) 2s (heal; pause 4) 2s ' +
  '(resume 4; partition 1,3|2,4|5) 1s (heal) 1s (cut 1>2; cut 3-4; drop 30%) 3s (heal)'

/** Runs random reads and writes on every node; each value is written once. */
function history(seed: number): readonly Operation[] {
  const operations: Operation[] = []
  const protocol: Protocol = (node, { pid, random, scheduler }) => {
    const shared = register(node, { everyMs: 50 }, { random, scheduler })
    const indexes = Array.from({ length: OPERATIONS_PER_NODE }, (_, index) => index)
    const client = from(indexes).pipe(
      concatMap((index) =>
        timer(random() * 100, scheduler).pipe(
          concatMap(() => {
            const startMs = performance.now()
            const write = random() < 0.4
            const value = `${pid}.${index}`
            const pending: Operation = { kind: 'write', value, startMs, endMs: Infinity }
            // A write that never completes can be read all the same, so record it now.
            if (write) operations.push(pending)
            const done = write ? shared.write(value) : shared.read()
            return done.pipe(
              tap((seen) => {
                const endMs = performance.now()
                if (write) pending.endMs = endMs
                else operations.push({ kind: 'read', value: seen, startMs, endMs })
              }),
            )
          }),
        ),
      ),
    )
    return merge(shared.serve.pipe(ignoreElements()), client)
  }
  simulate({ seed, peers: 5, connected: true, protocol, network: NETWORK }, (world) =>
    world.run(40_000),
  )
  return operations
}

/** Returns violations of atomicity: necessary conditions, for values that are written once each. */
function anomalies(operations: readonly Operation[]): readonly string[] {
  const writes = operations.filter(({ kind }) => kind === 'write')
  const reads = operations.filter(({ kind }) => kind === 'read')
  const initial: Operation = { kind: 'write', value: undefined, startMs: -1, endMs: -1 }
  const writeOf = (read: Operation): Operation | undefined =>
    read.value === undefined ? initial : writes.find(({ value }) => value === read.value)
  return reads.flatMap((read) => {
    const written = writeOf(read)
    if (written === undefined || written.startMs > read.endMs)
      return [`${read.value}: not written yet`]
    const stale = writes.filter((one) => one.startMs > written.endMs && one.endMs < read.startMs)
    const inverted = reads.filter((earlier) => {
      const other = writeOf(earlier)
      return earlier.endMs < read.startMs && other !== undefined && other.startMs > written.endMs
    })
    return [...stale, ...inverted].map((one) => `${read.value} was read after ${one.value}`)
  })
}

describe('a register', () => {
  it('is atomic under 50 seeds', { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 50; seed++) {
      const operations = history(seed)
      // All operations completed, because a majority was reachable in the end.
      expect(operations.filter(({ endMs }) => endMs < Infinity)).toHaveLength(
        5 * OPERATIONS_PER_NODE,
      )
      expect(anomalies(operations), `seed ${seed}`).toEqual([])
    }
  })
})
