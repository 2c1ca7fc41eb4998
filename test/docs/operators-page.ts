/** The page `docs/operators.md`, made from the docstrings of `src/operators`. */

/** One file of `src/operators`. */
export interface OperatorSource {
  /** Its name without `.ts`: `group-by-peer`. */
  readonly name: string
  readonly text: string
}

/** Every operator, in the order in which a reader needs them. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Send: ['broadcast', 'toPeer', 'heartbeat'],
  Receive: ['fromPeer', 'groupByPeer', 'decodeMessage', 'dedupe', 'boundedMergeMap'],
  'Request and reply': ['request', 'replyWith', 'handle', 'retryBackoff'],
  'Decide together': ['quorum', 'majority'],
  'Detect failures': ['detectFailures'],
}

const HEAD = `# Operators

Every operator and creation function of \`rx-cluster\`. They take a \`Mailbox\` where they need a
node, end with their source, and keep their state per subscription. Time and randomness are options.
The marble diagrams are run by the tests; their grammar is in [marbles.md](marbles.md).

The three lines below a picture show a use in a program: \`node\` is a node, \`Vote\` a schema, \`save\`
a function that returns a promise, \`t\` is io-ts, and imports are left out.

This page is made from the docstrings in \`src/operators\`. After a change of them, run
\`npx vitest run test/docs/operators.test.ts -u\`.
`
const COLUMNS_MAX = 100
const FENCE = '```'

/**
 * Renders the page.
 *
 * @throws Error if a docstring is missing, or if an operator is in no group
 */
export function operatorsPage(sources: readonly OperatorSource[]): string {
  const ungrouped = new Map(sources.map((source) => [camelCase(source.name), source]))
  const contents: string[] = []
  const sections: string[] = []
  for (const [group, names] of Object.entries(GROUPS)) {
    const links = names.map((name) => `[\`${name}\`](#${name.toLowerCase()})`)
    contents.push(`- ${group}: ${links.join(', ')}`)
    for (const name of names) {
      const source = ungrouped.get(name)
      if (source === undefined) throw new Error(`there is no src/operators/${kebabCase(name)}.ts`)
      ungrouped.delete(name)
      sections.push(section(name, source.text))
    }
  }
  const [missing] = ungrouped.keys()
  if (missing !== undefined) throw new Error(`${missing} is in no group: add it to GROUPS`)
  const list = contents.flatMap((line) => wrap(line, '  ')).join('\n')
  return [HEAD, list, '', ...sections].join('\n')
}

/** `group-by-peer` → `groupByPeer`. */
export function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** `groupByPeer` → `group-by-peer`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function section(name: string, text: string): string {
  const found = new RegExp(
    String.raw`/\*\*((?:(?!\*/)[\s\S])*)\*/\nexport function ${name}\b`,
  ).exec(text)
  if (found === null) throw new Error(`${name} has no docstring`)
  const { description, tags } = parseDocstring(found[1] ?? '')
  const code = text.slice(text.indexOf(`export function ${name}`))
  const params = tags.filter(({ tag }) => tag === 'param')
  const returns = tags.find(({ tag }) => tag === 'returns')
  const bodiesOf = (name: string): readonly string[] =>
    tags.filter(({ tag }) => tag === name).map(flat)
  return [
    `## ${name}\n`,
    `${FENCE}ts signature\n${signature(code)}\n${FENCE}\n`,
    `${withPicture(description.trim(), name)}\n`,
    ...params.flatMap((tag) => param(flat(tag))),
    ...(params.length > 0 ? [''] : []),
    ...(returns === undefined ? [] : [...wrap(`Returns ${sentence(flat(returns))}`), '']),
    ...bodiesOf('throws').flatMap((body) => [...wrap(`Throws a ${sentence(body)}`), '']),
    ...tags.filter(({ tag }) => tag === 'example').map(({ body }) => `${body.trim()}\n`),
    ...see(bodiesOf('see')),
    ...options(text),
  ].join('\n')
}

/** Puts the picture of a marble test before the usage, which stands before the test. */
function withPicture(description: string, name: string): string {
  const path = `marbles/docstrings/${kebabCase(name)}.svg`
  const found = /```ts usage\n(?:.*\n)+?```\n\n```marbles\n# (.*)\n/.exec(description)
  if (found === null) throw new Error(`${name} has no usage before its marble test`)
  return description.replace(found[0], (fences) => `![${found[1] ?? ''}](${path})\n\n${fences}`)
}

interface Tag {
  readonly tag: string
  /** Its lines. */
  readonly body: string
}

function parseDocstring(raw: string): { description: string; tags: readonly Tag[] } {
  const lines = raw.split('\n').map((line) => line.replace(/^ \* ?/, ''))
  const first = lines.findIndex((line) => /^@\w/.test(line))
  const description = (first < 0 ? lines : lines.slice(0, first)).join('\n')
  const tags: { tag: string; body: string }[] = []
  for (const line of first < 0 ? [] : lines.slice(first)) {
    const [, tag, body = ''] = /^@(\w+)\s*(.*)$/.exec(line) ?? []
    const last = tags.at(-1)
    if (tag !== undefined) tags.push({ tag, body })
    else if (last !== undefined) last.body += `\n${line}`
  }
  return { description, tags }
}

/** The text of a tag, in one line. */
function flat({ body }: Tag): string {
  return body.replaceAll(/\s+/g, ' ').trim()
}

/** `{@link toPeer} sends …` as a list item with a link to that section. */
function see(bodies: readonly string[]): readonly string[] {
  const items = bodies.flatMap((body) => {
    const linked = body.replaceAll(
      /\{@link (\w+)\}/g,
      (_, name: string) => `[\`${name}\`](#${name.toLowerCase()})`,
    )
    return wrap(`- ${linked}`, '  ')
  })
  return items.length === 0 ? [] : ['See also:\n', ...items, '']
}

/** A declaration without its body. */
function signature(code: string): string {
  const end = /\):[^{]*\{$|\):[\s\S]*? \{$/m.exec(code)
  if (end === null) throw new Error(`no signature in ${code.slice(0, 60)}`)
  return code.slice('export function '.length, end.index + end[0].length).replace(/\s*\{$/, '')
}

function param(body: string): readonly string[] {
  const [, name = '', text = ''] = /^(\S+)\s*([\s\S]*)$/.exec(body) ?? []
  return wrap(`- \`${name}\`: ${sentence(text)}`, '  ')
}

/** The members of each exported `…Options` interface, with their docstrings. */
function options(text: string): readonly string[] {
  const interfaces = /export interface (\w+Options)\b[^{]*\{\n([\s\S]*?)\n\}/g
  return [...text.matchAll(interfaces)].flatMap(([, name = '', body = '']) => {
    const members = body.matchAll(/(?:\/\*\*([\s\S]*?)\*\/\s*)?readonly (\w+\??):\s+(.+)/g)
    const items = [...members].flatMap(([, doc = '', key = '', type = '']) => {
      const lines = doc.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trim())
      const split = lines.findIndex((line) => line.startsWith('- '))
      const prose = (split < 0 ? lines : lines.slice(0, split)).join(' ').trim()
      const shown = type.replace(/ \| undefined$/, '')
      const item = wrap(`- \`${key}: ${shown}\`${prose === '' ? '' : `: ${prose}`}`, '  ')
      const values = (split < 0 ? [] : lines.slice(split)).filter((line) => line !== '')
      return [...item, ...bullets(values).flatMap((line) => wrap(`  ${line}`, '    '))]
    })
    return items.length === 0 ? [] : [`\`${name}\`:\n`, ...items, '']
  })
}

/** Joins the continuation lines of list items. */
function bullets(lines: readonly string[]): readonly string[] {
  const items: string[] = []
  for (const line of lines) {
    if (line.startsWith('- ') || items.length === 0) items.push(line)
    else items.push(`${items.pop()} ${line}`)
  }
  return items
}

function sentence(text: string): string {
  const trimmed = text.trim()
  return /[.:]$/.test(trimmed) ? trimmed : `${trimmed}.`
}

/** Breaks a line at spaces, outside of code. */
function wrap(line: string, indent = ''): readonly string[] {
  const lines: string[] = []
  const lead = /^ */.exec(line)?.[0] ?? ''
  let current = lead
  for (const word of line.trim().match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const longer = current.trim() === '' ? `${current}${word}` : `${current} ${word}`
    if (longer.length > COLUMNS_MAX && current.trim() !== '') {
      lines.push(current)
      current = `${indent}${word}`
    } else {
      current = longer
    }
  }
  return [...lines, current]
}
