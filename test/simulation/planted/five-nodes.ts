/** What `npm run bench -- explore` explores: an election of five nodes, without a bug. */
import type { Scenario } from '../../../src/simulation/explore/scenario.ts'
import { scenarioOf } from './planted.ts'

const fiveNodes: Scenario = {
  ...scenarioOf('election'),
  peers: 5,
  untilMs: 30_000,
  calmMs: 8_000,
  // Every seed has all of them: no seed is easier than another.
  faults: {
    kinds: ['loss', 'duplication', 'partition', 'pause', 'crash'],
    swarm: false,
    // The ends of faults are counted, too: there are twice the five that every seed must have.
    everyMs: 1_500,
    lastsMs: 1_000,
  },
}

export default fiveNodes
