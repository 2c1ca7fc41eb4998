/** What each fault does to a world. */
import type { Fault } from './fault.ts'
import type { SimCluster } from './sim-cluster.ts'
import type { SimNetwork } from './sim-network.ts'
import type { Terrain } from './conditions.ts'

/** What faults act on. */
export interface Afflicted {
  readonly terrain: Terrain
  readonly network: SimNetwork
  readonly cluster: SimCluster
}

/**
 * Does it now. What cannot happen (a crash of the dead, a restart of the living) changes nothing.
 */
export function applyFault({ terrain, network, cluster }: Afflicted, fault: Fault): void {
  switch (fault.type) {
    case 'partition':
      terrain.partition(fault.groups)
      return network.changed()
    case 'heal':
      terrain.heal()
      return network.changed()
    case 'cut':
    case 'mend':
      terrain[fault.type](fault.from, fault.to)
      if (fault.both) terrain[fault.type](fault.to, fault.from)
      return network.changed()
    case 'shape':
      return terrain.shape(fault.way, fault.conditions)
    case 'reset':
      return network.reset(fault.from, fault.to)
    case 'pause':
    case 'resume':
    case 'crash':
      return cluster[fault.type](fault.pid)
    case 'restart':
      if (!cluster.lives.has(fault.pid)) cluster.start(fault.pid)
      return
    case 'skew':
      return cluster.lives.get(fault.pid)?.process.skew(fault.rate, fault.offsetMs)
  }
}
