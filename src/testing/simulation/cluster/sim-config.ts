/** What the config file of a simulated cluster would say. */
import type { Config, Member } from '../../../config/config.ts'
import { DEFAULT_LIMITS } from '../../../model/limits.ts'
import type { Pid } from '../../../model/pid.ts'
import type { SimulationOptions } from '../world.ts'

/** Where a simulated process listens. */
function simEndpoint(pid: Pid): string {
  return `tcp://node-${pid}:7000`
}

/** The config of processes that know these pids. */
export function simConfig(pids: readonly Pid[], { limits }: SimulationOptions): Config {
  const members = pids.map((pid): [Pid, Member] => {
    const endpoint = simEndpoint(pid)
    return [pid, { pid, endpoint, bind: endpoint }]
  })
  return {
    ...DEFAULT_LIMITS,
    ...limits,
    cluster: 'simulation',
    members: new Map(members),
    insecure: true,
  }
}
