/** Parses network lanes: faults as marbles on virtual time. */
import { ClusterError } from '../../../model/cluster-error.ts'
import type { TimedFault } from './fault.ts'
import { parseFault } from './fault-syntax.ts'

const TOKEN = /\s+|(?<![^\s])(\d+(?:\.\d+)?)(ms|s)(?![^\s])|(-)|\(([^()]*)\)|([A-Za-z])|(\S)/gy

/**
 * Parses the marbles of a network lane: `'--(partition 1,2|3)-----(heal)--'`.
 *
 * `-` takes one frame, and so does a group of faults, which are separated by `;`. Blanks take no
 * time. `500ms` and `2s`, between blanks, let time pass. A letter stands for a group.
 *
 * @param frameMs the duration of one frame in milliseconds
 * @param letters the faults of each letter
 * @throws ClusterError `FAULT_INVALID`, with the position
 */
export function parseNetwork(
  marbles: string,
  frameMs = 1,
  letters: ReadonlyMap<string, string> = new Map(),
): readonly TimedFault[] {
  const faults: TimedFault[] = []
  let atMs = 0
  const schedule = (text: string): void => {
    for (const words of text.split(';')) {
      for (const fault of parseFault(words)) faults.push({ atMs, fault })
    }
    atMs += frameMs
  }
  for (const match of marbles.matchAll(TOKEN)) {
    const [, amount, unit, dash, group, letter, unexpected] = match
    if (amount !== undefined) atMs += Number(amount) * (unit === 's' ? 1000 : 1)
    else if (dash !== undefined) atMs += frameMs
    else if (group !== undefined) schedule(group)
    else if (letter !== undefined) schedule(letters.get(letter) ?? rejectUndefined(letter, marbles))
    else if (unexpected !== undefined) {
      const where = `"${unexpected}" at ${match.index + 1} of "${marbles}"`
      throw new ClusterError('FAULT_INVALID', `${where}: write -, (fault), 10ms, 2s or a letter`)
    }
  }
  return faults
}

function rejectUndefined(letter: string, marbles: string): never {
  const help = `define it ("${letter} = heal"), or write the fault as (heal)`
  throw new ClusterError('FAULT_INVALID', `"${letter}" of "${marbles}" is not defined: ${help}`)
}
