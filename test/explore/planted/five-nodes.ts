/** The scenario of `npm run bench -- explore`: a correct election of five nodes. */
import type { Scenario } from '../../../src/testing/explore/scenario.ts'
import { plantedScenario } from './planted.ts'

const fiveNodes: Scenario = {
  ...plantedScenario('election'),
  peers: 5,
  untilMs: 30_000,
  recoveryMs: 8_000,
  // Every seed has all kinds, so that all seeds take about the same time.
  faults: {
    kinds: ['loss', 'duplication', 'partition', 'pause', 'crash'],
    swarm: false,
    // A fault and its end count as two: ten per seed, of which at least five are required.
    everyMs: 1_500,
    durationMs: 1_000,
  },
}

export default fiveNodes
