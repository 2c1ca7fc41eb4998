/** What the lives of a process have taken, as each wrote it to a file of its own, and what the sender says became of it. */
import { readFile } from 'node:fs/promises'
import { runs } from './record.js'

/** The sequence numbers that one life has taken, in its order. */
export async function readLog(path) {
  const text = await readFile(path, 'utf8').catch((error) => (error.code === 'ENOENT' ? '' : Promise.reject(error)))
  return text.split('\n').slice(0, -1).map(Number)
}

/** What the errors of `deliver` say of the envelope. */
const OUTCOMES = { NOT_DELIVERED: 'not-delivered', DELIVERY_UNKNOWN: 'unknown' }

/**
 * Compares what was taken with what the sender says.
 *
 * @param lives what each life has taken
 * @param report of the sender: how many it sent, its dead letters, receipts and refusals
 */
export function compare(lives, { sent, letters, receipts, refusals }) {
  const { taken, ...wrong } = look(lives)
  const outcomes = new Map(letters.map(([sequence, , outcome]) => [sequence, outcome]))
  const lost = []
  for (let sequence = 0; sequence < sent; sequence++) if (!taken.has(sequence) && !outcomes.has(sequence)) lost.push(sequence)
  const unknown = letters.filter(([, , outcome]) => outcome === 'unknown')
  const lies = [
    ...[...outcomes].filter(([sequence, outcome]) => outcome === 'not-delivered' && taken.has(sequence)),
    ...receipts.filter((sequence) => !taken.has(sequence) || outcomes.has(sequence)),
    ...refusals.filter(([sequence, code]) => outcomes.get(sequence) !== OUTCOMES[code]),
  ]
  return {
    ...wrong,
    lost,
    /** What the sender says that is not so. */
    lies,
    deadTwice: letters.length - outcomes.size,
    unknown: unknown.length,
    /** Of the unknown ones: those that had been taken. */
    unknownTaken: unknown.filter(([sequence]) => taken.has(sequence)).length,
    /** The most that became unknown in one restart. */
    unknownMost: most(unknown.map(([, , , life]) => life)),
  }
}

/**
 * Law: what no life has taken is a dead letter, what is `not-delivered` no life has taken, and little is `unknown`.
 *
 * @param allowed whether there may be dead letters (`dead`), the same in several lives (`again`), and how many `unknown` in one restart
 * @returns the figures and the problems
 */
export function judge(lives, report, { deliverEvery, dead: deadAllowed, again: againAllowed, unknownLimit }) {
  const { lost, lies, ...found } = compare(lives, report)
  const { sent, delivered, dead, inFlight, letters, receipts, refusals, lawBroken } = report
  const promised = Math.floor(sent / deliverEvery)
  const problems = []
  const none = (count, what) => count > 0 && problems.push(`${count} ${what}`)
  none(lost.length, `neither taken nor dead: ${runs(lost).slice(0, 10).join(', ')}`)
  none(lies.length, `whose fate was told wrong: ${JSON.stringify(lies.slice(0, 5))}`)
  none(found.duplicated, 'taken twice by one life')
  none(found.reordered, 'taken after a later one')
  none(found.deadTwice, 'dead twice')
  none(lawBroken, 'times sent was not delivered + dead + inFlight')
  none(Math.abs(promised - receipts.length - refusals.length), 'deliveries that neither completed nor failed, or both')
  if (!againAllowed) none(found.again, 'taken by one life and by another')
  if (!deadAllowed) none(letters.length, `dead: ${JSON.stringify(letters.slice(0, 3))}`)
  if (found.unknownMost > unknownLimit) problems.push(`${found.unknownMost} unknown at once, and the window holds ${unknownLimit}`)
  if (sent !== delivered + dead || dead !== letters.length || inFlight !== 0) {
    problems.push(`of ${sent} sent, ${delivered} delivered, ${dead} dead (${letters.length} dead letters), ${inFlight} in flight`)
  }
  return { messages: sent, lost: lost.length, ...found, dead, unknownLimit, ok: problems.length === 0, problems }
}

/** Within one life everything comes once and in order; across lives something may come again. */
function look(lives) {
  const taken = new Map()
  const wrong = { duplicated: 0, reordered: 0, again: 0 }
  for (const [life, sequences] of lives.entries()) {
    let highest = -1
    for (const sequence of sequences) {
      const before = taken.get(sequence)
      if (before === life) wrong.duplicated++
      else if (sequence < highest) wrong.reordered++
      if (before !== undefined && before !== life) wrong.again++
      highest = Math.max(highest, sequence)
      taken.set(sequence, life)
    }
  }
  return { taken, ...wrong }
}

function most(names) {
  const counts = new Map()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}
