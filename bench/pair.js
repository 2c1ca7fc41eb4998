/** The two ends of a contender, each in a process of its own, and how a benchmark calls them. */
import { fileURLToPath } from 'node:url'
import { fork } from 'node:child_process'

const PROGRAM = fileURLToPath(new URL('pair-end.js', import.meta.url))

/** An end that takes longer to answer will not: a message was lost. */
const ANSWER_TIMEOUT_MS = 60_000

/**
 * Opens a far and a near end, gives each the other's address, and runs `use` with both. Both
 * processes end with `use`.
 *
 * `far.call(name, ...args)` calls a function of that end and resolves with its result.
 *
 * @param benchmark its ends are in `<benchmark>-ends.js`
 * @param world passed to both ends
 */
export async function withPair(benchmark, contender, world, use) {
  const [far, near] = ['far', 'near'].map((side) =>
    openEnd([benchmark, contender, side, JSON.stringify(world)]),
  )
  try {
    const [farAddress, nearAddress] = await Promise.all([far.opened, near.opened])
    await Promise.all([far.call('connect', nearAddress), near.call('connect', farAddress)])
    const result = await use({ far, near })
    await Promise.all([near.call('close'), far.call('close')])
    return result
  } finally {
    far.end()
    near.end()
  }
}

/** Starts one end. It handles one call at a time, so answers arrive in the order of the calls. */
function openEnd(args) {
  const child = fork(PROGRAM, args)
  const pending = []
  const failAll = (reason) => {
    const error = new Error(`${args.slice(0, 3).join(', ')}: ${reason}`)
    for (const { reject } of pending.splice(0)) reject(error)
  }
  const answer = () =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => failAll(`no answer in ${ANSWER_TIMEOUT_MS / 1000} s`),
        ANSWER_TIMEOUT_MS,
      )
      const settled = (settle) => (value) => {
        clearTimeout(timer)
        settle(value)
      }
      pending.push({ resolve: settled(resolve), reject: settled(reject) })
    })
  child.on('message', (value) => pending.shift()?.resolve(value))
  child.on('exit', (code, signal) => failAll(`the process ended with ${signal ?? code}`))
  return {
    opened: answer(),
    call: (name, ...rest) => {
      const answered = answer()
      child.send({ name, args: rest }, (error) => error && failAll(error.message))
      return answered
    },
    end: () => {
      if (child.connected) child.disconnect()
    },
  }
}
