#!/usr/bin/env node
/** The command line `rx-cluster`: see `--help`. */
import { Command, type CommanderError } from 'commander'
import { EXIT_CODES_HELP, OK, USAGE, exitCodeOf } from './exit-codes.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { addCheck } from './check.ts'
import { addDemo } from './demo.ts'
import { addDemoNode } from './demo-node.ts'
import { addUp } from './up.ts'
import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }

const program = new Command('rx-cluster')
  .description('A cluster of processes that feels like RxJS.')
  .version(version)
  .showHelpAfterError('(rx-cluster --help shows how it is used)')
  .exitOverride((error: CommanderError) => process.exit(error.exitCode === OK ? OK : USAGE))
  .addHelpText(
    'after',
    `
Examples:
  $ rx-cluster demo                   five processes, each broadcasts 1,000 messages
  $ rx-cluster check config.json      what the config means, or what is wrong with it
  $ rx-cluster up config.json 1       node 1: type lines, see what arrives
${EXIT_CODES_HELP}`,
  )

addDemo(program, fileURLToPath(import.meta.url))
addDemoNode(program)
addUp(program)
addCheck(program)

try {
  await program.parseAsync()
} catch (error) {
  const isOurs = error instanceof ClusterError
  console.error(isOurs ? `rx-cluster: ${error.code}: ${error.message}` : error)
  process.exitCode = exitCodeOf(error)
}
