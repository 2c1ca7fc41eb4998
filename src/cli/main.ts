#!/usr/bin/env node
/** The command `rx-cluster`. */
import { Command, CommanderError } from 'commander'
import { describeError, exitCodeOf } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { checkCommand } from './check.ts'
import { demoCommand } from './demo/demo.ts'
import { readFileSync } from 'node:fs'
import { showCommand } from './show.ts'
import { upCommand } from './up.ts'

// Whoever reads our output may have seen enough: `rx-cluster … | head` is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed)
})

const packageJson: unknown = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)
const { version } = packageJson as { version: string }

const program = new Command('rx-cluster')
  .description('A cluster of processes that feels like RxJS.')
  .version(version, '-V, --version', 'print the version')
  .addCommand(demoCommand())
  .addCommand(upCommand())
  .addCommand(checkCommand())
  .addCommand(showCommand())
  .showHelpAfterError('(rx-cluster --help shows how it is used)')
  .exitOverride()
for (const command of program.commands) command.exitOverride()

try {
  if (process.argv.length <= 2) {
    program.outputHelp({ error: true })
    process.exitCode = EXIT.usage
  } else {
    await program.parseAsync()
  }
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  } else {
    console.error(describeError(error))
    process.exitCode = exitCodeOf(error)
  }
}
