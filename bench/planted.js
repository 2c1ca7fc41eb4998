/** Planted bugs: whether `explore` finds them, and how small it makes what it found. */
import { build, built } from './built.js'
import { median } from './rounds.js'

export const about = 'bugs planted in test copies of protocols: at which seed each is found, and how many events are left of it'

/** It compiles the sources once more, and takes a minute. */
export const apart = true

export const options = {
  seeds: { default: 1_000, about: 'how many seeds each has to be found in' },
  runs: { default: 2_000, about: 'how many runs may be spent on making a failure smaller' },
}

export async function run({ seeds, runs }, say) {
  build()
  const { explore } = await import('../dist/testing.js')
  const { BUGS, KINDS, scenarioOf } = await import(built('test/simulation/planted/planted.ts'))
  const { runPlan } = await import(built('src/simulation/explore/run-plan.ts'))
  const bugs = []
  for (const kind of KINDS) {
    for (const bug of BUGS[kind]) {
      const { failure, seconds } = await explore({ scenario: scenarioOf(kind, bug), seeds, shrink: { runs }, progress: false })
      const found = { protocol: kind, bug, seed: failure?.seed ?? null, seconds: Math.round(seconds * 100) / 100 }
      // Without the bug the same plan does no harm: it is the bug that was found, and not what was done to the cluster.
      const bugOnly = failure && runPlan(scenarioOf(kind), failure.plan).violation === undefined
      bugs.push(failure === undefined ? found : { ...found, check: failure.violation.check, before: failure.found, after: failure.shrunk, whole: failure.whole, bugOnly, replay: failure.replay })
      say(failure === undefined ? `${kind}, ${bug}: not found in ${seeds} seeds` : `${kind}, ${bug}: ${failure}\n`)
    }
  }
  const caught = bugs.filter(({ seed }) => seed !== null)
  const medianOf = (size) => median(caught.map((bug) => bug[size].events))
  const [medianEvents, medianWhole] = [medianOf('after'), medianOf('whole')]
  return { name: 'planted', seeds, bugs, planted: bugs.length, found: caught.length, bugOnly: caught.filter((bug) => bug.bugOnly).length, medianEvents, medianWhole }
}

export function lines({ bugs, planted, found, bugOnly, medianEvents, medianWhole, seeds }) {
  const cells = (cell) => (cell === undefined ? '' : `${cell.events} = ${cell.faults}+${cell.commands}+${cell.sends}+${cell.timers}`)
  const row = (what, ...rest) => `  ${what.padEnd(55)}${rest.map((cell) => `${cell}`.padStart(22)).join('')}`
  return [
    row('events = faults+commands+sends+timers', 'found at seed', 'before', 'after', 'whole run'),
    ...bugs.map(({ protocol, bug, seed, before, after, whole }) => row(`${protocol}: ${bug}`, seed ?? 'not found', cells(before), cells(after), whole?.events ?? '')),
    `  found ${found} of ${planted} within ${seeds} seeds (goal: all); the median failure has ${medianEvents} events (goal: at most 12), ${medianWhole} with what does not matter`,
    `  ${bugOnly} of ${found} plans do no harm to the protocol without the bug`,
  ]
}
