/** The commands that marble tests of this repository can use. */
import { REPLY_COMMANDS } from './answers.ts'
import { PROTOCOLS } from './protocols.ts'
import { ENVELOPE_COMMANDS } from './envelopes.ts'
import { TIME_COMMANDS } from './times.ts'
import type { MarbleRunner, MarbleCommand } from '../../../src/testing/marbles/command.ts'
import { clusterCommand } from '../../../src/testing/simulation/cluster-command/cluster-command.ts'
import { WORK_COMMANDS } from './work.ts'

/** The commands for `marbles/` and for the docs. */
export const COMMANDS: readonly (MarbleCommand | MarbleRunner)[] = [
  ...ENVELOPE_COMMANDS,
  ...TIME_COMMANDS,
  ...WORK_COMMANDS,
  ...REPLY_COMMANDS,
  clusterCommand(PROTOCOLS),
]
