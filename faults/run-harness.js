/** The children and proxies of one run: it has a time limit, and leaves nothing behind. */
import { Child } from './child.js'
import { openProxy } from './proxy.js'

/** How long a child has to report its state when a run has failed. */
const REPORT_TIMEOUT_MS = 1_000

/** The time limit of every run in seconds; undefined: each has its own. */
let limit

/** Sets the time limit of every run. */
export function limitTo(seconds) {
  limit = seconds
}

/**
 * Runs `work` with a harness, and ends its children and proxies in any case.
 *
 * @param defaultSeconds the time limit; the error then has the state of each child
 * @returns the result of `work`
 */
export async function withHarness(defaultSeconds, work) {
  const seconds = limit ?? defaultSeconds
  const harness = new RunHarness()
  let timer
  const timedOut = new Promise((_, reject) => {
    timer = setTimeout(async () => {
      reject(new Error(`not finished after ${seconds} s\n${await harness.describe()}`))
    }, seconds * 1_000)
  })
  try {
    return await Promise.race([work(harness), harness.failed, timedOut])
  } finally {
    clearTimeout(timer)
    await harness.end()
  }
}

class RunHarness {
  /** Rejects when a child ends unexpectedly. */
  failed
  #children = new Set()
  #proxies = []
  #fail

  constructor() {
    this.failed = new Promise((_, reject) => (this.#fail = reject))
    this.failed.catch(() => undefined)
  }

  /** Starts a child. @returns it once it is ready */
  async start(name, file, settings) {
    const child = new Child(name, file, settings, this.#fail)
    this.#children.add(child)
    void child.ended.then(() => this.#children.delete(child))
    return Object.assign(child, { hello: await child.hello })
  }

  /** Opens a proxy to a port. */
  async proxy(targetPort) {
    const proxy = await openProxy(targetPort)
    this.#proxies.push(proxy)
    return proxy
  }

  /** The state of each child that still answers. */
  async describe() {
    const lines = [...this.#children].map(async (child) => {
      const silence = new Promise((resolve) =>
        setTimeout(resolve, REPORT_TIMEOUT_MS, 'does not answer'),
      )
      const answer = child.ask('report')
      const report = await Promise.race([answer, silence]).catch(({ message }) => message)
      const lengths = (_, value) => (Array.isArray(value) ? value.length : value)
      return `${child.name}: ${JSON.stringify(report, lengths)}`
    })
    return (await Promise.all(lines)).join('\n')
  }

  /** Kills all children and closes all proxies. */
  async end() {
    await Promise.all([...this.#children].map((child) => child.kill()))
    await Promise.all(this.#proxies.map((proxy) => proxy.close()))
  }
}
