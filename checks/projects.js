/** The empty projects that the tarball is installed into: their files, packages and commands. */

/** Two nodes over TCP; the part that every project runs. */
const TWO_NODES = `
async function deliverOverTcp() {
  const open = (pid) => {
    const self = { pid, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' }
    return createNode({ cluster: 'check', peers: [self] }, pid)
  }
  const nodes = await Promise.all([open(1), open(2)])
  const endpoints = await Promise.all(nodes.map((node) => firstValueFrom(node.bound())))
  const received = firstValueFrom(nodes[1].inbox)
  nodes[0].addPeer({ pid: 2, endpoint: endpoints[1] })
  nodes[1].addPeer({ pid: 1, endpoint: endpoints[0] })
  await firstValueFrom(nodes[0].deliver({ pid: 2, msg: { hello: 'world' } }))
  const { msg } = await received
  await Promise.all(nodes.map((node) => node.close()))
  return msg
}

function deliverInSimulation() {
  let received = 0
  simulate({ peers: 3 }, (world) => {
    for (const pid of world.pids) world.node(pid).inbox.subscribe(() => received++)
    world.run(1000)
    world.node(1).outbox.next({ pid: BROADCAST, msg: 'hello' })
    world.run(1000)
  })
  return received
}

async function check() {
  const msg = await deliverOverTcp()
  const received = deliverInSimulation()
  if (JSON.stringify(msg) !== '{"hello":"world"}' || received !== 2) {
    throw new Error(JSON.stringify({ msg, received }))
  }
}
`

const IMPORTS = `
import { BROADCAST, createNode } from 'rx-cluster'
import { firstValueFrom } from 'rxjs'
import { simulate } from 'rx-cluster/testing'
`

const REQUIRES = `
const { BROADCAST, createNode } = require('rx-cluster')
const { firstValueFrom } = require('rxjs')
const { simulate } = require('rx-cluster/testing')
const { version } = require('rx-cluster/package.json')
const { properties } = require('rx-cluster/config.schema.json')
if (properties.cluster === undefined) throw new Error('no schema')
if (typeof version !== 'string') throw new Error('no version')
`

const RUN = `
check().then(() => console.log('delivered'))
`

/** Opens a node from a bundle that has ZeroMQ in it. */
const BUNDLED = `
import { createNode } from 'rx-cluster'
const self = { pid: 1, endpoint: 'tcp://127.0.0.1:1', bind: 'tcp://127.0.0.1:0' }
createNode({ peers: [self] }, 1).then(
  (node) => node.close().then(() => console.log('delivered: the addon was bundled')),
  (error) => console.log(String(error).includes('mark zeromq as external') ? 'delivered' : error),
)
`

/** A bundle has no folder of this library; the calls of its user are refused nevertheless. */
const REFUSED = `
let refusal
try {
  simulate({ peers: 1, protocol: () => process.hrtime() }, (world) => world.run(1))
} catch (error) {
  refusal = error.code
}
if (refusal !== 'NONDETERMINISTIC') throw new Error('process.hrtime was not refused')
`

const JAVASCRIPT = IMPORTS + TWO_NODES + RUN

const TYPESCRIPT = `${IMPORTS}
import type { ClusterNode, Envelope, Pid } from 'rx-cluster'

export const pidOf = (envelope: Envelope): Pid => envelope.pid
export const close = (node: ClusterNode): Promise<void> => node.close()
${TWO_NODES.replace('(pid) =>', '(pid: number) =>').replaceAll('nodes[0]', 'nodes[0]!').replaceAll('nodes[1]', 'nodes[1]!').replaceAll('endpoints[0]', 'endpoints[0]!').replaceAll('endpoints[1]', 'endpoints[1]!')}
${RUN}`

/** Types are checked without `skipLibCheck`: a user may not set it. */
const compilerOptions = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: ['node'],
  outDir: 'out',
}

const tsconfig = (options) =>
  JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, files: ['main.ts'] })

const NODE_TYPES = '@types/node@^20'

/** By name: the package type, further packages, files, and the commands that must succeed. */
export const PROJECTS = {
  'typescript-node16': {
    type: 'module',
    packages: ['typescript@^5.9', NODE_TYPES],
    files: { 'main.ts': TYPESCRIPT, 'tsconfig.json': tsconfig({ module: 'node16' }) },
    commands: [
      ['tsc', '-p', '.'],
      ['node', 'out/main.js'],
    ],
  },
  'typescript-bundler': {
    type: 'module',
    packages: ['typescript@^7', NODE_TYPES],
    files: {
      'main.ts': TYPESCRIPT,
      'tsconfig.json': tsconfig({ module: 'esnext', moduleResolution: 'bundler' }),
    },
    commands: [
      ['tsc', '-p', '.'],
      ['node', 'out/main.js'],
    ],
  },
  // Nest up to version 10, and other projects of CommonJS.
  'typescript-node10': {
    type: 'commonjs',
    packages: ['typescript@^5.9', NODE_TYPES],
    files: {
      'main.ts': TYPESCRIPT,
      'tsconfig.json': tsconfig({ module: 'commonjs', moduleResolution: 'node10' }),
    },
    commands: [
      ['tsc', '-p', '.'],
      ['node', 'out/main.js'],
    ],
  },
  commonjs: {
    type: 'commonjs',
    packages: [],
    files: { 'main.js': REQUIRES + TWO_NODES + RUN },
    commands: [['node', 'main.js']],
  },
  vitest: {
    type: 'module',
    packages: ['vitest@^4'],
    files: {
      'main.test.js': `import { it } from 'vitest'\n${IMPORTS + TWO_NODES}it('delivered', check)\n`,
    },
    commands: [['vitest', 'run', '--reporter=verbose']],
  },
  'node-test': {
    type: 'module',
    packages: [],
    files: {
      'main.test.js': `import { it } from 'node:test'\n${IMPORTS + TWO_NODES}it('delivered', check)\n`,
    },
    commands: [['node', '--test', '--test-reporter=spec', 'main.test.js']],
  },
  esbuild: {
    type: 'module',
    packages: ['esbuild@^0.28'],
    files: { 'main.js': JAVASCRIPT + REFUSED },
    // The native addon of zeromq cannot be bundled; rxjs stays one copy for the application.
    commands: ['bundle.js --format=esm', 'bundle.cjs --format=cjs'].flatMap((output) => {
      const [file, format] = output.split(' ')
      const externals = ['--external:zeromq', '--external:rxjs']
      const options = ['--bundle', '--platform=node', format, ...externals, `--outfile=${file}`]
      return [
        ['esbuild', 'main.js', ...options],
        ['node', file],
      ]
    }),
  },
  // Without --external the addon is missing: the error says what to do.
  'esbuild-bundled': {
    type: 'module',
    packages: ['esbuild@^0.28'],
    files: { 'main.js': BUNDLED },
    commands: [
      [
        'esbuild',
        'main.js',
        '--bundle',
        '--platform=node',
        '--format=cjs',
        '--loader:.node=copy',
        '--outfile=bundle.cjs',
      ],
      ['node', 'bundle.cjs'],
    ],
  },
}
