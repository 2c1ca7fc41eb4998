/**
 * Compares two builds in one run: `npm run bench -- NAME --against DIR`.
 *
 * Both builds are measured by this bench code, alternately, so that a change of the machine's load
 * affects both. The result is the ratio of the medians. It is turned so that a smaller ratio is
 * always worse: 0.95 means that this build is 5 % slower, or takes 5 % more memory.
 */
import { availableParallelism, loadavg } from 'node:os'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { median } from './contest.js'

/** A ratio of at least this is within the noise of the machine. */
export const NOISE_RATIO = 0.95

/**
 * Measures both builds `alternations` times; the one that was first in one round is second in the
 * next.
 *
 * @param benchmark exports `figures` (name → 'higher' or 'lower', whichever is better) and
 *   `measure(settings, log)`, which returns one number for each figure
 * @param directory the tree of the other build
 */
export async function compareBuilds(benchmark, settings, { directory, alternations, log }) {
  const other = resolve(directory)
  if (!existsSync(join(other, 'dist', 'index.js'))) {
    throw new Error(`there is no build in ${directory}: run \`npm ci && npm run build\` there`)
  }
  warnIfBusy(log)
  const measured = { ours: [], theirs: [] }
  for (let round = 0; round < alternations; round++) {
    const order = round % 2 === 0 ? ['ours', 'theirs'] : ['theirs', 'ours']
    for (const side of order) {
      selectBuild(side === 'ours' ? undefined : other)
      const values = await benchmark.measure(settings, () => undefined)
      measured[side].push(values)
      const label = side === 'ours' ? 'this build' : 'the other'
      log(`  alternation ${round + 1} of ${alternations}, ${label}: ${formatValues(values)}`)
    }
  }
  selectBuild(undefined)
  const figures = Object.entries(benchmark.figures).map(([figure, better]) => {
    const [ours, theirs] = [measured.ours, measured.theirs].map((all) =>
      all.map((values) => values[figure]),
    )
    return { figure, better, ours, theirs, ...judge(better, median(ours), median(theirs)) }
  })
  return { against: directory, alternations, figures }
}

/** Draws the result of `compareBuilds`. */
export function comparisonLines({ figures, alternations, against }) {
  const rows = figures.map(
    ({ figure, better, oursMedian, theirsMedian, ratio, verdict, ...all }) => [
      `${figure} (${better} is better)`,
      `${format(oursMedian)} ${range(all.ours)}`,
      `${format(theirsMedian)} ${range(all.theirs)}`,
      ratio === null ? '' : ratio.toFixed(3),
      verdict,
    ],
  )
  const table = [['', 'this build (range)', 'other build (range)', 'ratio', ''], ...rows]
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)))
  const draw = (row) => {
    const cells = row.map((cell, column) =>
      column === 0 || column === 4 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    )
    return `  ${cells.join('  ').trimEnd()}`
  }
  return [
    `  medians of ${alternations} alternations against ${against}; ratio >= ${NOISE_RATIO} is within noise`,
    ...table.map(draw),
  ]
}

/** Times by the wall clock vary by a multiple while other processes need the cores. */
function warnIfBusy(log) {
  const [load] = loadavg()
  const cores = availableParallelism()
  if (load < cores / 2) return
  log(
    `  load average ${load.toFixed(1)} on ${cores} cores: only figures of CPU time and memory are reliable`,
  )
}

/** The child processes of a benchmark load the build that this variable names. */
function selectBuild(directory) {
  if (directory === undefined) delete process.env['RX_CLUSTER_BENCH_BUILD']
  else process.env['RX_CLUSTER_BENCH_BUILD'] = directory
}

function judge(better, oursMedian, theirsMedian) {
  const medians = { oursMedian, theirsMedian }
  // A figure may be zero or negative, such as the growth of a heap; it has no ratio then.
  if (!(oursMedian > 0 && theirsMedian > 0)) {
    return { ...medians, ratio: null, verdict: 'not comparable' }
  }
  const exact = better === 'higher' ? oursMedian / theirsMedian : theirsMedian / oursMedian
  const ratio = Math.round(exact * 1_000) / 1_000
  return { ...medians, ratio, verdict: ratio >= NOISE_RATIO ? 'within noise' : 'WORSE' }
}

function formatValues(values) {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${format(value)}`)
    .join(', ')
}

function format(value) {
  return value.toLocaleString('en-US', {
    maximumSignificantDigits: value < 1_000 ? 4 : 15,
    maximumFractionDigits: 0,
  })
}

function range(values) {
  return `(${format(Math.min(...values))} to ${format(Math.max(...values))})`
}
