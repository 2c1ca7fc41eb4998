/** What the benchmarks share: contenders that alternate, medians, ratios, and a table. */
import { absence } from './contenders.js'

/**
 * Measures every contender that is installed, alternately, `runs` times. The order is rotated by
 * one each round, so that none always has the same predecessor.
 *
 * @param measure returns a number, or several by name
 * @param draw formats one measurement
 * @returns the measurements of each contender in the order of the rounds, and why others are absent
 */
export async function alternate(names, { runs, measure, draw, log }) {
  const reasons = Object.fromEntries(names.map((name) => [name, absence(name)]))
  const present = names.filter((name) => reasons[name] === undefined)
  const reached = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < runs; round++) {
    const shift = round % present.length
    for (const name of [...present.slice(shift), ...present.slice(0, shift)]) {
      const figure = await measure(name)
      reached[name].push(figure)
      log(`  round ${round + 1} of ${runs}: ${name} ${draw(figure)}`)
    }
  }
  const absent = Object.fromEntries(
    Object.entries(reasons).filter(([, reason]) => reason !== undefined),
  )
  return { reached, absent }
}

/** @returns the median of each contender, `null` for the absent ones */
export function medians(reached, digits = 0) {
  return Object.fromEntries(
    Object.entries(reached).map(([name, values]) => [name, rounded(median(values), digits)]),
  )
}

/**
 * @returns the median of the ratios within each round, on which the machine's load has less
 *   influence; `null` if one of the two is absent
 */
export function ratio(ours, theirs) {
  if (ours.length === 0 || theirs.length === 0) return null
  return rounded(median(ours.map((value, round) => value / theirs[round])), 2)
}

/** @returns the median, `null` of an empty list */
export function median(values) {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function rounded(value, digits) {
  return value === null ? null : Number(value.toFixed(digits))
}

/** A table with a row per contender; an absent one has the reason instead of figures. */
export function table(columns, rows, absent) {
  const cells = (row) =>
    row
      .map((cell) => (typeof cell === 'string' ? cell : cell.toLocaleString('en-US')).padStart(14))
      .join('')
  const head = columns.length > 1 ? [`  ${''.padEnd(22)}${cells(columns)}`] : []
  const unit = columns.length > 1 ? '' : ` ${columns[0]}`
  const line = (name, values) =>
    name in absent ? `        absent, ${absent[name]}` : `${cells(values)}${unit}`
  return [
    ...head,
    ...Object.entries(rows).map(([name, values]) => `  ${name.padEnd(22)}${line(name, values)}`),
  ]
}

/** A figure beside its goal, such as `>= 5`. */
export function goalLine(name, value, goal) {
  const shown = value === null ? 'not measured' : value.toFixed(2)
  return `  ${name.padEnd(22)}${shown.padStart(14)}${goal === undefined ? '' : ` (goal ${goal})`}`
}
