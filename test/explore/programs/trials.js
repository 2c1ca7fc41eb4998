/** Scenarios as a user's module would export them. */
import { filter, interval, map } from 'rxjs'

const greet = (node) =>
  interval(50).pipe(
    map((count) => {
      node.outbox.next({ pid: (node.pid % 3) + 1, msg: { count } })
      return count
    }),
  )

const trial = { peers: 3, protocol: greet, untilMs: 2_000, faults: { everyMs: 500 } }

/** Nothing is ever wrong with it. */
export default trial

/** A process has three lives, and few seeds take them all. */
export const mortal = {
  ...trial,
  checks: (world) =>
    world.check('nobody crashes three times', (trace) => {
      const crashes = [0, 0, 0, 0]
      return trace.pipe(
        filter(({ type, pid }) => type === 'crashed' && ++crashes[pid] === 3),
        map(({ pid }) => `${pid} crashed three times`),
      )
    }),
}

/** What throws is no failure of a check. */
export const thrower = {
  ...trial,
  checks: () => {
    throw new Error('out of order')
  },
}

/** A thread that ends says nothing more. */
export const quitter = {
  ...trial,
  protocol: () => {
    process.exit(3)
  },
}

export const nothing = 7
