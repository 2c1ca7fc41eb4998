/** Applies a fault to a simulated cluster. */
import type { Fault } from './fault.ts'
import type { SimCluster } from '../cluster/sim-cluster.ts'
import type { SimNetwork } from '../network/sim-network.ts'
import type { NetworkConditions } from '../network/conditions.ts'

/** The parts of a world that faults act on. */
export interface FaultTarget {
  readonly conditions: NetworkConditions
  readonly network: SimNetwork
  readonly cluster: SimCluster
}

/**
 * Applies a fault now. An impossible one changes nothing: a crash of a dead process, a restart of a
 * running one.
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
