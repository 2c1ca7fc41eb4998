/** Text in pictures: how wide it is, where it breaks, and how it is written in XML. */

/** A face that text is set in; code is monospaced. */
export type FontFace = 'title' | 'prose' | 'code'

/** The advance of a character of code, in ems; the same in every usual monospaced font. */
const CODE_EM = 0.602
/** Fonts differ: prose is taken to be wider than in the face that the table is of. */
const SAFETY_FACTORS = { title: 1.36, prose: 1.17 }
const WIDE_EM = 1.05
/** Thousandths of an em, and the characters that are so wide. */
const PROSE_WIDTHS: Readonly<Record<number, string>> = {
  200: "'",
  225: 'ijl',
  278: ' !,./:;I[]\\ft|',
  334: '()-`r{}"',
  389: '*',
  500: 'Jcksvxyz^',
  556: '#$0123456789?L_abdeghnopqu',
  611: 'FTZ+<=>~',
  667: '&ABEKPSVXY',
  722: 'CDHNRUw',
  778: 'GOQ',
  833: 'Mm',
  944: 'W%@',
}
const WIDTHS = new Map(
  Object.entries(PROSE_WIDTHS).flatMap(([width, characters]) =>
    [...characters].map((character) => [character, Number(width) / 1000] as const),
  ),
)

/** How wide a text is, in pixels: never less than it is drawn. */
export function textWidth(text: string, size: number, font: FontFace): number {
  const ems = [...text].map((character) => {
    if (font === 'code') return character < '\u2000' ? CODE_EM : WIDE_EM
    return (WIDTHS.get(character) ?? (character < '\u2000' ? 0.7 : WIDE_EM)) * SAFETY_FACTORS[font]
  })
  return ems.reduce((sum, em) => sum + em, 0) * size
}

/** Breaks a text into lines that are no wider than so many pixels; a long word breaks anywhere. */
export function wrap(text: string, max: number, size: number, font: FontFace): readonly string[] {
  const fits = (line: string): boolean => textWidth(line, size, font) <= max
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (fits(joined)) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    line = ''
    for (const character of word) {
      if (line !== '' && !fits(line + character)) {
        lines.push(line)
        line = ''
      }
      line += character
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** A text as it stands in XML. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A number as it stands in a picture: one digit behind the point at most. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** A line of text; `classes` say how it looks. */
export function textAt(x: number, y: number, text: string, classes: string): string {
  return `<text x="${px(x)}" y="${px(y)}" class="${classes}">${escapeXml(text)}</text>`
}

/** An element of a picture: numbers are rounded. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): string {
  const pairs = Object.entries(attributes).map(([key, value]) => {
    return ` ${key}="${typeof value === 'number' ? px(value) : escapeXml(value)}"`
  })
  return `<${name}${pairs.join('')}/>`
}
