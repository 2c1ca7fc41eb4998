/**
 * The MessagePack codec, msgpackr, @msgpack/msgpack and cbor-x: time per operation for the same
 * checked work, and what each accepts without an error.
 *
 * rx-cluster's codec checks a message while it encodes and decodes. The others do not; their
 * checked figures include a separate walk over the message (`codec-messages.js`). That walk cannot
 * find what a decoder has already accepted, such as a duplicate key.
 */
import { CASES, outcomeOf } from './codec-acceptance.js'
import { alternate, median } from './contest.js'
import { MESSAGES } from './codec-messages.js'
import { PACKAGES } from './codec-contenders.js'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const WORKER = fileURLToPath(new URL('codec-worker.js', import.meta.url))
const OURS = 'rx-cluster'
const SHAPES = Object.keys(MESSAGES)
const FIGURES = ['encodeNs', 'checkedEncodeNs', 'decodeNs', 'checkedDecodeNs']

export const about = 'MessagePack codec beside msgpackr, @msgpack/msgpack and cbor-x'

export const options = {
  ms: { default: 150, about: 'milliseconds per measurement' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
  cases: { default: 1, min: 0, about: '0 skips the table of what each accepts' },
}

/** @returns nanoseconds by shape, figure and contender, and the outcome of each case */
export async function run({ ms, runs, cases }, log) {
  const draw = (result) => `${SHAPES[0]}: ${describeShape(result[SHAPES[0]])}`
  const measureOne = (name) => measureContender(name, ms)
  const names = Object.keys(PACKAGES)
  const { reached, absent } = await alternate(names, { runs, measure: measureOne, log, draw })
  const present = names.filter((name) => !(name in absent))
  const shapes = Object.fromEntries(
    SHAPES.map((shape) => [shape, figuresOf(reached, present, shape)]),
  )
  const acceptance = cases === 0 ? undefined : await acceptanceOf(present, log)
  return { name: 'codec', ms, runs, shapes, acceptance, absent }
}

export const figures = Object.fromEntries(
  SHAPES.flatMap((shape) => [
    [`${shape}: encodeNs`, 'lower'],
    [`${shape}: decodeNs`, 'lower'],
  ]),
)

/** One measurement of rx-cluster's codec. */
export async function measure({ ms }) {
  const result = await measureContender(OURS, ms)
  return Object.fromEntries(
    SHAPES.flatMap((shape) => [
      [`${shape}: encodeNs`, Math.round(result[shape].encodeNs)],
      [`${shape}: decodeNs`, Math.round(result[shape].decodeNs)],
    ]),
  )
}

/** Draws the result of `run`. */
export function lines({ shapes, acceptance, absent }) {
  const present = Object.keys(Object.values(shapes)[0].encodeNs)
  const head = ['ns per operation', 'figure', ...present]
  const rows = Object.entries(shapes).flatMap(([shape, figuresOfShape]) => [
    [shape, 'bytes', ...present.map((name) => count(figuresOfShape.bytes[name]))],
    ...FIGURES.map((figure) => [
      '',
      LABELS[figure],
      ...present.map((name) => count(figuresOfShape[figure][name])),
    ]),
  ])
  const missing = Object.entries(absent).map(([name, reason]) => `  ${name}: absent, ${reason}`)
  const accepted =
    acceptance === undefined
      ? []
      : ['', ...drawTable([['', ...present], ...Object.entries(acceptance).map(rowOf(present))])]
  return [...drawTable([head, ...rows], 2), ...missing, ...accepted]
}

const LABELS = {
  encodeNs: 'encode',
  checkedEncodeNs: 'encode, checked',
  decodeNs: 'decode',
  checkedDecodeNs: 'decode, checked',
}

async function measureContender(name, ms) {
  const { stdout } = await promisify(execFile)(process.execPath, [WORKER, name, `${ms}`])
  return JSON.parse(stdout)
}

function figuresOf(reached, present, shape) {
  const of = (figure) =>
    Object.fromEntries(
      present.map((name) => [
        name,
        Math.round(median(reached[name].map((result) => result[shape][figure]))),
      ]),
    )
  return Object.fromEntries(['bytes', ...FIGURES].map((figure) => [figure, of(figure)]))
}

/** Every case of every contender, a few at a time: some take all memory that they may. */
async function acceptanceOf(present, log) {
  const table = {}
  for (const name of CASES) {
    const outcomes = await Promise.all(present.map((contender) => outcomeOf(contender, name)))
    table[name] = Object.fromEntries(present.map((contender, at) => [contender, outcomes[at]]))
    log(`  ${name}: ${outcomes.join(' | ')}`)
  }
  return table
}

function rowOf(present) {
  return ([name, outcomes]) => [name, ...present.map((contender) => outcomes[contender])]
}

function describeShape({ checkedEncodeNs, checkedDecodeNs }) {
  return `encode ${checkedEncodeNs.toFixed(0)} ns, decode ${checkedDecodeNs.toFixed(0)} ns, checked`
}

/** @param numbersFrom the first column that is aligned to the right */
function drawTable(rows, numbersFrom = Infinity) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column >= numbersFrom ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    )
    return `  ${cells.join('  ').trimEnd()}`
  })
}

function count(value) {
  return value.toLocaleString('en-US')
}
