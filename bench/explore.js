/** Explores an election of five nodes: 1,000 seeds on all cores. */
import { compile, compiled } from './compiled.js'
import { cpus } from 'node:os'
import { loadTesting } from './adapters.js'

export const about =
  'an election of five nodes under loss, duplication, partitions, pauses and crashes, 30 s of virtual time a seed'

/** Compiles the sources once more, and takes a minute. */
export const onlyByName = true

export const options = {
  seeds: { default: 1_000, about: 'how many seeds' },
  cores: { default: cpus().length, about: 'on how many cores' },
}

export async function run({ seeds, cores }, log) {
  compile()
  const { explore } = await loadTesting()
  const scenario = compiled('test/explore/planted/five-nodes.ts')
  const { failure, ...found } = await explore({ scenario, seeds, cores, progress: log })
  if (failure !== undefined) {
    log(`${failure}`)
    process.exitCode = 1
  }
  return {
    name: 'explore',
    seeds: found.seeds,
    cores,
    seconds: Math.round(found.seconds * 10) / 10,
    eventsPerSeed: Math.round(found.events / found.seeds),
    minEvents: found.minEvents,
    faultsPerSeed: Math.round((found.faults / found.seeds) * 10) / 10,
    minFaults: found.minFaults,
    eventsPerSecond: Math.round(found.events / found.seconds),
    failed: failure?.seed ?? null,
  }
}

export function lines(result) {
  const { seeds, cores, seconds, failed } = result
  return [
    `  ${seeds} seeds on ${cores} cores in ${seconds} s (goal for 1,000: under 90 s), ${result.eventsPerSecond.toLocaleString('en-US')} trace events/s`,
    `  a seed has ${result.eventsPerSeed} trace events (at least ${result.minEvents}, goal 5,000) and ${result.faultsPerSeed} faults (at least ${result.minFaults}, goal 5)`,
    `  ${failed === null ? 'every check held under every seed' : `seed ${failed} fails`}`,
  ]
}
