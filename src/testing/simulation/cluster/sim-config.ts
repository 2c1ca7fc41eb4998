/** Builds the config of a simulated cluster. */
import type { Config, Member } from '../../../config/config.ts'
import { DEFAULT_LIMITS } from '../../../model/limits.ts'
import type { Pid } from '../../../model/pid.ts'
import type { SimulationOptions } from '../world.ts'
import { defined } from '../../../base/defined.ts'

function simEndpoint(pid: Pid): string {
  return `tcp://node-${pid}:7000`
}

/** Returns a config whose members are `pids`. */
export function simConfig(pids: readonly Pid[], { limits }: SimulationOptions): Config {
  const members = pids.map((pid): [Pid, Member] => {
    const endpoint = simEndpoint(pid)
    return [pid, { pid, endpoint, bind: endpoint }]
  })
  return {
    ...DEFAULT_LIMITS,
    ...defined(limits),
    cluster: 'simulation',
    members: new Map(members),
    insecure: true,
  }
}
