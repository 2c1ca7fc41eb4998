/** Pictures of marble tests: no overlaps, all marks, and the spans of faults. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseNotation } from '../../src/testing/marbles/notation.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { faultSpans } from '../../src/testing/marbles/svg/network.ts'
import { legendText } from '../../src/testing/marbles/svg/legend-text.ts'
import { textWidth, wrap } from '../../src/testing/marbles/svg/text.ts'
import type { FontFace } from '../../src/testing/marbles/svg/text.ts'
import { renderSvg } from '../../src/testing/marbles/svg/document.ts'
import type { MarbleTest } from '../../src/testing/marbles/marble-test.ts'
import { marbleTest } from './arbitraries.ts'
import { marbleFiles } from './pictures.ts'

const ROOT = new URL('../../', import.meta.url)
const ALL = marbleFiles().flatMap((path) =>
  parseMarbleTests(readFileSync(new URL(path, ROOT), 'utf8'), path).map((located) => located.test),
)

const CLUSTER = parseOnly(`# a leader is cut off & <replaced>
cluster peers=3 seed=7
network --p 500ms -h---(rs)
outbox1 a
inbox2  -(abcdefgij)----c
p = partition 1|2,3
h = heal
r = reset 1-2
s = skew 2 x1.1 +500ms
a = {"type":"lead","term":1}
----
output2 -------(bcd|)
inbox1  --- 500ms ---c------
links1  ----q 480ms u-#
output3 ------- 500ms (xy)
q = {"2":"down","3":"down"}
u = {"2":"up"}
x = "I lead in term 2, which is a long sentence, longer than any line of a picture should ever become"
# = PEER_DOWN
`)

function parseOnly(text: string): MarbleTest {
  const [located] = parseMarbleTests(text, 'x.txt')
  if (located === undefined) throw new Error('no marble test')
  return located.test
}

interface Box {
  readonly what: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The width of a page on GitHub: a wider picture is scaled down. */
const PAGE_WIDTH = 880
/** The letters of marbles are no obstacles: a marble covers what is behind it. */
const isInMarble = ({ what }: Box): boolean => /^[A-Za-z]$/.test(what)

const SIZES: Readonly<Record<string, number>> = { h: 16, z: 11, y: 12, c: 13.5, n: 14, o: 11 }
const number = (tag: string, name: string): number =>
  Number(new RegExp(`[ ]${name}="([^"]*)"`).exec(tag)?.[1])

function textsOf(svg: string): readonly Box[] {
  return [...svg.matchAll(/<text [^>]*class="([^"]*)"[^>]*>([^<]*)</g)].map(
    ([tag, classes = '', raw = '']) => {
      const what = raw
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&')
      const names = classes.split(' ')
      const size = names.map((name) => SIZES[name]).find((one) => one !== undefined) ?? 13
      const face: FontFace = names.includes('h') ? 'title' : names.includes('r') ? 'prose' : 'code'
      const width = textWidth(what, size, face)
      const shift = names.includes('m') ? width / 2 : names.includes('e') ? width : 0
      const [left, y] = [number(tag, 'x') - shift, number(tag, 'y')]
      return { what, left, right: left + width, top: y - size * 0.8, bottom: y + size * 0.2 }
    },
  )
}

/** Returns overlapping texts and marbles, and texts outside of the picture. */
function collisions(svg: string): readonly string[] {
  const texts = textsOf(svg)
  const [width, height] = [number(svg, 'width'), number(svg, 'height')]
  const outside = texts.filter(
    ({ left, right, top, bottom }) => left < 0 || top < 0 || right > width || bottom > height,
  )
  const over = texts.flatMap((a, at) =>
    texts
      .slice(at + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `"${a.what}" over "${b.what}"`),
  )
  const marbles = [...svg.matchAll(/<circle [^>]*>/g)].map(([tag]) => ({
    x: number(tag, 'cx'),
    y: number(tag, 'cy'),
    radius: number(tag, 'r'),
  }))
  const touching = marbles.flatMap((a, at) =>
    marbles
      .slice(at + 1)
      .filter((b) => Math.hypot(a.x - b.x, a.y - b.y) < a.radius + b.radius)
      .map((b) => `a marble at ${a.x},${a.y} over one at ${b.x},${b.y}`),
  )
  return [...outside.map(({ what }) => `"${what}" is outside`), ...over, ...touching]
}

interface Arrow {
  readonly from: readonly [x: number, y: number]
  readonly control: readonly [x: number, y: number]
  readonly to: readonly [x: number, y: number]
  readonly isDashed: boolean
}

function arrowsOf(svg: string): readonly Arrow[] {
  const paths = svg.matchAll(/<path d="M([-\d. ]+)Q([-\d. ]+)" class="(u|u ud)"/g)
  return [...paths].map(([, start = '', curve = '', classes]) => {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = `${start} ${curve}`
      .split(' ')
      .map(Number)
    return { from: [x1, y1], control: [x2, y2], to: [x3, y3], isDashed: classes === 'u ud' }
  })
}

/** Returns the texts that an arrow crosses, besides letters of marbles. */
function arrowsOverText(svg: string): readonly string[] {
  const texts = textsOf(svg).filter((box) => !isInMarble(box))
  return arrowsOf(svg).flatMap(({ from, control, to }) =>
    Array.from({ length: 101 }, (_, index) => index / 100).flatMap((at) => {
      const [x, y] = ([0, 1] as const).map(
        (axis) =>
          (1 - at) ** 2 * from[axis] + 2 * at * (1 - at) * control[axis] + at ** 2 * to[axis],
      ) as [number, number]
      const hit = texts.filter(
        (box) => box.left < x && x < box.right && box.top < y && y < box.bottom,
      )
      return hit.map(({ what }) => `an arrow over "${what}"`)
    }),
  )
}

/** Returns unclosed tags, unescaped characters, and invalid numbers. */
function malformed(svg: string): readonly string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [tag, close, name = '', empty] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== name) wrong.push(tag)
    } else if (empty !== '/') open.push(name)
  }
  const bare = svg.replaceAll(/<[^>]*>/g, '').match(/<|&(?!amp;|lt;|gt;|quot;)/g) ?? []
  const numbers = svg.match(/ [a-z]+="[^" ]*(?:NaN|Infinity|undefined)/g) ?? []
  return [...wrong, ...open, ...bare, ...numbers]
}

function marblesOf({ given, expected }: MarbleTest): number {
  const lanes = [...given.lanes, ...expected.lanes].filter(({ name }) => name !== 'network')
  return lanes.flatMap(({ drawing }) => drawing.marks).filter(({ kind }) => kind === 'next').length
}

/** A failed receipt is a cross, without a letter. */
function failedReceiptsOf({ given }: MarbleTest): number {
  const marks = given.lanes.flatMap(({ name, drawing }) =>
    name === 'receipts' ? drawing.marks : [],
  )
  return marks.filter((mark) => mark.kind === 'next' && mark.letter === 'x').length
}

describe('every marble test of the repository', () => {
  it.each([...ALL, CLUSTER].map((one) => [one.title, one] as const))('%s', (_title, one) => {
    const svg = renderSvg(one)
    expect(collisions(svg)).toEqual([])
    expect(malformed(svg)).toEqual([])
    expect(arrowsOverText(svg)).toEqual([])
    expect(number(svg, 'width')).toBeLessThanOrEqual(PAGE_WIDTH)
    expect(svg.match(/class="n m"/g)?.length ?? 0).toBe(marblesOf(one) - failedReceiptsOf(one))
    expect(renderSvg(one)).toBe(svg)
  })
})

describe('any marble test', () => {
  it('is rendered without overlaps', () => {
    fc.assert(
      fc.property(marbleTest, (one) => {
        const svg = renderSvg(one)
        expect(collisions(svg)).toEqual([])
        expect(svg.match(/class="n m"/g)?.length ?? 0).toBe(marblesOf(one))
      }),
      { numRuns: 200 },
    )
  })
})

const FAULTS = [
  'partition 1,2|3',
  'heal',
  'cut 1>2',
  'restore 1>2',
  'cut 1-2',
  'restore 1-2',
  'reset 1-2',
  'crash 3',
  'restart 3',
  'pause 2',
  'resume 2',
  'drop 30% 1>2',
  'delay 1..100ms',
  'skew 2 x1.1 +500ms',
  'duplicate 5%; reorder 10%',
]

describe('any cluster', () => {
  it('is rendered without overlapping texts of faults', () => {
    const fault = fc.record({
      gap: fc.constantFrom('-', '', '---', ' 30ms ', ' 2s '),
      at: fc.nat(FAULTS.length - 1),
    })
    const letter = (at: number): string => String.fromCodePoint(97 + at)
    fc.assert(
      fc.property(fc.array(fault, { maxLength: 12 }), (faults) => {
        const network = faults.map(({ gap, at }) => `${gap}${letter(at)}`).join('')
        const letters = FAULTS.map((words, at) => `${letter(at)} = ${words}`).join('\n')
        const lanes = 'inbox2 -a-b\noutbox1 -(abc)|\noutput2 --a'
        const svg = renderSvg(
          parseOnly(`# t\ncluster\nnetwork ${network}\n${letters}\n----\n${lanes}`),
        )
        expect(collisions(svg)).toEqual([])
        expect(malformed(svg)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

describe('a picture', () => {
  const svg = renderSvg(CLUSTER)
  const texts = textsOf(svg).map(({ what }) => what)

  it('has a text alternative', () => {
    expect(svg).toContain('<title>a leader is cut off &amp; &lt;replaced&gt;</title>')
    expect(svg).toMatch(/<desc># a leader[^<]*----\noutput2/)
    expect(svg).toContain('role="img"')
  })

  it('follows the color scheme of the reader', () => {
    expect(svg).toContain('@media(prefers-color-scheme:dark){.p{')
  })

  it('cuts long idle times, and shows their duration', () => {
    expect(renderSvg(parseOnly('# t\nx\na -a 500ms b\n----'))).toContain('>500ms</text>')
    expect(renderSvg(parseOnly('# t\nx\na -a 18ms b\n----'))).not.toContain('18ms</text>')
  })

  it('shows the text of faults in their bands, and not in the legend', () => {
    expect(texts).toEqual(expect.arrayContaining(['partition 1|2,3', 'heal', 'reset 1-2']))
    expect(texts.filter((text) => text === 'heal')).toHaveLength(1)
  })

  it('groups lanes by node, in the order of pids', () => {
    const lanes = texts.filter((text) => /^(?:inbox|outbox|output|links)\d$/.test(text))
    expect(lanes).toEqual(['outbox1', 'inbox1', 'links1', 'inbox2', 'output2', 'output3'])
  })

  it('draws link states, frames, dead letters and failed receipts in shapes of their own', () => {
    const test = parseOnly(
      '# t\ncluster 2\nreceipts -x\n----\nlinks1 -u-d-w\nframes1 -D\ndead1 -A\ninbox1 -a\n' +
        'u = 2 up\nd = 2 down\nw = 2 unresponsive',
    )
    const svg = renderSvg(test)
    const shapes = (fill: string): readonly (string | undefined)[] =>
      [...svg.matchAll(new RegExp(`<(\\w+) [^>]*fill="${fill}"`, 'g'))].map(([, tag]) => tag)
    for (const fill of ['#7ee08a', '#ff9a91', '#ffd257'])
      expect(shapes(fill)).toEqual(['rect', 'rect'])
    expect(shapes('#b9c0ff')).toEqual(['rect'])
    expect(shapes('#c3c9d0')).toEqual(['circle'])
    expect(svg.match(/class="t"/g)).toHaveLength(1)
    // One is that of the legend.
    expect(svg.match(/class="x"/g)).toHaveLength(2)
  })

  it('interrupts the lines of a node without a running process', () => {
    const faulty = parseOnly(
      '# t\ncluster 2\nnetwork --k---r--\nk = crash 2\nr = restart 2\n----\n' +
        'inbox1 ---------\ninbox2 ---------',
    )
    const lines = [...renderSvg(faulty).matchAll(/<path d="((?:M[\d. ]+H[\d.]+)+)" class="l"/g)]
    expect(lines.map(([, d = '']) => d.split('M').length - 1)).toEqual([1, 2])
  })

  it('draws a message as an arrow, and a dashed one to its dead letter', () => {
    const svg = renderSvg(
      parseOnly(
        '# t\ncluster 3\noutbox1 -a-b\nb = to 3: "b"\n----\ndead1 -----B\ninbox2 --a---\n' +
          'inbox3 ---a--\nB = b to 3: peer-removed, unknown',
      ),
    )
    const arrows = arrowsOf(svg)
    expect(arrows.map(({ isDashed }) => isDashed)).toEqual([true, false, false])
    expect(arrows.every(({ from, to }) => to[0] > from[0] && to[1] > from[1])).toBe(true)
    expect(svg.match(/class="uh"/g)).toHaveLength(3)
  })

  it('draws no arrows where there are more than twelve, or where nothing was delivered', () => {
    const letters = (count: number): string =>
      `# t\ncluster 2\noutbox1 ${'-a'.repeat(count)}\n----\ninbox2 -${'-a'.repeat(count)}`
    expect(arrowsOf(renderSvg(parseOnly(letters(12))))).toHaveLength(12)
    expect(arrowsOf(renderSvg(parseOnly(letters(13))))).toEqual([])
    expect(arrowsOf(renderSvg(parseOnly('# t\ncluster 2\noutbox1 -a\n----\ninbox2 ---')))).toEqual(
      [],
    )
  })

  it('draws who leads in the color of the leader, thick on its own lane', () => {
    const svg = renderSvg(
      parseOnly(
        '# t\ncluster 2\nnetwork ------p\np = pause 2\n----\noutput1 -B---a----\noutput2 -B--------\n' +
          'a = "no leader in term 2"\nB = "node 2 leads term 1"',
      ),
    )
    const bars = [...svg.matchAll(/width="([\d.]+)" height="(6|12)" rx="[36]" class="d1"/g)]
    const [other, leader, legend] = bars.map(([, width, height]) => [Number(width), Number(height)])
    expect(bars).toHaveLength(3)
    expect([other?.[1], leader?.[1], legend]).toEqual([6, 12, [18, 12]])
    // It ends with the next value, and with the process.
    expect(leader?.[0]).toBeGreaterThan(other?.[0] ?? 0)
    expect(textsOf(svg).map(({ what }) => what)).toContain('node 2 is the leader')
  })

  it('hides the options that say how a test is run and drawn', () => {
    const svg = renderSvg(parseOnly('# a title\ncluster 2 show=inbox tick=5ms seed=3\na -\n----'))
    expect(textsOf(svg).map(({ what }) => what)).toEqual(expect.arrayContaining(['cluster 2']))
    expect(textsOf(svg)[0]?.what).toBe('A title')
  })

  it('gives a letter one color, and its capital a pale one', () => {
    const colors = (text: string): readonly (string | undefined)[] =>
      [...renderSvg(parseOnly(text)).matchAll(/fill="(#\w+)" stroke="(#\w+)"/g)].map(([tag]) => tag)
    expect(new Set(colors('# t\nx\nlane -a-a\n----\nother a')).size).toBe(1)
    const [small, capital, other] = colors('# t\nx\nlane -a-A-b\n----')
    expect(new Set([small, capital, other]).size).toBe(3)
    expect(capital?.split('stroke')[1]).toBe(small?.split('stroke')[1])
  })

  it('draws a faint line without a subscription, and a bar for one', () => {
    const subscriptions = (drawing: string): string =>
      renderSvg(parseOnly(`# t\nx\nsource a-b\n----\nsource ${drawing}`)).split('</style>')[1] ?? ''
    expect(subscriptions('---').match(/class="lf"/g)).toHaveLength(1)
    expect(subscriptions('---')).not.toContain('fill-opacity')
    expect(subscriptions('^-!')).toContain('fill-opacity')
  })

  it('ends the line at completion', () => {
    expect(renderSvg(parseOnly('# t\nx\nlane -a-|\n----')).match(/class="lf"/g)).toBeNull()
    expect(renderSvg(parseOnly('# t\nx\nlane -a--\n----')).match(/class="lf"/g)).toHaveLength(1)
  })
})

describe('faults', () => {
  const spans = (lane: string, ...definitions: readonly string[]): readonly unknown[] => {
    const { given } = parseOnly(
      ['# t', 'cluster', `network ${lane}`, ...definitions, '----'].join('\n'),
    )
    const [network] = given.lanes
    if (network === undefined) throw new Error('no lane')
    return faultSpans(network, given.definitions).map(
      ({ text, fromFrame, toFrame, ending, pids, isOpenEnded }) =>
        [text, fromFrame, isOpenEnded ? 'open' : toFrame, ending, pids].filter(
          (one) => one !== undefined,
        ),
    )
  }

  it.each([
    ['-a--b-', ['a = partition 1|2', 'b = heal'], [['partition 1|2', 1, 4, 'heal', []]]],
    ['-a--b-', ['a = cut 1-2', 'b = restore 2-1'], [['cut 1-2', 1, 4, 'restore 2-1', [1, 2]]]],
    [
      '-a--b-',
      ['a = cut 1>2', 'b = restore 2>1'],
      [
        ['cut 1>2', 1, 'open', [1, 2]],
        ['restore 2>1', 4, 4, []],
      ],
    ],
    ['-a--b-', ['a = pause 2', 'b = resume 2'], [['pause 2', 1, 4, 'resume 2', [2]]]],
    [
      '-a--b-',
      ['a = pause 2', 'b = crash 2'],
      [
        ['pause 2', 1, 4, [2]],
        ['crash 2', 4, 'open', [2]],
      ],
    ],
    [
      '-a--b-',
      ['a = crash 2', 'b = restart 3'],
      [
        ['crash 2', 1, 'open', [2]],
        ['restart 3', 4, 4, []],
      ],
    ],
    [
      '-a--b-',
      ['a = drop 30% 1>2', 'b = drop 0% 1>2'],
      [
        ['drop 30% 1>2', 1, 4, []],
        ['drop 0% 1>2', 4, 'open', []],
      ],
    ],
    [
      '-a--b-',
      ['a = drop 30% 1>2', 'b = drop 30%'],
      [
        ['drop 30% 1>2', 1, 'open', []],
        ['drop 30%', 4, 'open', []],
      ],
    ],
    ['-a--b-', ['a = delay ~5ms', 'b = heal'], [['delay ~5ms', 1, 4, 'heal', []]]],
    [
      '-a--b-',
      ['a = reset 1-2', 'b = anything new'],
      [
        ['reset 1-2', 1, 1, [1, 2]],
        ['anything new', 4, 'open', []],
      ],
    ],
    [
      '(ab)c',
      ['a = crash 1', 'b = pause 2', 'c = heal'],
      [
        ['crash 1', 0, 'open', [1]],
        ['pause 2', 0, 'open', [2]],
        ['heal', 4, 4, []],
      ],
    ],
    ['-x', [], [['x', 1, 'open', []]]],
  ])('%s %j', (lane, definitions, expected) => {
    expect(spans(lane, ...definitions)).toEqual(expected)
  })
})

describe('a legend', () => {
  it.each([
    ['2: "hi" re c', 'source', 'from 2: "hi", in reply to c'],
    ['2: "hi" with {"a":"b"} re c', 'source', 'from 2: "hi" with {"a":"b"}, in reply to c'],
    ['2: error {"code":"A"} re c', 'source', 'from 2: error {"code":"A"}, in reply to c'],
    ['2/7f as a: "hi"', 'source', 'from 2/7f, msgId a: "hi"'],
    ['to all: "hi"', 'result', 'to all: "hi"'],
    ['to 2 as b: "hi" re c ttl 50', 'result', 'to 2, msgId b: "hi", in reply to c, for 50 ms'],
    ['2 up', 'links1', 'the link to 2 is up'],
    ['2, 3 up; 4 down', 'links1', 'the links to 2 and 3 are up; the link to 4 is down'],
    ['{"2":"down"}', 'links', 'the link to 2 is down'],
    ['a to 2: expired, not-delivered', 'dead1', 'a to 2 is dead: expired, not-delivered'],
    ['[2,3,4]', 'peers', 'the peers are 2, 3 and 4'],
    ['[]', 'peers', 'there are no peers'],
    ['[2,3]', 'result', '[2,3]'],
    ['"node 2 leads term 1"', 'output1', 'node 2 leads term 1'],
    ['"hello"', 'source', '"hello"'],
    ['undefined', 'source', 'undefined'],
    ['a stream of 2', 'result', 'the stream of peer 2'],
    ['{"pid":2,"phi":6.5,"verdict":"suspect"}', 'result', 'peer 2 is a suspect: φ = 6.5'],
    ['{"answers":["a","c"],"missing":[4]}', 'result', 'the answers a and c; 4 missing'],
    ['{"answers":[],"missing":[]}', 'result', 'no answers; none missing'],
    ['{"pid":3,"issues":["no"]}', 'rejected', 'from 3, rejected: no'],
    ['{"term":1}', 'source', '{"term":1}'],
    ['DATA 1-3', 'frames1', 'DATA 1-3'],
  ])('%s on %s is %s', (text, lane, sentence) => {
    expect(legendText(parseNotation(text), [lane])).toBe(sentence)
  })
})

describe('text', () => {
  it('wraps between words, and inside a word that is too long', () => {
    expect(wrap('one two three', 56, 13, 'code')).toEqual(['one two', 'three'])
    expect(wrap('abcdefghij', 40, 13, 'code')).toEqual(['abcde', 'fghij'])
    expect(wrap('', 40, 13, 'code')).toEqual([])
  })
})
