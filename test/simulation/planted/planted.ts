/** Every planted bug with its scenario, and each protocol without one. */
import { type ElectionBug, election, electionChecks, electionEnds } from './election.ts'
import { type CounterBug, counter, counterChecks, counterEnds } from './counter.ts'
import { type LockBug, lock, lockChecks, lockEnds } from './lock.ts'
import { type RegisterBug, register, registerChecks, registerEnds } from './register.ts'
import type { Chance } from '../../../src/core/chance.ts'
import type { PlanCommand, Plan } from '../../../src/simulation/explore/plan.ts'
import type { Pid } from '../../../src/model/pid.ts'
import type { Scenario } from '../../../src/simulation/explore/scenario.ts'
import type { World } from '../../../src/simulation/world.ts'

export type Kind = 'election' | 'register' | 'counter' | 'lock'

export const BUGS = {
  election: [
    'a vote counted twice',
    'a vote forgotten at restart',
    'a majority of those within reach',
    'one vote too few',
    'a vote of an older term counted',
    'a leader that does not step down',
    'an election timer that is never reset',
    'a heartbeat of an older term accepted',
    'a campaign that is never given up',
    'a promise forgotten at restart',
  ] satisfies ElectionBug[],
  register: [
    'a commit before a quorum answered',
    'an answer before the disk has it',
    'an answer matched to another write',
    'a commit of a majority of those within reach',
    'an answer counted twice',
    'a write that is never sent again',
  ] satisfies RegisterBug[],
  counter: [
    'dedupe forgotten at restart',
    'a question repeated under a new name',
    'an answer before the disk has it',
    'an answer to another question accepted',
    'a question that is not repeated',
    'a name forgotten as soon as it is answered',
  ] satisfies CounterBug[],
  lock: [
    'no fencing: a holder was only paused',
    'tokens forgotten at restart',
    "released by somebody else's release",
    'granted again before the lease is over',
    'a lease that is never over',
  ] satisfies LockBug[],
}

export const KINDS = Object.keys(BUGS) as Kind[]

/** The scenario of a protocol. @param bug healthy without */
export function scenarioOf(kind: Kind, bug?: string): Scenario {
  switch (kind) {
    case 'election':
      return {
        ...ELECTION,
        protocol: election(bug as ElectionBug | undefined),
      }
    case 'register':
      return {
        ...trial([3, 5], (chance, plan) => told(chance, plan, [1], 800, 'write')),
        protocol: register(bug as RegisterBug | undefined),
        checks: checks(registerChecks, registerEnds),
      }
    case 'counter':
      return {
        ...trial(3, (chance, plan) => told(chance, plan, [2, 3], 500, 'count')),
        protocol: counter(bug as CounterBug | undefined),
        checks: checks(counterChecks, counterEnds),
      }
    case 'lock':
      return {
        ...trial(4, (chance, plan) => told(chance, plan, [3, 4], 500, 'lock')),
        peersLeast: 3,
        protocol: lock(bug as LockBug | undefined),
        checks: checks(lockChecks, lockEnds),
      }
  }
}

function trial(
  peers: Scenario['peers'],
  commands: (chance: Chance, plan: Plan) => readonly PlanCommand[],
): Pick<Scenario, 'peers' | 'untilMs' | 'calmMs' | 'faults' | 'commands'> {
  return { peers, untilMs: 14_000, calmMs: 6_000, faults: { everyMs: 800, lastsMs: 700 }, commands }
}

const ELECTION: Omit<Scenario, 'protocol'> = {
  peers: [3, 5],
  peersLeast: 3,
  untilMs: 14_000,
  calmMs: 5_000,
  faults: { everyMs: 800, lastsMs: 1_000 },
  checks: checks(electionChecks, electionEnds),
}

function checks(
  always: (world: World) => void,
  ends: (world: World, healedMs: number, withinMs: number) => void,
): (world: World, plan: Plan) => void {
  return (world, { healedMs, untilMs }) => {
    always(world)
    if (healedMs !== undefined) ends(world, healedMs, untilMs - healedMs)
  }
}

/** Somebody is told something, again and again. */
function told(
  chance: Chance,
  { healedMs = 0 }: Plan,
  pids: readonly Pid[],
  everyMs: number,
  name: string,
): readonly PlanCommand[] {
  const commands: PlanCommand[] = []
  for (let atMs = everyMs; atMs < healedMs; atMs += Math.ceil(2 * chance() * everyMs)) {
    const pid = pids[Math.floor(chance() * pids.length)] ?? 1
    commands.push({ atMs, pid, name, args: { id: commands.length + 1 } })
  }
  return commands
}
