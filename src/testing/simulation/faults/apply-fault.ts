/** Applies a fault to a simulated cluster. */
import type { Fault } from './fault.ts'
import type { NodeInstance, SimCluster } from '../cluster/sim-cluster.ts'
import type { Pid } from '../../../model/pid.ts'
import { invalidFault } from './check-fault.ts'
import type { SimNetwork } from '../network/sim-network.ts'
import type { NetworkConditions } from '../network/conditions.ts'

/** The parts of a world that faults act on. */
export interface FaultTarget {
  readonly conditions: NetworkConditions
  readonly network: SimNetwork
  readonly cluster: SimCluster
}

/**
 * Applies a fault now. One whose result already holds changes nothing: a crash of a dead process, a
 * resume of a running one.
 *
 * @throws ClusterError `FAULT_INVALID` for one that cannot happen: a restart of a running process,
 *   a pause of a dead one
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
    case 'resume':
    case 'crash':
      return cluster[fault.type](fault.pid)
    case 'pause':
      runningInstance(cluster, fault, fault.pid)
      return cluster.pause(fault.pid)
    case 'restart':
      if (cluster.restart(fault.pid)) return
      throw invalidFault(fault, `node ${fault.pid} runs: crash or close it first`)
    case 'skew':
      return runningInstance(cluster, fault, fault.pid).process.skew(fault.rate, fault.offsetMs)
  }
}

function runningInstance(cluster: SimCluster, fault: Fault, pid: Pid): NodeInstance {
  const instance = cluster.instances.get(pid)
  if (instance !== undefined) return instance
  throw invalidFault(fault, `node ${pid} has crashed: restart(${pid}) first`)
}
