/** Draws the results of all runs as a table. */

const COLUMNS = [
  ...['messages', 'lost', 'duplicated', 'reordered'],
  ...['dead', 'unknown', 'perSecond', 'seconds'],
]
/** Fields that only the JSON output has. */
const JSON_ONLY = [
  ...['scenario', 'ok', 'problems', 'seed', 'damaged', 'redelivered', 'deadTwice'],
  ...['unknownDelivered', 'unknownMax', 'unknownLimit'],
]
const NOT_SETTINGS = new Set([...COLUMNS, ...JSON_ONLY])

/** @returns lines: a head, and one for each result */
export function table(results) {
  const rows = [['scenario', ...COLUMNS, ''], ...results.map(row)]
  const widths = rows[0].map((_, index) => Math.max(...rows.map((cells) => cells[index].length)))
  const pad = (cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))
  return rows.map((cells) => cells.map(pad).join('  '))
}

function row(result) {
  const settings = Object.entries(result).filter(
    ([name, value]) => !NOT_SETTINGS.has(name) && typeof value !== 'object',
  )
  const words = settings.map(([key, value]) =>
    typeof value === 'string' ? value : `${key} ${value}`,
  )
  const figures = COLUMNS.map((column) => result[column]?.toLocaleString('en-US') ?? '')
  return [[result.scenario, ...words].join(' '), ...figures, result.ok ? 'ok' : 'WRONG']
}
