/** The content of `docs/marbles`: a picture of each marble test, and an index page. */
import { readFileSync, readdirSync } from 'node:fs'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
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
- Stacked marbles are emitted in the same frame, from top to bottom. \`|\` is completion, a cross is
  an error. The line is faint while nothing is subscribed.
- The box is the command. Its input lanes are above it, its output lanes below it.
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
  const index = { path: `${PICTURES}README.md`, text: `${HEAD}\n${sections.join('\n\n')}\n` }
  const pictures = chapters.flatMap((chapter) => chapter.pictures)
  return [index, ...pictures.map(({ path, text }) => ({ path, text }))]
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
    return { title: marbleTest.title, path: file, text: renderSvg(marbleTest) }
  })
}

function relative(path: string): string {
  return path.slice(PICTURES.length)
}

function plain(title: string): string {
  return title.replaceAll(/[[\]]/g, '')
}
