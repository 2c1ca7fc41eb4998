/** The content of `docs/marbles`: a picture of each marble test, and an index page. */
import { readFileSync, readdirSync } from 'node:fs'
import type { MarbleTest } from '../../src/testing/marbles/marble-test.ts'
import { callTextOf } from './calls.ts'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { renderMarbleTest } from '../../src/testing/marbles/render.ts'
import { renderSvg } from '../../src/testing/marbles/svg/document.ts'

/** A file in `docs/marbles` with its content. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** The folder of the pictures. */
export const PICTURES = 'docs/marbles/'

const ROOT = new URL('../../', import.meta.url)
const SLUG_MAX = 64
const HEAD = `# Pictures of marble tests

Every marble test of \`marbles/\` as a picture. \`npm run marbles -- --svg\` renders
them from the files that the tests run; a test fails if a picture is out of date. The text format is
described in [docs/marbles.md](../marbles.md).

- Time runs from left to right, in milliseconds. Long idle times are cut (\`//\`); the axis shows
  their duration.
- A marble is a value; the legend gives the value of its letter. A capital is the same message in
  another envelope.
- A circle is a value of the application. A rounded square is a state of a link or a peer: green is
  up or alive, red is down, amber is connecting, unresponsive or suspected. An indigo square is a
  frame of the protocol. A grey circle with a cross is a dead letter or a dropped value.
- Stacked marbles are emitted in the same frame, from top to bottom. \`|\` is completion, a cross is
  an error, or a receipt that failed. The line is dotted while nothing is subscribed, and interrupted
  while the node has crashed or is paused.
- The box is the call: its input lanes are above it, its output lanes below it. A picture of a
  cluster has no box. It groups the lanes of each node, and says below its title what they run.
- An arrow is a message, from the outbox to the inbox that emits it; a dashed one leads to its dead
  letter. With more than twelve messages there are no arrows.
- A bar in an election has the color of the node that leads. It is thick on the lane of that node.
- A grey bar is a subscription, from \`^\` to \`!\`. A shaded band is a fault of the network or of a
  node, while it lasts.
`

/** Returns the paths of all marble files. */
export function marbleFiles(): readonly string[] {
  return readdirSync(new URL('marbles/', ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .map((name) => `marbles/${name}`)
    .toSorted()
}

/** Returns all files of the folder, the index first. */
export function pages(): readonly Page[] {
  const chapters = marbleFiles().map((path) => {
    const name = path.slice('marbles/'.length, -'.txt'.length)
    return { name, pictures: picturesOf(readFileSync(new URL(path, ROOT), 'utf8'), path, name) }
  })
  const sections = chapters.map(({ name, pictures }) => {
    const images = pictures.map(({ title, path }) => `![${plain(title)}](${relative(path)})`)
    return [`## ${name}`, `[${name}.txt](../../marbles/${name}.txt)`, ...images].join('\n\n')
  })
  const contents = chapters.map(({ name, pictures }) => {
    return `- [${name}](#${anchorOf(name)}): ${pictures.length} pictures`
  })
  const index = {
    path: `${PICTURES}README.md`,
    text: `${HEAD}\n${contents.join('\n')}\n\n${sections.join('\n\n')}\n`,
  }
  const pictures = [...chapters.flatMap((chapter) => chapter.pictures), ...docstringPictures()]
  return [index, ...pictures.map(({ path, text }) => ({ path, text }))]
}

/** The anchor of a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
}

/** Converts a title to a file name. */
export function slugOf(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ['untitled']
  const slug = words.reduce((whole, word) => {
    return whole.length + word.length < SLUG_MAX ? `${whole}-${word}` : whole
  })
  return slug.slice(0, SLUG_MAX)
}

function picturesOf(
  text: string,
  path: string,
  name: string,
): readonly (Page & { readonly title: string })[] {
  const counts = new Map<string, number>()
  return parseMarbleTests(text, path).map(({ test: marbleTest }) => {
    const slug = slugOf(marbleTest.title)
    const count = (counts.get(slug) ?? 0) + 1
    counts.set(slug, count)
    const file = `${PICTURES}${name}/${slug}${count === 1 ? '' : `-${count}`}.svg`
    return { title: marbleTest.title, path: file, text: textOf(marbleTest) }
  })
}

/** The pictures of `docs/operators.md`: the first marble test in the docstring of each operator. */
function docstringPictures(): readonly Page[] {
  const folder = new URL('src/operators/', ROOT)
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  return files.toSorted().flatMap((file) => {
    const source = readFileSync(new URL(file, folder), 'utf8')
    const [, block] = /^ \* ```marbles\n([\s\S]*?)^ \* ```$/m.exec(source) ?? []
    if (block === undefined) return []
    const path = `${PICTURES}docstrings/${file.replace('.ts', '.svg')}`
    const [found] = parseMarbleTests(block.replaceAll(/^ \* ?/gm, ''), file)
    return found === undefined ? [] : [{ path, text: textOf(found.test) }]
  })
}

function textOf(test: MarbleTest): string {
  return renderSvg(test, renderMarbleTest(test), callTextOf(test))
}

function relative(path: string): string {
  return path.slice(PICTURES.length)
}

function plain(title: string): string {
  return title.replaceAll(/[[\]]/g, '')
}
