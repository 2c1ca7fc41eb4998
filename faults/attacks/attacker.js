// The attacker: repeats one attack until its time is over, against a node or a bare ROUTER.
import { Attacker, Refused } from './attacker-tools.js'
import { serveCommands, settings } from '../child-commands.js'
import { setTimeout as sleep } from 'node:timers/promises'
import { attackNamed } from './catalogue.js'

/** Between two attempts that were refused. */
const REFUSED_PAUSE_MS = 5
/** Between two attempts that failed. */
const FAILED_PAUSE_MS = 50

const { run } = attackNamed(settings.attack)
const attacker = new Attacker(settings)
// What the other end does to a connection is no error of the attack.
process.on('uncaughtException', (error) => attacker.failed(error))
process.on('unhandledRejection', (error) => attacker.failed(error))

serveCommands(
  {
    /** Attacks until the time is over. @returns what it did */
    start: async ({ seconds }) => {
      attacker.start(seconds)
      while (!attacker.over) await attempt()
      return attacker.report()
    },
    report: () => attacker.report(),
    close: () => process.exit(),
  },
  {},
)

async function attempt() {
  try {
    await run(attacker)
    attacker.count('rounds')
  } catch (error) {
    if (!(error instanceof Refused)) attacker.failed(error)
    await sleep(error instanceof Refused ? REFUSED_PAUSE_MS : FAILED_PAUSE_MS)
  } finally {
    attacker.closeAll()
  }
}
