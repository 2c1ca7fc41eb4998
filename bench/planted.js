/** Planted bugs: whether `explore` finds them, and how far it shrinks the failures. */
import { compile, compiled } from './compiled.js'
import { loadTesting } from './adapters.js'
import { median } from './contest.js'

export const about =
  'bugs planted in test copies of protocols: the seed that finds each, and the events left after shrinking'

/** Compiles the sources once more, and takes a minute. */
export const onlyByName = true

export const options = {
  seeds: { default: 1_000, about: 'seeds within which each must be found' },
  runs: { default: 2_000, about: 'runs that shrinking a failure may take' },
}

export async function run({ seeds, runs }, log) {
  compile()
  const { explore } = await loadTesting()
  const { BUGS, PROTOCOL_NAMES, plantedScenario } = await import(
    compiled('test/explore/planted/planted.ts')
  )
  const { runPlan } = await import(compiled('src/testing/explore/run-plan.ts'))
  const bugs = []
  for (const kind of PROTOCOL_NAMES) {
    for (const bug of BUGS[kind]) {
      const { failure, seconds } = await explore({
        scenario: plantedScenario(kind, bug),
        seeds,
        shrink: { runs },
        progress: false,
      })
      const found = {
        protocol: kind,
        bug,
        seed: failure?.seed ?? null,
        seconds: Math.round(seconds * 100) / 100,
      }
      // The same plan must pass without the bug: then the bug was found, not a fault of the plan.
      const bugOnly =
        failure && runPlan(plantedScenario(kind), failure.plan).violation === undefined
      bugs.push(
        failure === undefined
          ? found
          : {
              ...found,
              check: failure.violation.check,
              before: failure.found,
              after: failure.shrunk,
              whole: failure.whole,
              bugOnly,
              replay: failure.replay,
            },
      )
      log(
        failure === undefined
          ? `${kind}, ${bug}: not found in ${seeds} seeds`
          : `${kind}, ${bug}: ${failure}\n`,
      )
    }
  }
  const caught = bugs.filter(({ seed }) => seed !== null)
  const medianOf = (size) => median(caught.map((bug) => bug[size].events))
  const [medianEvents, medianWhole] = [medianOf('after'), medianOf('whole')]
  return {
    name: 'planted',
    seeds,
    bugs,
    planted: bugs.length,
    found: caught.length,
    bugOnly: caught.filter((bug) => bug.bugOnly).length,
    medianEvents,
    medianWhole,
  }
}

export function lines({ bugs, planted, found, bugOnly, medianEvents, medianWhole, seeds }) {
  const cells = (cell) =>
    cell === undefined
      ? ''
      : `${cell.events} = ${cell.faults}+${cell.commands}+${cell.sends}+${cell.timers}`
  const row = (what, ...rest) =>
    `  ${what.padEnd(55)}${rest.map((cell) => `${cell}`.padStart(22)).join('')}`
  return [
    row('events = faults+commands+sends+timers', 'found at seed', 'before', 'after', 'whole run'),
    ...bugs.map(({ protocol, bug, seed, before, after, whole }) =>
      row(
        `${protocol}: ${bug}`,
        seed ?? 'not found',
        cells(before),
        cells(after),
        whole?.events ?? '',
      ),
    ),
    `  found ${found} of ${planted} within ${seeds} seeds (goal: all); the median failure has ${medianEvents} events (goal: at most 12), ${medianWhole} in the whole run`,
    `  ${bugOnly} of ${found} plans pass without the bug`,
  ]
}
