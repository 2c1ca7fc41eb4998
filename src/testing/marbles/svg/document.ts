/**
 * Renders a marble test as an SVG document: lanes and a time axis. An operator is a box between the
 * lanes that it reads and those that it makes; the lanes of a cluster are grouped by node.
 */
import { renderCall, renderMarbleTest } from '../render.ts'
import { checkArgument } from '../../../model/check-arguments.ts'
import { A_MARBLE_TEST, type MarbleCall, type MarbleTest, tickMsOf } from '../marble-test.ts'
import { type PlacedMarble, messagesOf, renderArrows } from './arrows.ts'
import { type LaneRow, type RenderedLane, marblePoints, renderLane } from './lane.ts'
import { renderLegend } from './legend.ts'
import { placeBands, renderBands, renderTint, networkHeight } from './network.ts'
import type { FaultBand } from './network.ts'
import { lastFrameOf, rowsOf } from './layout.ts'
import type { FontFace } from './text.ts'
import { element, escapeXml, px, textAt, textWidth, wrap } from './text.ts'
import { STYLE, nodeClass } from './theme.ts'
import { AXIS_HEIGHT, type LaneGeometry, renderAxis, renderGrid, timeScale } from './time.ts'

const MARGIN = 24
const WIDTH_MIN = 620
/** The width of a page on GitHub: a wider picture is scaled down, and so are its texts. */
const WIDTH_MAX = 880
/** From the last frame to the tip of the arrow of time. */
const TIP_WIDTH = 44
/** How often a picture is drawn narrower until it fits. */
const ATTEMPTS_MAX = 10
const NAME_SIZE = 13
const NAME_GAP = 34
const TITLE: TextStyle = { size: 16, line: 23, face: 'title', classes: 'h i' }
const REMARK: TextStyle = { size: 13, line: 19, face: 'prose', classes: 'r s' }
/** What the nodes of a cluster run. */
const CLUSTER_CALL: TextStyle = { size: 12, line: 19, face: 'code', classes: 'y s' }
const CALL_BOX = { size: 13.5, line: 20, padding: 11, gap: 10 }
const NODE_GAP = 8

interface TextStyle {
  readonly size: number
  readonly line: number
  readonly face: FontFace
  readonly classes: string
}

interface PlacedRow {
  readonly row: LaneRow
  readonly top: number
  readonly height: number
  readonly bands: readonly FaultBand[]
}

/**
 * Renders a marble test as an SVG document. Equal tests give equal text.
 *
 * The picture follows the light or dark color scheme of its reader. A lane named `network` shows
 * faults as bands, and a test of a whole cluster groups the lanes of each node.
 *
 * @param description the text alternative for screen readers; default: the marble test as text
 * @param callText the text in the box; default: the command, without how it is run and drawn
 */
export function renderSvg(test: MarbleTest, description?: string, callText?: string): string {
  checkArgument('renderSvg', 'test', test, A_MARBLE_TEST)
  const boxText = callText ?? shownCall(test.call)
  const { given, expected, isCluster } = rowsOf(test)
  const { geometry, bandsFor } = fittingGeometry(test, [...given, ...expected])
  const { tipX } = geometry
  const width = tipX + MARGIN
  const innerWidth = width - 2 * MARGIN
  const parts: string[] = []
  const writeText = (paragraph: string, { size, line, face, classes }: TextStyle): void => {
    for (const text of wrap(paragraph, innerWidth, size, face)) {
      parts.push(textAt(MARGIN, y + size, text, classes))
      y += line
    }
  }
  let y = MARGIN - 6
  writeText(capitalized(test.title), TITLE)
  if (test.comments.length > 0) writeText(test.comments.join(' '), REMARK)
  if (isCluster) writeText(boxText, CLUSTER_CALL)
  y += 8
  const above = placeRows(given, y, bandsFor)
  const callBox = isCluster
    ? { text: '', bottom: y - CALL_BOX.gap }
    : renderCallBox(boxText, bottomOf(above, y) + CALL_BOX.gap, innerWidth)
  const below = placeRows(expected, callBox.bottom + CALL_BOX.gap, bandsFor)
  const bottom = bottomOf(below, callBox.bottom + CALL_BOX.gap) + 4
  const lanes = [...above, ...below]
  const faults = lanes.flatMap(({ bands }) => bands)
  const marbles = isCluster ? placedMarbles(lanes, geometry) : []
  const messages = messagesOf(marbles, (letter) => deadNameOf(test, letter))
  const rendered = lanes.map((lane): RenderedLane => {
    const { row, top, height: laneHeight, bands } = lane
    if (bands.length === 0)
      return renderLane(row, top + laneHeight / 2, geometry, outagesOf(lane, faults))
    return { back: textAt(MARGIN, top + 26, row.name, 'i') + renderBands(bands, top), marks: '' }
  })
  const legend = renderLegend(test, MARGIN, bottom + AXIS_HEIGHT, innerWidth)
  const height = bottom + AXIS_HEIGHT + legend.height + MARGIN - 10
  parts.push(
    ...renderNodePanels(above, tipX),
    ...renderNodePanels(below, tipX),
    renderGrid(y, bottom, geometry),
    ...lanes.flatMap(({ bands }) => bands.flatMap((band) => renderTints(band, lanes))),
    ...rendered.map(({ back }) => back),
    ...renderArrows(messages, marbles, geometry.zeroX - 12),
    ...rendered.map(({ marks }) => marks),
    callBox.text,
    renderAxis(bottom, geometry),
    legend.text,
  )
  return svgDocument(test.title, description ?? renderMarbleTest(test), [width, height], parts)
}

/** A title begins with a capital; a letter or the name of a call stays as it is. */
function capitalized(title: string): string {
  return /^(?:a|[a-z]{2,})(?![a-zA-Z.(])/.test(title)
    ? title.slice(0, 1).toUpperCase() + title.slice(1)
    : title
}

/** Where everything is, and the places of faults on a lane. */
interface Fitting {
  readonly geometry: LaneGeometry
  readonly bandsFor: (row: LaneRow) => readonly FaultBand[]
}

/** Makes the scale narrower until the texts of faults fit, too. */
function fittingGeometry(test: MarbleTest, rows: readonly LaneRow[]): Fitting {
  let overflow = 0
  for (let attempt = 1; ; attempt += 1) {
    const geometry = geometryFor(test, rows, WIDTH_MAX - overflow)
    const { scale, zeroX } = geometry
    const bandsFor = (row: LaneRow): readonly FaultBand[] =>
      row.faults === undefined ? [] : placeBands(row.faults, scale, zeroX, geometry.tipX - 8)
    const ends = rows.flatMap(bandsFor).map(({ endX }) => endX + 8)
    const tipX = Math.max(geometry.tipX, ...ends)
    const excess = tipX + MARGIN - WIDTH_MAX
    if (excess <= 0 || attempt === ATTEMPTS_MAX)
      return { geometry: { ...geometry, tipX }, bandsFor }
    overflow += excess
  }
}

function geometryFor(
  test: MarbleTest,
  rows: readonly LaneRow[],
  pictureWidthMax: number,
): LaneGeometry {
  const names = rows.map(({ name }) => textWidth(name, NAME_SIZE, 'code'))
  const zeroX = MARGIN + Math.max(...names, 0) + NAME_GAP
  const extents = rows.map(({ groups, faults }) =>
    faults === undefined ? groups : groups.map((one) => ({ ...one, left: 2, right: 2 })),
  )
  const around = zeroX + TIP_WIDTH + MARGIN
  const widthMin = WIDTH_MIN - around
  const widthMax = Math.max(pictureWidthMax - around, widthMin)
  const scale = timeScale(extents, lastFrameOf(test), [widthMin, widthMax], tickMsOf(test.call))
  const ends = extents.flat().map((one) => scale.x(one.frame) + one.right)
  const tipX =
    zeroX + Math.max(scale.width + TIP_WIDTH, widthMin + TIP_WIDTH, ...ends.map((end) => end + 24))
  return { nameX: MARGIN, zeroX, tipX, scale }
}

/** The marbles of all lanes, at their places. */
function placedMarbles(
  lanes: readonly PlacedRow[],
  { zeroX, scale }: LaneGeometry,
): readonly PlacedMarble[] {
  return lanes
    .filter(({ row }) => row.faults === undefined)
    .flatMap(({ row, top, height }) =>
      row.groups.flatMap((group) =>
        marblePoints(group, zeroX + scale.x(group.frame), top + height / 2).map(
          ([letter, x, y]) => ({ lane: row.name, letter, frame: group.frame, x, y }),
        ),
      ),
    )
}

/** Returns the letter of the envelope in a dead letter: a of `a to 2: expired, not-delivered`. */
function deadNameOf({ expected }: MarbleTest, letter: string): string | undefined {
  const value = expected.definitions.find((one) => one.letter === letter)?.value
  return value?.kind === 'literal' ? /^([A-Za-z]) to \d+: /.exec(value.text)?.[1] : undefined
}

function placeRows(
  rows: readonly LaneRow[],
  from: number,
  bandsFor: (row: LaneRow) => readonly FaultBand[],
): readonly PlacedRow[] {
  let top = from
  return rows.map((row, at) => {
    const bands = bandsFor(row)
    const before = rows[at - 1]
    if (before !== undefined && (before.pid ?? row.pid) !== undefined && before.pid !== row.pid) {
      top += NODE_GAP
    }
    const height = row.faults === undefined ? row.height : networkHeight(bands)
    const here = { row, top, height, bands }
    top += height
    return here
  })
}

function bottomOf(lanes: readonly PlacedRow[], fallback: number): number {
  const last = lanes.at(-1)
  return last === undefined ? fallback : last.top + last.height
}

/** Options that say how a test is run and drawn, not what it does. */
const HIDDEN_OPTIONS = new Set(['show', 'tick', 'seed'])

function shownCall(call: MarbleCall): string {
  const options = Object.entries(call.options).filter(([key]) => !HIDDEN_OPTIONS.has(key))
  return renderCall({ ...call, options: Object.fromEntries(options) })
}

function renderCallBox(
  callText: string,
  top: number,
  width: number,
): { readonly text: string; readonly bottom: number } {
  const lines = wrap(callText, width - 2 * CALL_BOX.padding, CALL_BOX.size, 'code')
  const height = lines.length * CALL_BOX.line + 2 * CALL_BOX.padding
  const box = { x: MARGIN, y: top, width, height, rx: 8, class: 'b' }
  const texts = lines.map((line, at) => {
    const base = top + CALL_BOX.padding + at * CALL_BOX.line + 16
    return textAt(MARGIN + width / 2, base, line, 'c i m')
  })
  return { text: element('rect', box) + texts.join(''), bottom: top + height }
}

/** Draws a panel with a stripe in the color of the node behind its lanes. */
function renderNodePanels(lanes: readonly PlacedRow[], tipX: number): readonly string[] {
  const starts = lanes.filter(({ row }, at) => {
    return row.pid !== undefined && lanes[at - 1]?.row.pid !== row.pid
  })
  return starts.map((first) => {
    const from = lanes.indexOf(first)
    const after = lanes.findIndex(({ row }, at) => at > from && row.pid !== first.row.pid)
    const last = lanes[after < 0 ? lanes.length - 1 : after - 1] ?? first
    const [x, y] = [MARGIN - 12, first.top]
    const height = last.top + last.height - first.top
    const panel = { x, y, width: tipX + 12 - x, height, rx: 6, class: 'a' }
    const stripe = { x, y: y + 4, width: 4, height: height - 8, rx: 2 }
    return (
      element('rect', panel) + element('rect', { ...stripe, class: nodeClass(first.row.pid ?? 0) })
    )
  })
}

/** The times without a running process on a lane: no line is drawn there. */
function outagesOf({ row }: PlacedRow, bands: readonly FaultBand[]): readonly FaultBand[] {
  return bands.filter(({ span }) => {
    return span.style === 'dead' && row.pid !== undefined && span.pids.includes(row.pid)
  })
}

/** Shades the lanes of the nodes that a fault affects; without pids it affects all. */
function renderTints(band: FaultBand, lanes: readonly PlacedRow[]): readonly string[] {
  const { pids } = band.span
  return lanes
    .filter(({ row }) => row.pid !== undefined && (pids.length === 0 || pids.includes(row.pid)))
    .map(({ top, height }) => renderTint(band, top, height))
}

function svgDocument(
  title: string,
  description: string,
  [width, height]: readonly [width: number, height: number],
  parts: readonly string[],
): string {
  const [w, h] = [px(Math.ceil(width)), px(Math.ceil(height))]
  const panel = { x: 0.5, y: 0.5, width: Math.ceil(width) - 1, height: Math.ceil(height) - 1 }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" ` +
      `viewBox="0 0 ${w} ${h}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(description)}</desc>`,
    `<style>${STYLE}</style>`,
    element('rect', { ...panel, rx: 10, class: 'p' }),
    ...parts.filter((part) => part !== ''),
    '</svg>\n',
  ].join('\n')
}
