/** Scenarios, exported as in a user's module. */
import { filter, interval, map } from 'rxjs'

const count = (node) =>
  interval(50).pipe(
    map((value) => {
      node.outbox.next({ pid: (node.pid % 3) + 1, msg: { value } })
      return value
    }),
  )

const trial = { peers: 3, protocol: count, untilMs: 2_000, faults: { everyMs: 500 } }

/** Has no checks, so it never fails. */
export default trial

/** Fails under the few seeds in which a process crashes three times. */
export const crashing = {
  ...trial,
  checks: (world) =>
    world.check('no process crashes three times', (trace) => {
      const crashes = [0, 0, 0, 0]
      return trace.pipe(
        filter(({ type, pid }) => type === 'crashed' && ++crashes[pid] === 3),
        map(({ pid }) => `node ${pid} crashed three times`),
      )
    }),
}

/** An error that is not a violation. */
export const throwing = {
  ...trial,
  checks: () => {
    throw new Error('out of order')
  },
}

/** Ends its thread. */
export const exiting = {
  ...trial,
  protocol: () => {
    process.exit(3)
  },
}

export const nothing = 7
