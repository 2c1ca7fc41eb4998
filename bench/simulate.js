/** Speed of the simulation: bare events, deliveries between real nodes, and large clusters. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { goalLine, median } from './contest.js'
import * as explore from './explore.js'
import * as planted from './planted.js'

const WORKER = fileURLToPath(new URL('simulate-worker.js', import.meta.url))

export const about = 'simulation: events and deliveries per second, and large clusters'

export const options = {
  pending: { default: 5_000, about: 'timers that are pending all the time' },
  events: { default: 3_000_000, about: 'bare events per run' },
  deliveries: { default: 400_000, about: 'envelopes from one simulated node to another' },
  nodes: { default: 300, min: 2, about: 'simulated nodes of which each broadcasts once' },
  connected: { default: 100, min: 2, about: 'simulated nodes with the option `connected`' },
  ring: { default: 1_000, min: 3, about: 'simulated nodes in a ring' },
  rounds: { default: 100, about: 'rounds of the token in the ring' },
  seeds: {
    default: 1_000,
    min: 0,
    about: 'seeds of an election that is explored (as `explore` does)',
  },
  bugSeeds: {
    default: 1_000,
    min: 0,
    about: 'seeds within which each planted bug must be found (as `planted` does)',
  },
  runs: { default: 3, about: 'runs of each; the figure is their median' },
}

export const figures = {
  eventsPerSecond: 'higher',
  deliveriesPerSecond: 'higher',
  broadcastSeconds: 'lower',
  broadcastMegabytes: 'lower',
  connectedSeconds: 'lower',
  ringSeconds: 'lower',
  ringMegabytes: 'lower',
}

/**
 * One run of each scenario, in CPU time, with a heap that V8 does not fill. The peak otherwise
 * depends on when it collected the heap last: two builds with equal heaps differ by a fifth.
 */
export async function measure({ pending, events, deliveries, nodes, connected, ring, rounds }) {
  const broadcast = runScenario('broadcast', { nodes }, 'cpu')
  const token = runScenario('ring', { nodes: ring, rounds }, 'cpu')
  return {
    eventsPerSecond: runScenario('clock', { pending, events }, 'cpu'),
    deliveriesPerSecond: runScenario('deliveries', { deliveries }, 'cpu'),
    broadcastSeconds: broadcast.seconds,
    broadcastMegabytes: broadcast.megabytes,
    connectedSeconds: runScenario('connected', { nodes: connected }, 'cpu').seconds,
    ringSeconds: token.seconds,
    ringMegabytes: token.megabytes,
  }
}

/** Each run has a process of its own. */
export async function run(
  { pending, events, deliveries, nodes, connected, ring, rounds, runs, seeds, bugSeeds },
  log,
) {
  const scenario = (name, settings) => {
    const figures = Array.from({ length: runs }, () => runScenario(name, settings))
    log(`  ${name}: ${figures.map((figure) => figure.seconds ?? figure).join(', ')}`)
    return figures
  }
  const figure = (name, settings) => median(scenario(name, settings))
  const whole = (name, settings) => {
    const all = scenario(name, settings)
    const [seconds, megabytes] = ['seconds', 'megabytes'].map((key) =>
      median(all.map((one) => one[key])),
    )
    return { ...all[0], seconds, megabytes }
  }
  return {
    name: 'simulate',
    pending,
    runs,
    eventsPerSecond: figure('clock', { pending, events }),
    rxjsEventsPerSecond: figure('rxjs', { pending, events }),
    deliveriesPerSecond: figure('deliveries', { deliveries }),
    broadcast: { nodes, ...whole('broadcast', { nodes }) },
    connected: { nodes: connected, ...whole('connected', { nodes: connected }) },
    ring: { nodes: ring, rounds, ...whole('ring', { nodes: ring, rounds }) },
    ...(seeds === 0
      ? {}
      : { explore: await explore.run({ seeds, cores: explore.options.cores.default }, log) }),
    ...(bugSeeds === 0
      ? {}
      : {
          planted: await planted.run(
            { seeds: bugSeeds, runs: planted.options.runs.default },
            () => {},
          ),
        }),
  }
}

/** Draws the result of `run`. */
export function lines({
  eventsPerSecond,
  rxjsEventsPerSecond,
  deliveriesPerSecond,
  broadcast,
  connected,
  ring,
  ...trials
}) {
  return [
    goalLine('eventsPerSecond', eventsPerSecond, '>= 1000000'),
    goalLine('  RxJS’s scheduler', rxjsEventsPerSecond),
    goalLine('deliveriesPerSecond', deliveriesPerSecond, '>= 200000'),
    goalLine(`broadcast, s`, broadcast.seconds, '<= 5'),
    goalLine(`broadcast, MB`, broadcast.megabytes, '<= 1000'),
    goalLine(`connected, s`, connected.seconds, '<= 2'),
    goalLine(`ring, s`, ring.seconds, '<= 5'),
    goalLine(`ring, MB`, ring.megabytes),
    ...(trials.explore === undefined ? [] : explore.lines(trials.explore)),
    ...(trials.planted === undefined ? [] : planted.lines(trials.planted)),
  ]
}

/** A longer run is stuck. */
const RUN_TIMEOUT_MS = 300_000

/** More than any scenario takes: only the young generation is collected. */
const UNFILLED_HEAP = '--initial-old-space-size=4096'

/** @param clock `wall`, or `cpu` to compare builds */
function runScenario(name, settings, clock = 'wall') {
  const heap = clock === 'cpu' ? [UNFILLED_HEAP] : []
  const args = [...heap, WORKER, name, JSON.stringify(settings), clock]
  return JSON.parse(
    execFileSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
}
