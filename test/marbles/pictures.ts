/** The pictures of `docs/marbles`: one for each stanza of `marbles/`, and a page that shows them. */
import { readFileSync, readdirSync } from 'node:fs'
import { parseMarbleTests } from '../../src/testing/marbles/parse.ts'
import { renderSvg } from '../../src/testing/marbles/svg/document.ts'

/** A file below `docs/marbles`, and what belongs into it. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** Where pictures are. */
export const PICTURES = 'docs/marbles/'

const ROOT = new URL('../../', import.meta.url)
const SLUG_MAX = 64
const HEAD = `# Marbles, drawn

Every stanza of [marbles/](../../marbles) as a picture. \`npm run marbles -- --svg\` draws them from what the
tests run, and a test fails where a picture is older than its stanza. How stanzas are written: [docs/marbles.md](../marbles.md).

- Time goes from left to right, in milliseconds. A long idle time is cut out (\`//\`), and the axis says how long it was.
- A marble is a value; what its letter stands for is said below. A capital is the same message in another envelope.
- Marbles in one frame came at once, from top to bottom. \`|\` is completion, the cross an error; then the line is faint.
- What goes in stands above the box, what comes out below it. The box is the command.
- A grey bar is a subscription, from \`^\` to \`!\`. A shaded band is a fault of the network or of a node, until it is over.
`

/** The stanza files of the repository, by their paths. */
export function marbleFiles(): readonly string[] {
  return readdirSync(new URL('marbles/', ROOT), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .map((name) => `marbles/${name}`)
    .toSorted()
}

/** Every page that there has to be, the index first. */
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

/** A title as the name of a file. */
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
