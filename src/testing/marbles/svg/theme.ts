/** The colors of marbles and nodes, and the style sheet for light and dark schemes. */

import type { MarbleRole } from './role.ts'

/** The colors of a marble. */
export interface MarbleColor {
  readonly face: string
  readonly rim: string
}

/** Letters use these in turn; none is the green, red, amber or indigo of a role. */
export const COLORS: readonly (readonly [face: string, pale: string, rim: string])[] = [
  ['#79b8ff', '#e0efff', '#1f6fc4'],
  ['#ffd9a8', '#fff3e2', '#8a5a1c'],
  ['#5fd4cc', '#d6f5f2', '#0f827b'],
  ['#ff9fd2', '#ffe5f3', '#bd3d85'],
  ['#c9dc52', '#f3f8d2', '#6e7f0b'],
  ['#66cdf0', '#daf3fc', '#12799c'],
  ['#e39be8', '#f9e6fa', '#933f9a'],
  ['#d0a98a', '#f4e8de', '#83562f'],
]

/** The colors of marbles with a role. */
export const ROLE_COLORS: Readonly<Record<Exclude<MarbleRole, 'value'>, MarbleColor>> = {
  up: { face: '#7ee08a', rim: '#1a7f37' },
  down: { face: '#ff9a91', rim: '#b3261e' },
  waiting: { face: '#ffd257', rim: '#8a6100' },
  dead: { face: '#c3c9d0', rim: '#59636e' },
  error: { face: '#c3c9d0', rim: '#59636e' },
  frame: { face: '#b9c0ff', rim: '#4350b8' },
}

/** Letters in the usual order of use: from a above the line, from p below it. */
const COLOR_ORDER = 'abcdpqrsefghitujklmnovwxyz'

/**
 * Returns the color of a letter, or of its role, the same in every picture. A capital has the pale
 * color of its small letter, because it stands for the same message.
 */
export function colorOf(letter: string, role: MarbleRole = 'value'): MarbleColor {
  if (role !== 'value') return ROLE_COLORS[role]
  const small = letter.toLowerCase()
  const at = Math.max(COLOR_ORDER.indexOf(small), 0) % COLORS.length
  const [face, pale, rim] = COLORS[at] ?? ['#ddd', '#eee', '#555']
  return { face: small === letter ? face : pale, rim }
}

/** Returns the class with the color of a node: the rim of a marble in light, its face in dark. */
export function nodeClass(pid: number): string {
  return `d${(pid + COLORS.length - 1) % COLORS.length}`
}

/** The colors of the picture itself. */
export interface Scheme {
  readonly panel: string
  readonly frame: string
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly faint: string
  readonly grid: string
  readonly box: string
  readonly group: string
  readonly error: string
  readonly subscription: string
  readonly lane: string
  /** Each color of `COLORS`, as a node: its index in a row of the table. */
  readonly node: 0 | 2
}

/** For readers with a light color scheme. */
export const LIGHT: Scheme = {
  panel: '#ffffff',
  frame: '#d1d9e0',
  ink: '#1f2328',
  soft: '#656d76',
  line: '#424a53',
  faint: '#848d97',
  grid: '#eaeef2',
  box: '#f3f6fa',
  group: '#eff2f6',
  error: '#cf222e',
  subscription: '#7d8590',
  lane: '#f6f8fa',
  node: 2,
}

/** For readers with a dark color scheme. */
export const DARK: Scheme = {
  panel: '#0d1117',
  frame: '#30363d',
  ink: '#e6edf3',
  soft: '#9198a1',
  line: '#b7bfc8',
  faint: '#6e7681',
  grid: '#1c2128',
  box: '#161b22',
  group: '#21262d',
  error: '#ff7b72',
  subscription: '#7d8590',
  lane: '#151b23',
  node: 0,
}

/** The colors of faults, which are the same in both schemes. */
export const FAULT_COLORS = { cut: '#e5534b', dead: '#7d8590', slow: '#b0851a', other: '#8957e5' }

/** The color of letters on marbles, in both schemes. */
export const INK_ON_MARBLES = '#1b1f24'

const FAULT_RULES = Object.entries(FAULT_COLORS)
  .map(([style, fill]) => `.${style}{fill:${fill}}`)
  .join('')

const FIXED =
  'text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;' +
  'font-size:13px}' +
  '.h{font-family:-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;font-size:16px;' +
  'font-weight:600}' +
  '.r{font-family:-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}' +
  '.z{font-size:11px}.y{font-size:12px}.c{font-size:13.5px;font-weight:600}' +
  '.n{font-size:14px;font-weight:600}.o{font-size:11px;font-weight:600}' +
  `.n,.o{fill:${INK_ON_MARBLES}}` +
  '.m{text-anchor:middle}.e{text-anchor:end}' +
  '.t{stroke:#8b949e;stroke-width:2;fill:none}' +
  FAULT_RULES

/** The style sheet of every picture. */
export const STYLE = `${FIXED}${rules(LIGHT)}@media(prefers-color-scheme:dark){${rules(DARK)}}`

function rules(scheme: Scheme): string {
  const { panel, frame, ink, soft, line, faint, grid, box, group, error, subscription, lane } =
    scheme
  const { node } = scheme
  return (
    `.p{fill:${panel};stroke:${frame}}.i{fill:${ink}}.s{fill:${soft}}` +
    `.l{stroke:${line};stroke-width:2;fill:none}.lf{fill:${line}}` +
    `.f{stroke:${faint};stroke-width:1.5;stroke-dasharray:2 4;fill:none}.ff{fill:${faint}}` +
    `.u{stroke:${soft};stroke-width:1.5;fill:none}.ud{stroke-dasharray:4 3}.uh{fill:${soft}}` +
    `.g{stroke:${grid}}.k{stroke:${soft}}` +
    `.b{fill:${box};stroke:${line};stroke-width:1.5}` +
    `.q{fill:${group};stroke:${soft};stroke-width:1}` +
    `.x{stroke:${error};stroke-width:3;stroke-linecap:round;fill:none}` +
    `.v{fill:${subscription}}.w{stroke:${panel};stroke-width:2;stroke-linecap:round;fill:none}` +
    `.a{fill:${lane}}.j{fill:${ink};font-weight:600}` +
    COLORS.map((color, at) => `.d${at}{fill:${color[node]}}`).join('')
  )
}
