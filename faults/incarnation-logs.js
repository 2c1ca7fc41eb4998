/** Compares what each incarnation of a receiver logged with what the sender reports. */
import { ranges } from './delivery-log.js'
import { readFile } from 'node:fs/promises'

/** @returns the sequence numbers that one incarnation received, in its order */
export async function readLog(path) {
  const text = await readFile(path, 'utf8').catch((error) =>
    error.code === 'ENOENT' ? '' : Promise.reject(error),
  )
  return text.split('\n').slice(0, -1).map(Number)
}

/** The outcome that each error code of `deliver` states. */
const OUTCOMES = { NOT_DELIVERED: 'not-delivered', DELIVERY_UNKNOWN: 'unknown' }

/**
 * Compares deliveries with the sender's report.
 *
 * @param logs the sequence numbers that each incarnation received
 * @param report of the sender: `sent`, dead letters, receipts and failures
 */
export function compare(logs, { sent, deadLetters, receipts, failures }) {
  const { delivered, ...wrong } = checkOrder(logs)
  const outcomes = new Map(deadLetters.map(([sequence, , outcome]) => [sequence, outcome]))
  const lost = []
  for (let sequence = 0; sequence < sent; sequence++) {
    if (!delivered.has(sequence) && !outcomes.has(sequence)) lost.push(sequence)
  }
  const unknown = deadLetters.filter(([, , outcome]) => outcome === 'unknown')
  const falseReports = [
    ...[...outcomes].filter(
      ([sequence, outcome]) => outcome === 'not-delivered' && delivered.has(sequence),
    ),
    ...receipts.filter((sequence) => !delivered.has(sequence) || outcomes.has(sequence)),
    ...failures.filter(([sequence, code]) => outcomes.get(sequence) !== OUTCOMES[code]),
  ]
  return {
    ...wrong,
    lost,
    falseReports,
    deadTwice: deadLetters.length - outcomes.size,
    unknown: unknown.length,
    unknownDelivered: unknown.filter(([sequence]) => delivered.has(sequence)).length,
    /** The largest number of unknown outcomes in one restart. */
    unknownMax: largestGroup(unknown.map(([, , , incarnation]) => incarnation)),
  }
}

/**
 * Checks the delivery guarantee: an envelope that no incarnation received is a dead letter; none
 * that is `not-delivered` was received; few are `unknown`.
 *
 * @param allowed whether there may be dead letters (`dead`), deliveries to several incarnations
 *   (`redelivered`), and how many `unknown` outcomes in one restart (`unknownLimit`)
 * @returns the figures and the problems
 */
export function judge(logs, report, allowed) {
  const { lost, falseReports, ...found } = compare(logs, report)
  const { sent, delivered, dead, inFlight, deadLetters, receipts, failures } = report
  const promised = Math.floor(sent / allowed.deliverEvery)
  const unsettled = Math.abs(promised - receipts.length - failures.length)
  const problems = []
  const none = (count, what) => count > 0 && problems.push(`${count} ${what}`)
  none(lost.length, `neither delivered nor dead: ${ranges(lost).slice(0, 10).join(', ')}`)
  none(falseReports.length, `reported wrongly: ${JSON.stringify(falseReports.slice(0, 5))}`)
  none(found.duplicated, 'delivered twice to one incarnation')
  none(found.reordered, 'delivered after a later one')
  none(found.deadTwice, 'dead twice')
  none(report.violations, 'violations of sent = delivered + dead + inFlight')
  none(unsettled, 'deliveries that neither completed nor failed, or both')
  if (!allowed.redelivered) none(found.redelivered, 'delivered to two incarnations')
  if (!allowed.dead) none(deadLetters.length, `dead: ${JSON.stringify(deadLetters.slice(0, 3))}`)
  const { unknownLimit } = allowed
  if (found.unknownMax > unknownLimit) {
    problems.push(`${found.unknownMax} unknown at once, the window holds ${unknownLimit}`)
  }
  if (sent !== delivered + dead || dead !== deadLetters.length || inFlight !== 0) {
    problems.push(
      `of ${sent} sent, ${delivered} delivered, ${dead} dead ` +
        `(${deadLetters.length} dead letters), ${inFlight} in flight`,
    )
  }
  const ok = problems.length === 0
  return { messages: sent, lost: lost.length, ...found, dead, unknownLimit, ok, problems }
}

/**
 * Within one incarnation each envelope is delivered once and in order; across them it may repeat.
 */
function checkOrder(logs) {
  const delivered = new Map()
  const wrong = { duplicated: 0, reordered: 0, redelivered: 0 }
  for (const [incarnation, sequences] of logs.entries()) {
    let highest = -1
    for (const sequence of sequences) {
      const before = delivered.get(sequence)
      if (before === incarnation) wrong.duplicated++
      else if (sequence < highest) wrong.reordered++
      if (before !== undefined && before !== incarnation) wrong.redelivered++
      highest = Math.max(highest, sequence)
      delivered.set(sequence, incarnation)
    }
  }
  return { delivered, ...wrong }
}

function largestGroup(names) {
  const counts = new Map()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Math.max(0, ...counts.values())
}
