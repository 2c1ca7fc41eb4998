/** Contrast of the pictures, as WCAG 2.2 asks for: 4.5 for texts (1.4.3), 3 for graphics (1.4.11). */
import { describe, expect, it } from 'vitest'
import {
  COLORS,
  DARK,
  FAULT_COLORS,
  INK_ON_MARBLES,
  LIGHT,
  ROLE_COLORS,
  STYLE,
  type Scheme,
} from '../../src/testing/marbles/svg/theme.ts'

const TEXT = 4.5
const GRAPHICS = 3

type Rgb = readonly [red: number, green: number, blue: number]

function rgbOf(color: string): Rgb {
  const [, red = '', green = '', blue = ''] = /^#(..)(..)(..)$/.exec(color) ?? []
  return [red, green, blue].map((digits) => Number.parseInt(digits, 16)) as unknown as Rgb
}

/** The relative luminance of a color. */
function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((value) => {
    const part = value / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as unknown as Rgb
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: Rgb, b: Rgb): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

/** A color of this opacity over another one. */
function over(color: string, opacity: number, below: string): Rgb {
  const [top, bottom] = [rgbOf(color), rgbOf(below)]
  return top.map(
    (value, at) => value * opacity + (bottom[at] ?? 0) * (1 - opacity),
  ) as unknown as Rgb
}

function ratio(a: string, b: string): number {
  return contrast(rgbOf(a), rgbOf(b))
}

/** What texts and graphics stand on: the panel, and the lanes of a node. */
const groundsOf = ({ panel, lane }: Scheme): readonly string[] => [panel, lane]

const FACES = [
  ...COLORS.flatMap(([face, pale]) => [face, pale]),
  ...Object.values(ROLE_COLORS).map(({ face }) => face),
]
const MARBLES = [
  ...COLORS.flatMap(([face, pale, rim]) => [
    { face, rim },
    { face: pale, rim },
  ]),
  ...Object.values(ROLE_COLORS),
]

it('the measure is that of WCAG', () => {
  expect(ratio('#000000', '#ffffff')).toBeCloseTo(21)
  expect(ratio('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
})

it('a letter is readable on every marble', () => {
  expect(STYLE).toContain(`fill:${INK_ON_MARBLES}`)
  expect(FACES.filter((face) => ratio(INK_ON_MARBLES, face) < TEXT)).toEqual([])
})

describe.each([
  ['light', LIGHT],
  ['dark', DARK],
] as const)('the %s scheme', (_name, scheme) => {
  const grounds = groundsOf(scheme)

  it('has readable texts', () => {
    const { ink, soft, box } = scheme
    const low = [ink, soft].filter((color) => [...grounds].some((one) => ratio(color, one) < TEXT))
    expect(low).toEqual([])
    expect(ratio(ink, box)).toBeGreaterThan(TEXT)
  })

  it('has readable texts on the bands of faults', () => {
    const low = Object.entries(FAULT_COLORS).filter(([, color]) => {
      return contrast(rgbOf(scheme.ink), over(color, 0.25, scheme.panel)) < TEXT
    })
    expect(low).toEqual([])
  })

  it('has lines and signs that stand out from what they are on', () => {
    const { line, faint, soft, error, subscription } = scheme
    const colors = { line, faint, soft, error, subscription }
    const low = Object.entries(colors).filter(([, color]) =>
      grounds.some((ground) => ratio(color, ground) < GRAPHICS),
    )
    expect(low).toEqual([])
  })

  it('has marbles whose face or rim stands out from what they are on', () => {
    const low = MARBLES.filter(({ face, rim }) =>
      [...grounds, scheme.group].some(
        (ground) => Math.max(ratio(face, ground), ratio(rim, ground)) < GRAPHICS,
      ),
    )
    expect(low).toEqual([])
  })

  it('has colors of nodes and faults that stand out from what they are on', () => {
    const nodes = COLORS.map((color) => color[scheme.node])
    const low = [...nodes, ...Object.values(FAULT_COLORS)].filter((color) =>
      grounds.some((ground) => ratio(color, ground) < GRAPHICS),
    )
    expect(low).toEqual([])
  })
})
