/**
 * Compiles the sources and the planted protocols of the tests: workers of Node 20 cannot load
 * TypeScript.
 */
import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** @returns the URL of a compiled file of the repository */
export function compiled(file) {
  return new URL(`.built/${file.replace(/\.ts$/, '.js')}`, import.meta.url)
}

/** Compiles the files that have changed. */
export function compile() {
  const tsc = path('../node_modules/typescript/bin/tsc')
  const project = path('../test/explore/planted/tsconfig.json')
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the planted protocols do not compile:\n${stdout}`)
}
