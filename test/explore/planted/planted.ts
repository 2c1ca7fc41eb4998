/** The scenarios of four protocols, each correct or with one planted bug. */
import { type ElectionBug, election, electionSafety, electionLiveness } from './election.ts'
import { type CounterBug, counter, counterSafety, counterLiveness } from './counter.ts'
import { type LockBug, lock, lockSafety, lockLiveness } from './lock.ts'
import { type RegisterBug, register, registerSafety, registerLiveness } from './register.ts'
import type { Random } from '../../../src/base/seeded-random.ts'
import type { PlanCommand, Plan } from '../../../src/testing/explore/plan.ts'
import type { Pid } from '../../../src/model/pid.ts'
import type { Scenario } from '../../../src/testing/explore/scenario.ts'
import type { World } from '../../../src/testing/simulation/world.ts'

export type ProtocolName = 'election' | 'register' | 'counter' | 'lock'

export const BUGS = {
  election: [
    'a vote counted twice',
    'a vote forgotten at restart',
    'a majority of the reachable nodes',
    'one vote too few',
    'a vote of an older term counted',
    'a leader that does not step down',
    'an election timer that is never reset',
    'a heartbeat of an older term accepted',
    'a campaign that never ends',
    'a promise forgotten at restart',
  ] satisfies ElectionBug[],
  register: [
    'a commit before a quorum replied',
    'a reply before the write is on disk',
    'a reply matched to another write',
    'a commit by a majority of the reachable nodes',
    'a reply counted twice',
    'a write that is never retried',
  ] satisfies RegisterBug[],
  counter: [
    'dedupe forgotten at restart',
    'a retry with a new request id',
    'a reply before the write is on disk',
    'a reply to another request accepted',
    'a request that is never retried',
    'a request id forgotten after its reply',
  ] satisfies CounterBug[],
  lock: [
    'no fencing of a holder that was paused',
    'tokens forgotten at restart',
    "released by another holder's release",
    'granted again before the lease expires',
    'a lease that never expires',
  ] satisfies LockBug[],
}

export const PROTOCOL_NAMES = Object.keys(BUGS) as ProtocolName[]

/** Returns the scenario of a protocol. @param bug undefined: the protocol is correct */
export function plantedScenario(protocolName: ProtocolName, bug?: string): Scenario {
  switch (protocolName) {
    case 'election':
      return {
        ...ELECTION,
        protocol: election(bug as ElectionBug | undefined),
      }
    case 'register':
      return {
        ...scenarioBase([3, 5], (random, plan) => randomCommands(random, plan, [1], 800, 'write')),
        protocol: register(bug as RegisterBug | undefined),
        checks: checks(registerSafety, registerLiveness),
      }
    case 'counter':
      return {
        ...scenarioBase(3, (random, plan) => randomCommands(random, plan, [2, 3], 500, 'count')),
        protocol: counter(bug as CounterBug | undefined),
        checks: checks(counterSafety, counterLiveness),
      }
    case 'lock':
      return {
        ...scenarioBase(4, (random, plan) => randomCommands(random, plan, [3, 4], 500, 'lock')),
        minPeers: 3,
        protocol: lock(bug as LockBug | undefined),
        checks: checks(lockSafety, lockLiveness),
      }
  }
}

function scenarioBase(
  peers: Scenario['peers'],
  commands: (random: Random, plan: Plan) => readonly PlanCommand[],
): Pick<Scenario, 'peers' | 'untilMs' | 'recoveryMs' | 'faults' | 'commands'> {
  return {
    peers,
    untilMs: 14_000,
    recoveryMs: 6_000,
    faults: { everyMs: 800, durationMs: 700 },
    commands,
  }
}

const ELECTION: Omit<Scenario, 'protocol'> = {
  peers: [3, 5],
  minPeers: 3,
  untilMs: 14_000,
  recoveryMs: 5_000,
  faults: { everyMs: 800, durationMs: 1_000 },
  checks: checks(electionSafety, electionLiveness),
}

function checks(
  safety: (world: World) => void,
  liveness: (world: World, healedMs: number, withinMs: number) => void,
): (world: World, plan: Plan) => void {
  return (world, { healedMs, untilMs }) => {
    safety(world)
    if (healedMs !== undefined) liveness(world, healedMs, untilMs - healedMs)
  }
}

/** Generates commands to random processes, on average one every `everyMs`. */
function randomCommands(
  random: Random,
  { healedMs = 0 }: Plan,
  pids: readonly Pid[],
  everyMs: number,
  name: string,
): readonly PlanCommand[] {
  const commands: PlanCommand[] = []
  for (let atMs = everyMs; atMs < healedMs; atMs += Math.ceil(2 * random() * everyMs)) {
    const pid = pids[Math.floor(random() * pids.length)] ?? 1
    commands.push({ atMs, pid, name, args: { id: commands.length + 1 } })
  }
  return commands
}
