/** Parses network lanes: faults as marbles on virtual time. */
import { A_STRING, checkArgument, numberFrom, withMethods } from '../../../model/check-arguments.ts'
import { ClusterError } from '../../../model/cluster-error.ts'
import type { TimedFault } from './fault.ts'
import { parseFault } from './fault-syntax.ts'

const A_MAP = withMethods('a Map from letters to faults', 'get', 'has')
const TOKEN = /\s+|(?<![^\s])(\d+(?:\.\d+)?)(ms|s)(?![^\s])|(-)|\(([^()]*)\)|([A-Za-z])|(\S)/gy

/**
 * Parses the marbles of a network lane: `'--(partition 1,2|3)-----(heal)--'`.
 *
 * `-` takes one frame, and so does a group of faults, which are separated by `;`. Blanks take no
 * time. `500ms` and `2s`, between blanks, let time pass. A letter stands for a group.
 *
 * @param frameMs the duration of one frame in milliseconds
 * @param letters the faults of each letter
 * @throws ClusterError `FAULT_INVALID`, with the position; `INVALID_ARGUMENT`
 */
export function parseNetwork(
  marbles: string,
  frameMs = 1,
  letters: ReadonlyMap<string, string> = new Map(),
): readonly TimedFault[] {
  checkArgument('parseNetwork', 'marbles', marbles, A_STRING)
  checkArgument('parseNetwork', 'frameMs', frameMs, numberFrom({ min: 0 }))
  checkArgument('parseNetwork', 'letters', letters, A_MAP)
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
