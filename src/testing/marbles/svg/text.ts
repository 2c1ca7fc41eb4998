/** Text in pictures: width, line breaks, and XML. */

/** The font of a text; `code` is monospaced. */
export type FontFace = 'title' | 'prose' | 'code'

/** The width of a monospaced character, in ems; equal in all common fonts. */
const CODE_EM = 0.602
/** Readers have different fonts: assume wider ones than the font of the table (Helvetica). */
const SAFETY_FACTORS = { title: 1.36, prose: 1.17 }
const WIDE_EM = 1.05
/** Widths in thousandths of an em, with the characters of each width. */
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

/** Returns an upper bound of the width of a text, in pixels. */
export function textWidth(text: string, size: number, font: FontFace): number {
  const ems = [...text].map((character) => {
    if (font === 'code') return character < '\u2000' ? CODE_EM : WIDE_EM
    return (WIDTHS.get(character) ?? (character < '\u2000' ? 0.7 : WIDE_EM)) * SAFETY_FACTORS[font]
  })
  return ems.reduce((sum, em) => sum + em, 0) * size
}

/** Breaks a text into lines of at most `max` pixels; a word that is too long breaks anywhere. */
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

/** Escapes a text for XML. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Formats a number with at most one decimal place. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** Returns a text element; `classes` are those of the style sheet. */
export function textAt(x: number, y: number, text: string, classes: string): string {
  return `<text x="${px(x)}" y="${px(y)}" class="${classes}">${escapeXml(text)}</text>`
}

/** Returns an empty element; numbers are rounded. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
): string {
  const pairs = Object.entries(attributes).map(([key, value]) => {
    return ` ${key}="${typeof value === 'number' ? px(value) : escapeXml(value)}"`
  })
  return `<${name}${pairs.join('')}/>`
}
