/** Plots the results of `scale` by number of nodes into docs/scale.svg and docs/scale.json. */
import { readFileSync, writeFileSync } from 'node:fs'
import { scale } from './scale.js'

const DATA = new URL('../docs/scale.json', import.meta.url)
const PICTURE = new URL('../docs/scale.svg', import.meta.url)

/** Nodes on the x axis, by the number of processes that share them. */
const SIZES = {
  1: [10, 50, 100, 150, 200, 300, 500, 700],
  4: [10, 50, 100, 150, 200, 300, 500, 700, 1_000],
}

/** Small clusters broadcast until this many deliveries, large ones once. */
const DELIVERIES = 200_000

/** Where the predecessor of this library stops, according to its authors. */
const PREDECESSOR = [
  { nodes: 200, what: 'the predecessor halts' },
  { nodes: 700, what: 'the predecessor dies' },
]

const COLORS = { 1: '#0b62a4', 4: '#c2410c' }
const INK = '#1f2937'
const FAINT = '#6b7280'
/** Colors of the light scheme as the picture writes them, and what readers with a dark one see. */
const DARK = {
  white: '#0d1117',
  [INK]: '#e6edf3',
  [FAINT]: '#9198a1',
  'rgb(11, 98, 164)': '#58a6ff',
  'rgb(194, 65, 12)': '#ff9c66',
}
const FONT = 'system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif'

export const about = 'plots delivered messages per second by nodes, into docs'

export const options = {
  runs: { default: 3, about: 'runs of each size; the figure is their median' },
  redraw: { default: 0, min: 0, about: '1 draws docs/scale.json without measuring' },
}

/** It writes into docs. */
export const onlyByName = true

export async function run({ runs, redraw }, log) {
  const data = redraw > 0 ? JSON.parse(readFileSync(DATA, 'utf8')) : await measure(runs, log)
  writeFileSync(DATA, `${JSON.stringify(data, null, 2)}\n`)
  writeFileSync(PICTURE, await draw(data.points))
  return { name: 'plot', ...data }
}

export function lines({ points }) {
  return points.map(
    ({ nodes, processes, perSecond }) =>
      `  ${String(nodes).padStart(5)} nodes in ${processes}  ${count(perSecond).padStart(10)} delivered/s`,
  )
}

async function measure(runs, log) {
  const points = []
  for (const [shared, sizes] of Object.entries(SIZES)) {
    const processes = Number(shared)
    for (const nodes of sizes) {
      const rounds = Math.max(1, Math.round(DELIVERIES / (nodes * (nodes - 1))))
      const results = []
      for (let index = 0; index < runs; index++)
        results.push(await scale({ nodes, processes, rounds }, log))
      const wrong = results.find(({ lost, duplicated }) => lost !== 0 || duplicated !== 0)
      if (wrong !== undefined) throw new Error(`nothing is plotted: ${JSON.stringify(wrong)}`)
      const median = results.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(runs / 2)]
      points.push({
        nodes,
        processes,
        rounds,
        seconds: median.seconds,
        perSecond: Math.round(median.delivered / median.seconds),
      })
    }
  }
  return { runs, points }
}

/** @returns the text of an SVG file */
async function draw(points) {
  const [Plot, { parseHTML }] = await Promise.all([load('@observablehq/plot'), load('linkedom')])
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const ends = Object.keys(SIZES).map((processes) =>
    points.findLast((point) => point.processes === Number(processes)),
  )
  const most = Math.max(...points.map(({ perSecond }) => perSecond))
  const title = 'Every node broadcasts to every other: messages delivered per second'
  const text = { fontFamily: FONT, fontSize: 13, fill: INK }
  const svg = Plot.plot({
    document,
    width: 860,
    height: 460,
    marginTop: 74,
    marginRight: 132,
    marginBottom: 56,
    marginLeft: 76,
    style: { fontFamily: FONT, fontSize: '13px', color: INK, background: 'white' },
    ariaLabel: title,
    x: {
      domain: [0, 1_000],
      label: null,
      ticks: [10, 100, 200, 300, 500, 700, 1_000],
      tickFormat: count,
      tickSize: 0,
      tickPadding: 10,
    },
    y: {
      domain: [0, most * 1.08],
      label: null,
      grid: true,
      ticks: 6,
      tickFormat: count,
      tickSize: 0,
    },
    color: { domain: [1, 4], range: [COLORS[1], COLORS[4]] },
    marks: [
      Plot.ruleY([0], { stroke: INK }),
      Plot.ruleX(PREDECESSOR, { x: 'nodes', stroke: FAINT, strokeDasharray: '4 4' }),
      Plot.text(PREDECESSOR, {
        ...text,
        x: 'nodes',
        text: 'what',
        frameAnchor: 'top',
        textAnchor: 'start',
        dx: 7,
        dy: 4,
        fill: FAINT,
      }),
      Plot.lineY(points, { x: 'nodes', y: 'perSecond', stroke: 'processes', strokeWidth: 2.5 }),
      Plot.dot(points, {
        x: 'nodes',
        y: 'perSecond',
        fill: 'processes',
        stroke: 'white',
        strokeWidth: 1.5,
        r: 4.5,
      }),
      Plot.text(ends, {
        ...text,
        x: 'nodes',
        y: 'perSecond',
        text: ({ processes }) => (processes === 1 ? 'in one process' : `in ${processes} processes`),
        fill: 'processes',
        fontWeight: 600,
        textAnchor: 'start',
        dx: 12,
      }),
      Plot.text([title], {
        ...text,
        frameAnchor: 'top-left',
        textAnchor: 'start',
        dx: -60,
        dy: -50,
        fontSize: 17,
        fontWeight: 600,
      }),
      Plot.text(['messages per second'], {
        ...text,
        frameAnchor: 'top-left',
        textAnchor: 'start',
        dx: -60,
        dy: -22,
        fill: FAINT,
      }),
      Plot.text(['nodes, over TCP on one machine'], {
        ...text,
        frameAnchor: 'bottom',
        dy: 44,
        fill: FAINT,
      }),
    ],
  })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  // Some SVG readers ignore a background in a style.
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of Object.entries({ width: '100%', height: '100%', fill: 'white' }))
    paper.setAttribute(name, value)
  svg.insertBefore(paper, svg.querySelector('style')?.nextSibling ?? svg.firstChild)
  return `${withDarkScheme(svg.outerHTML)}\n`
}

/** A rule of a style sheet wins over an attribute; `!important` wins over the style of the root. */
function withDarkScheme(text) {
  const rules = Object.entries(DARK).flatMap(([light, dark]) =>
    ['fill', 'stroke'].map((name) => `[${name}="${light}"]{${name}:${dark}}`),
  )
  const root = `svg{color:${DARK[INK]}!important;background:${DARK.white}!important}`
  const style = `<style>@media(prefers-color-scheme:dark){${root}${rules.join('')}}</style>`
  return text.replace('</svg>', `${style}</svg>`)
}

function count(value) {
  return value.toLocaleString('en-US')
}

/** The plotting libraries are dependencies of this folder's package. */
async function load(name) {
  try {
    return await import(name)
  } catch (error) {
    throw new Error(`${name} is not installed: npm install --prefix bench`, { cause: error })
  }
}
