/** Network lanes: faults as marbles on virtual time. */
import { ClusterError } from '../../../model/cluster-error.ts'
import type { TimedFault } from './fault.ts'
import { parseFault } from './fault-syntax.ts'

const TOKEN = /\s+|(?<![^\s])(\d+(?:\.\d+)?)(ms|s)(?![^\s])|(-)|\(([^()]*)\)|([A-Za-z])|(\S)/gy

/**
 * Reads the marbles of a network lane: `'--(partition 1,2|3)-----(heal)--'`.
 *
 * `-` is one frame, and so is a group, whatever stands in it; a group holds faults, with `;`
 * between them. Blanks mean nothing; `500ms` and `2s`, between blanks, let time pass. A letter is
 * a group that is written elsewhere.
 *
 * @param frameMs how many milliseconds one frame is
 * @param letters what each letter stands for
 * @throws ClusterError `FAULT_INVALID`, with the place
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
      throw new ClusterError('FAULT_INVALID', `${where}: a network lane has - (fault) 10ms 2s`)
    }
  }
  return faults
}

function rejectUndefined(letter: string, marbles: string): never {
  const help = `define it ("${letter} = heal"), or write (heal)`
  throw new ClusterError('FAULT_INVALID', `"${letter}" of "${marbles}" stands for nothing: ${help}`)
}
