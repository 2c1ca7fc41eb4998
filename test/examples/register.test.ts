/** The register of the examples is atomic, whatever the network does. */
import { concatMap, from, ignoreElements, merge, tap, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Protocol } from '../../src/testing.ts'
import { register } from '../../examples/register.ts'
import { simulate } from '../../src/testing.ts'

/** What somebody did with the register, and when. */
interface Operation {
  readonly kind: 'read' | 'write'
  readonly value: unknown
  readonly fromMs: number
  untilMs: number
}

const TURNS = 30
const NETWORK =
  '(drop 20%; duplicate 10%; reorder 10%; delay 0..30ms) 1s (partition 1,2|3,4,5) 2s (heal; pause 4) 2s ' +
  '(resume 4; partition 1,3|2,4|5) 1s (heal) 1s (cut 1>2; cut 3-4; drop 30%) 3s (heal)'

/** Everybody reads and writes, again and again; every value is written once. */
function history(seed: number): readonly Operation[] {
  const operations: Operation[] = []
  const protocol: Protocol = (node, { pid, chance, scheduler }) => {
    const shared = register(node, { everyMs: 50 }, { chance, scheduler })
    const turns = Array.from({ length: TURNS }, (_, turn) => turn)
    const client = from(turns).pipe(
      concatMap((turn) =>
        timer(chance() * 100, scheduler).pipe(
          concatMap(() => {
            const fromMs = performance.now()
            const write = chance() < 0.4
            const value = `${pid}.${turn}`
            const begun: Operation = { kind: 'write', value, fromMs, untilMs: Infinity }
            // A write that never ends may be read all the same.
            if (write) operations.push(begun)
            const done = write ? shared.write(value) : shared.read()
            return done.pipe(
              tap((seen) => {
                const untilMs = performance.now()
                if (write) begun.untilMs = untilMs
                else operations.push({ kind: 'read', value: seen, fromMs, untilMs })
              }),
            )
          }),
        ),
      ),
    )
    return merge(shared.serve.pipe(ignoreElements()), client)
  }
  simulate({ seed, peers: 5, joined: true, protocol, network: NETWORK }, (world) =>
    world.run(40_000),
  )
  return operations
}

/** What no atomic register shows (necessary conditions, for values that are written once each). */
function anomalies(operations: readonly Operation[]): readonly string[] {
  const writes = operations.filter(({ kind }) => kind === 'write')
  const reads = operations.filter(({ kind }) => kind === 'read')
  const first: Operation = { kind: 'write', value: undefined, fromMs: -1, untilMs: -1 }
  const writeOf = (read: Operation): Operation | undefined =>
    read.value === undefined ? first : writes.find(({ value }) => value === read.value)
  return reads.flatMap((read) => {
    const written = writeOf(read)
    if (written === undefined || written.fromMs > read.untilMs)
      return [`${read.value}: not written yet`]
    const stale = writes.filter((one) => one.fromMs > written.untilMs && one.untilMs < read.fromMs)
    const inverted = reads.filter((earlier) => {
      const other = writeOf(earlier)
      return earlier.untilMs < read.fromMs && other !== undefined && other.fromMs > written.untilMs
    })
    return [...stale, ...inverted].map((one) => `${read.value} was read after ${one.value}`)
  })
}

describe('a register', () => {
  it('is atomic under fifty seeds', { timeout: 60_000 }, () => {
    for (let seed = 1; seed <= 50; seed++) {
      const operations = history(seed)
      // All of them are done: a majority was there again.
      expect(operations.filter(({ untilMs }) => untilMs < Infinity)).toHaveLength(5 * TURNS)
      expect(anomalies(operations), `seed ${seed}`).toEqual([])
    }
  })
})
