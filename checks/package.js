/**
 * `npm run check:package`: packs, lints the tarball, and installs it into empty projects.
 *
 * Each project is one way to use the package. Its program opens two nodes over TCP, delivers an
 * envelope, and simulates a cluster; it prints `delivered` when both work.
 */
import { StepFailure, parseOrExit, runCheck } from './steps.js'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { PROJECTS } from './projects.js'
import { fileURLToPath } from 'node:url'
import { formatMessage } from 'publint/utils'
import { join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import { publint } from 'publint'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** The ESM profile: a package of ES modules has no types for these. */
const RESOLUTIONS_IGNORED = new Set(['node10', 'node16-cjs'])

const HELP = `Usage: npm run -s check:package -- [options]

Packs the package and checks the tarball: publint, the types of the ESM profile, links of the
documents. Installs it into empty projects and runs a node in each. Needs the package registry.

  --only <name>   install into one project: ${Object.keys(PROJECTS).join(', ')}
  --keep          keep the temporary folder
  --help          this text

Exit code 1 when a step fails.`

const { only, keep } = parseOrExit(() => {
  const options = {
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  }
  const parsed = parseArgs({ options })
  if (parsed.values.only !== undefined && !(parsed.values.only in PROJECTS)) {
    throw new Error(`unknown project "${parsed.values.only}"`)
  }
  return parsed
}, HELP)

await runCheck('check:package', { keep }, async ({ step, execute, directory }) => {
  const packed = await step('pack', () => pack(execute, directory))
  if (packed === undefined) return
  const { tarball, files } = packed
  const data = readFileSync(tarball)
  await step('publint', () => lint(data))
  await step('types, ESM profile', () => checkTypes(data))
  await step('links of the documents', () => checkLinks(files))
  for (const [name, project] of Object.entries(PROJECTS)) {
    if (only !== undefined && name !== only) continue
    await step(name, () => runProject(project, { execute, tarball, cwd: join(directory, name) }))
  }
})

/** @returns the path of the tarball, and the paths in it */
async function pack(execute, directory) {
  const args = ['pack', '--json', '--silent', '--pack-destination', directory]
  const out = await execute('npm', args, { cwd: ROOT })
  // The build of `prepack` may print lines before the JSON.
  const [{ filename, files }] = JSON.parse(out.slice(out.indexOf('[')))
  return { tarball: join(directory, filename), files: files.map(({ path }) => path) }
}

async function lint(data) {
  const tarball = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
  const { messages } = await publint({ pack: { tarball }, strict: true })
  fail(messages.map((message) => `${message.type}: ${formatMessage(message, MANIFEST)}`))
}

async function checkTypes(data) {
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(data))
  if (!types) throw new StepFailure('the package has no types')
  const found = problems.filter(({ resolutionKind }) => !RESOLUTIONS_IGNORED.has(resolutionKind))
  fail(found.map((problem) => JSON.stringify(problem)))
}

/** Every relative link of a packed document leads to a packed file. */
function checkLinks(files) {
  const documents = files.filter((path) => path.endsWith('.md'))
  const isPacked = (path) => files.some((file) => file === path || file.startsWith(`${path}/`))
  const broken = documents.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8')
    const targets = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target)
    return targets
      .filter((target) => !isPacked(normalize(join(path, '..', target)).replace(/\/$/, '')))
      .map((target) => `${path}: ${target} is not in the tarball`)
  })
  fail(broken)
}

async function runProject({ type, packages, files, commands }, { execute, tarball, cwd }) {
  mkdirSync(cwd)
  const peers = Object.entries(MANIFEST.peerDependencies).map(([name, range]) => `${name}@${range}`)
  write(cwd, { 'package.json': JSON.stringify({ private: true, type }), ...files })
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--silent']
  await execute('npm', [...install, tarball, ...peers, ...packages], { cwd })
  for (const [command, ...args] of commands) {
    const program = command === 'node' ? process.execPath : join('node_modules', '.bin', command)
    const out = await execute(program, args, { cwd, timeoutMs: 120_000 })
    const isRun = command === 'node' || command === 'vitest'
    if (isRun && !out.includes('delivered')) throw new StepFailure(`no "delivered" in:\n${out}`)
  }
  const installed = readdirSync(join(cwd, 'node_modules', MANIFEST.name))
  if (!installed.includes('README.md')) throw new StepFailure('README.md is not installed')
}

function write(cwd, files) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
}

function fail(problems) {
  if (problems.length > 0) throw new StepFailure(problems.join('\n'))
}
