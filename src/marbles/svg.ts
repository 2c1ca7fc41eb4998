/** A stanza as a picture: lanes of coloured marbles, the command between them, time below. */
import { renderCommand, renderStanza } from './render.ts'
import { type Stanza, tickMsOf } from './stanza.ts'
import { AXIS_HEIGHT, drawAxis, drawGrid } from './svg-axis.ts'
import { drawLane } from './svg-lane.ts'
import type { Frame } from './svg-lane.ts'
import { drawLegend } from './svg-legend.ts'
import { bandsOf, drawBands, drawTint, networkHeight } from './svg-network.ts'
import type { Band } from './svg-network.ts'
import { lastFrameOf, rowsOf } from './svg-rows.ts'
import type { Row } from './svg-rows.ts'
import type { Face } from './svg-text.ts'
import { element, escaped, px, textAt, widthOf, wrap } from './svg-text.ts'
import { STYLE, toneOfNode } from './svg-theme.ts'
import { timeScale } from './svg-time.ts'

const MARGIN = 24
const WIDTH_MIN = 520
const NAME_SIZE = 13
const NAME_GAP = 34
const TITLE: Look = { size: 16, line: 23, face: 'title', classes: 'h i' }
const REMARK: Look = { size: 13, line: 19, face: 'prose', classes: 'r s' }
const COMMAND = { size: 15, line: 22, padding: 11, apart: 10 }
const NODE_APART = 8

interface Look {
  readonly size: number
  readonly line: number
  readonly face: Face
  readonly classes: string
}

interface Placed {
  readonly row: Row
  readonly top: number
  readonly height: number
  readonly bands: readonly Band[]
}

/**
 * Draws a stanza as an SVG document; the same stanza always gives the same text.
 *
 * It follows the reader's light or dark scheme on a panel of its own, and says what it shows in a
 * title and a description. A lane named `network` is drawn as bands of faults, and the lanes of one
 * node stand together where a stanza is of a whole cluster.
 */
export function stanzaSvg(stanza: Stanza): string {
  const [given, expected] = rowsOf(stanza)
  const rows = [...given, ...expected]
  const frame = frameFor(stanza, rows)
  const bandsFor = (row: Row): readonly Band[] =>
    row.faults === undefined ? [] : bandsOf(row.faults, frame.scale, frame.zeroX, frame.tipX - 9)
  const all = rows.flatMap(bandsFor)
  const tipX = Math.max(frame.tipX, ...all.map(({ endX }) => endX + 16))
  const width = tipX + MARGIN
  const inner = width - 2 * MARGIN
  const parts: string[] = []
  const say = (text: string, { size, line, face, classes }: Look): void => {
    for (const one of wrap(text, inner, size, face)) {
      parts.push(textAt(MARGIN, y + size, one, classes))
      y += line
    }
  }
  let y = MARGIN - 6
  say(stanza.title, TITLE)
  if (stanza.remarks.length > 0) say(stanza.remarks.join(' '), REMARK)
  y += 8
  const above = placed(given, y, bandsFor)
  const command = drawCommand(stanza, bottomOf(above, y) + COMMAND.apart, inner)
  const below = placed(expected, command.bottom + COMMAND.apart, bandsFor)
  const bottom = bottomOf(below, command.bottom + COMMAND.apart) + 4
  const lanes = [...above, ...below]
  const wide = { ...frame, tipX }
  const legend = drawLegend(stanza, MARGIN, bottom + AXIS_HEIGHT, inner)
  const height = bottom + AXIS_HEIGHT + legend.height + MARGIN - 10
  parts.push(
    ...nodePanels(above, tipX),
    ...nodePanels(below, tipX),
    drawGrid(y, bottom, wide),
    ...lanes.flatMap(({ bands }) => bands.flatMap((band) => tints(band, lanes))),
    ...lanes.map((lane) =>
      lane.bands.length === 0
        ? drawLane(lane.row, lane.top + lane.height / 2, wide)
        : textAt(MARGIN, lane.top + 26, lane.row.name, 'i') + drawBands(lane.bands, lane.top),
    ),
    command.text,
    drawAxis(bottom, wide),
    legend.text,
  )
  return document(stanza, width, height, parts)
}

function frameFor(stanza: Stanza, rows: readonly Row[]): Frame {
  const names = rows.map(({ name }) => widthOf(name, NAME_SIZE, 'code'))
  const zeroX = MARGIN + Math.max(...names, 0) + NAME_GAP
  const extents = rows.map(({ clusters, faults }) =>
    faults === undefined ? clusters : clusters.map((one) => ({ ...one, left: 2, right: 2 })),
  )
  const arrow = 44
  const room = WIDTH_MIN - zeroX - arrow - MARGIN
  const scale = timeScale(extents, lastFrameOf(stanza), room, tickMsOf(stanza.command))
  const ends = extents.flat().map((one) => scale.x(one.frame) + one.right)
  const tipX = zeroX + Math.max(scale.width + arrow, ...ends.map((end) => end + 24))
  return { nameX: MARGIN, zeroX, tipX, scale }
}

function placed(
  rows: readonly Row[],
  from: number,
  bandsFor: (row: Row) => readonly Band[],
): readonly Placed[] {
  let top = from
  return rows.map((row, at) => {
    const bands = bandsFor(row)
    const before = rows[at - 1]
    if (before !== undefined && (before.pid ?? row.pid) !== undefined && before.pid !== row.pid) {
      top += NODE_APART
    }
    const height = row.faults === undefined ? row.height : networkHeight(bands)
    const here = { row, top, height, bands }
    top += height
    return here
  })
}

function bottomOf(lanes: readonly Placed[], otherwise: number): number {
  const last = lanes.at(-1)
  return last === undefined ? otherwise : last.top + last.height
}

function drawCommand(
  { command }: Stanza,
  top: number,
  width: number,
): { readonly text: string; readonly bottom: number } {
  const said = renderCommand(command)
  const lines = wrap(said, width - 2 * COMMAND.padding, COMMAND.size, 'code')
  const height = lines.length * COMMAND.line + 2 * COMMAND.padding
  const box = { x: MARGIN, y: top, width, height, rx: 8, class: 'b' }
  const texts = lines.map((line, at) => {
    const base = top + COMMAND.padding + at * COMMAND.line + 16
    return textAt(MARGIN + width / 2, base, line, 'c i m')
  })
  return { text: element('rect', box) + texts.join(''), bottom: top + height }
}

/** A panel and a stripe in the colour of the node, behind the lanes of each. */
function nodePanels(lanes: readonly Placed[], tipX: number): readonly string[] {
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
      element('rect', panel) + element('rect', { ...stripe, fill: toneOfNode(first.row.pid ?? 0) })
    )
  })
}

/** A fault of a node shades its lanes, any other shades all of them. */
function tints(band: Band, lanes: readonly Placed[]): readonly string[] {
  const { pids } = band.span
  return lanes
    .filter(({ row }) => row.pid !== undefined && (pids.length === 0 || pids.includes(row.pid)))
    .map(({ top, height }) => drawTint(band, top, height))
}

function document(stanza: Stanza, width: number, height: number, parts: readonly string[]): string {
  const [w, h] = [px(Math.ceil(width)), px(Math.ceil(height))]
  const panel = { x: 0.5, y: 0.5, width: Math.ceil(width) - 1, height: Math.ceil(height) - 1 }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" ` +
      `viewBox="0 0 ${w} ${h}" role="img">`,
    `<title>${escaped(stanza.title)}</title>`,
    `<desc>${escaped(renderStanza(stanza))}</desc>`,
    `<style>${STYLE}</style>`,
    element('rect', { ...panel, rx: 10, class: 'p' }),
    ...parts.filter((part) => part !== ''),
    '</svg>\n',
  ].join('\n')
}
