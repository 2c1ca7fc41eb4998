/** What `npm run bench -- explore` explores: an election of five nodes, without a bug. */
import type { Scenario } from '../../../src/testing/explore/scenario.ts'
import { plantedScenario } from './planted.ts'

const fiveNodes: Scenario = {
  ...plantedScenario('election'),
  peers: 5,
  untilMs: 30_000,
  recoveryMs: 8_000,
  // Every seed has all of them: no seed is easier than another.
  faults: {
    kinds: ['loss', 'duplication', 'partition', 'pause', 'crash'],
    swarm: false,
    // The ends of faults are counted, too: there are twice the five that every seed must have.
    everyMs: 1_500,
    durationMs: 1_000,
  },
}

export default fiveNodes
