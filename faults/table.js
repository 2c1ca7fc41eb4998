/** What all runs came to, for people. */

const COLUMNS = ['messages', 'lost', 'duplicated', 'reordered', 'dead', 'unknown', 'perSecond', 'seconds']
/** What is in the JSON only. */
const UNSHOWN = ['scenario', 'ok', 'problems', 'seed', 'damaged', 'again', 'deadTwice', 'unknownTaken', 'unknownMost', 'unknownLimit']
const OTHERS = new Set([...COLUMNS, ...UNSHOWN])

/** @returns lines: a head, and one for each result */
export function table(results) {
  const rows = [['scenario', ...COLUMNS, ''], ...results.map(row)]
  const widths = rows[0].map((_, index) => Math.max(...rows.map((cells) => cells[index].length)))
  return rows.map((cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join('  '))
}

function row(result) {
  const settings = Object.entries(result).filter(([name, value]) => !OTHERS.has(name) && typeof value !== 'object')
  const name = [result.scenario, ...settings.map(([key, value]) => (typeof value === 'string' ? value : `${key} ${value}`))].join(' ')
  const figures = COLUMNS.map((column) => result[column]?.toLocaleString('en-US') ?? '')
  return [name, ...figures, result.ok ? 'ok' : 'WRONG']
}
