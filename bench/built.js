/** The planted protocols of the tests and the sources, compiled side by side: workers cannot read TypeScript everywhere. */
import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** @returns where a file of the repository is, compiled */
export function built(file) {
  return new URL(`.built/${file.replace(/\.ts$/, '.js')}`, import.meta.url)
}

/** Compiles what has changed. */
export function build() {
  const tsc = path('../node_modules/typescript/bin/tsc')
  const project = path('../test/simulation/planted/tsconfig.json')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the planted protocols do not compile:\n${stdout}`)
}
