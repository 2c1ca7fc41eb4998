/** Two ends of a contender, each in a process of its own, and how a comparison talks to them. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('pair-end.js', import.meta.url))

/** Who has not answered for so long never will: something was lost. */
const PATIENCE_MS = 60_000

/**
 * Opens a far and a near end, tells each the other's address, and runs `use` with them: `far.call(name, ...args)` calls what that end
 * exports, and resolves with what it returns. Both processes end with `use`.
 *
 * @param comparison `<comparison>-ends.js` has the ends
 * @param world what both ends are told
 */
export async function withPair(comparison, contender, world, use) {
  const [far, near] = ['far', 'near'].map((side) => openEnd([comparison, contender, side, JSON.stringify(world)]))
  try {
    const [farAddress, nearAddress] = await Promise.all([far.opened, near.opened])
    await Promise.all([far.call('meet', nearAddress), near.call('meet', farAddress)])
    const result = await use({ far, near })
    await Promise.all([near.call('close'), far.call('close')])
    return result
  } finally {
    far.end()
    near.end()
  }
}

/** Starts one end. It does one thing at a time, so answers come in the order of the calls. */
function openEnd(args) {
  const child = fork(PROGRAM, args)
  const waiting = []
  const fail = (reason) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${args.slice(0, 3).join(', ')}: ${reason}`))
  }
  const answer = () =>
    new Promise((resolve, reject) => {
      const patience = setTimeout(() => fail(`no answer in ${PATIENCE_MS / 1000} s`), PATIENCE_MS)
      const settled = (settle) => (value) => {
        clearTimeout(patience)
        settle(value)
      }
      waiting.push({ resolve: settled(resolve), reject: settled(reject) })
    })
  child.on('message', (value) => waiting.shift()?.resolve(value))
  child.on('exit', (code, signal) => fail(`the process ended with ${signal ?? code}`))
  return {
    opened: answer(),
    call: (name, ...rest) => {
      const answered = answer()
      child.send({ name, args: rest }, (error) => error && fail(error.message))
      return answered
    },
    end: () => {
      if (child.connected) child.disconnect()
    },
  }
}
