#!/usr/bin/env node
/** The program `rx-cluster`. */
import { Command, CommanderError } from 'commander'
import { describeError, exitCodeOf } from './errors.ts'
import { EXIT } from './exit-codes.ts'
import { checkCommand } from './check.ts'
import { demoCommand } from './demo/demo.ts'
import { keygenCommand } from './keygen.ts'
import { readFileSync } from 'node:fs'
import { formerReplayCommand, showCommand } from './show.ts'
import { upCommand } from './up.ts'

// In `rx-cluster … | head`, the reader closes the pipe early: that is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed)
})

const packageJson: unknown = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)
const { version } = packageJson as { version: string }

const program = new Command('rx-cluster')
  .description('Reliable messages between processes, as RxJS streams over ZeroMQ.')
  .version(version, '-V, --version', 'print the version')
  .addCommand(demoCommand())
  .addCommand(upCommand())
  .addCommand(checkCommand())
  .addCommand(keygenCommand())
  .addCommand(showCommand())
  .addCommand(formerReplayCommand(), { hidden: true })
  .exitOverride()
for (const command of program.commands) {
  command
    .exitOverride()
    .showHelpAfterError(`(rx-cluster ${command.name()} --help shows how it is used)`)
}
program.showHelpAfterError('(rx-cluster --help lists the commands)')

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
