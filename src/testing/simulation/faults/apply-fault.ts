/** What each fault does to a world. */
import type { Fault } from './fault.ts'
import type { SimCluster } from '../cluster/sim-cluster.ts'
import type { SimNetwork } from '../network/sim-network.ts'
import type { NetworkConditions } from '../network/conditions.ts'

/** What faults act on. */
export interface FaultTarget {
  readonly conditions: NetworkConditions
  readonly network: SimNetwork
  readonly cluster: SimCluster
}

/**
 * Does it now. What cannot happen (a crash of the dead, a restart of the living) changes nothing.
 */
export function applyFault({ conditions, network, cluster }: FaultTarget, fault: Fault): void {
  switch (fault.type) {
    case 'partition':
      conditions.partition(fault.groups)
      return network.conditionsChanged()
    case 'heal':
      conditions.heal()
      return network.conditionsChanged()
    case 'cut':
    case 'restore':
      conditions[fault.type](fault.from, fault.to)
      if (fault.both) conditions[fault.type](fault.to, fault.from)
      return network.conditionsChanged()
    case 'shape':
      return conditions.shape(fault.path, fault.conditions)
    case 'reset':
      return network.reset(fault.from, fault.to)
    case 'pause':
    case 'resume':
    case 'crash':
      return cluster[fault.type](fault.pid)
    case 'restart':
      if (!cluster.instances.has(fault.pid)) cluster.start(fault.pid)
      return
    case 'skew':
      return cluster.instances.get(fault.pid)?.process.skew(fault.rate, fault.offsetMs)
  }
}
