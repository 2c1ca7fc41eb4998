/** A crew: the children and proxies of one run, which has a time limit, and of which nothing is left behind. */
import { Child } from './child.js'
import { openProxy } from './proxy.js'

/** So long the living have to say what they know when a run has come to nothing. */
const LAST_WORDS_MS = 1_000

/** A time limit in seconds for every run, instead of its own. */
let limit

export function limitTo(seconds) {
  limit = seconds
}

/**
 * Runs with a crew, and ends it whatever happens.
 *
 * @param usualSeconds how long it may take; then it fails with what each child knows
 * @returns what `work` returned
 */
export async function withCrew(usualSeconds, work) {
  const seconds = limit ?? usualSeconds
  const crew = new Crew()
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(async () => {
      reject(new Error(`not over after ${seconds} s\n${await crew.lastWords()}`))
    }, seconds * 1_000)
  })
  try {
    return await Promise.race([work(crew), crew.failed, late])
  } finally {
    clearTimeout(timer)
    await crew.end()
  }
}

class Crew {
  /** Rejects when a child ends that nobody has ended. */
  failed
  #children = new Set()
  #proxies = []
  #fail

  constructor() {
    this.failed = new Promise((_, reject) => (this.#fail = reject))
    this.failed.catch(() => undefined)
  }

  /** @returns a child that has said hello */
  async start(name, file, settings) {
    const child = new Child(name, file, settings, this.#fail)
    this.#children.add(child)
    void child.ended.then(() => this.#children.delete(child))
    return Object.assign(child, { hello: await child.hello })
  }

  async proxy(targetPort) {
    const proxy = await openProxy(targetPort)
    this.#proxies.push(proxy)
    return proxy
  }

  /** What each child knows, as far as it still answers. */
  async lastWords() {
    const words = [...this.#children].map(async (child) => {
      const silence = new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS, 'says nothing'))
      const report = await Promise.race([child.ask('report'), silence]).catch(({ message }) => message)
      return `${child.name}: ${JSON.stringify(report, (_, value) => (Array.isArray(value) ? value.length : value))}`
    })
    return (await Promise.all(words)).join('\n')
  }

  async end() {
    await Promise.all([...this.#children].map((child) => child.kill()))
    await Promise.all(this.#proxies.map((proxy) => proxy.close()))
  }
}
