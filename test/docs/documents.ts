/** The documents of this repository, and what links, headings and lines they have. */
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fencesOf } from './fences.ts'

const ROOT = new URL('../../', import.meta.url)

/** One Markdown file. */
export interface Document {
  /** From the root of the repository: `docs/config.md`. */
  readonly path: string
  readonly text: string
}

/** Every Markdown file at the top and in `docs/`, by path. */
export function documents(): readonly Document[] {
  const top = readdirSync(ROOT)
  const docs = readdirSync(new URL('docs/', ROOT), { recursive: true, encoding: 'utf8' })
  const paths = [...top, ...docs.map((path) => `docs/${path.replaceAll('\\', '/')}`)]
  return paths
    .filter((path) => path.endsWith('.md'))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') }))
}

/** Documents that have a fence of this kind. */
export function documentsWith(info: RegExp): readonly Document[] {
  return documents().filter(({ text }) => fencesOf(text).some((fence) => info.test(fence.info)))
}

/** The absolute path of a file of this repository. */
export function absolute(path: string): string {
  return fileURLToPath(new URL(path, ROOT))
}

/** One link or image to a file of the repository, or to a heading. */
export interface Link {
  /** The path of the file, from the root; that of the document itself for a bare `#anchor`. */
  readonly path: string
  readonly anchor: string | undefined
}

/** The links of a document, without those to other hosts. */
export function linksOf({ path, text }: Document): readonly Link[] {
  const links = [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to)
  return links
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [file = '', anchor] = to.split('#')
      const url = new URL(file === '' ? `/${path}` : file, `file:///${path}`)
      return { path: decodeURI(url.pathname.slice(1)), anchor }
    })
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = withoutFences(text).matchAll(/^#+ +(.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** A document without what stands between fences; the lines keep their numbers. */
export function withoutFences(text: string): string {
  let isFenced = false
  return text
    .split('\n')
    .map((line) => {
      const isFence = line.startsWith('```')
      if (isFence) isFenced = !isFenced
      return isFence || isFenced ? '' : line
    })
    .join('\n')
}
