/** `rx-cluster up <config> <pid>`: one node, as a conversation. */
import { EXIT_CODES_HELP, FAILED, exitCodeOf } from './exit-codes.ts'
import type { Command } from 'commander'
import { Conversation } from './conversation.ts'
import { PID_MAX } from '../model/pid.ts'
import { createNode } from '../node/create-node.ts'
import { humanVoice } from './human-voice.ts'
import { jsonVoice } from './json-voice.ts'
import { openTerminal } from './terminal.ts'
import { readConfig } from '../node/read-config.ts'
import { wholeNumber } from './whole-number.ts'

/** Adds the command. */
export function addUp(program: Command): void {
  program
    .command('up')
    .description('Run one node: what you type goes to its peers, what they send is printed.')
    .argument('<config>', 'path of a JSON file')
    .argument('<pid>', 'which node of it this is', wholeNumber(0, PID_MAX))
    .option('--json', 'speak one JSON object per line, both ways')
    .addHelpText(
      'after',
      `
A line goes to everybody, "@2 hello" to node 2. The end of input (^D) or ^C closes the
node, as soon as what was sent has arrived.

With --json, a line of input is {"pid":2,"msg":…}, with msgId, re and ttlMs if you like;
the pid -1 is everybody. A line of output has a type: bound, link, envelope, dead-letter,
error, or any other event of the node. What JSON lacks is written {"$":"bigint","value":"5"},
and so are date, bytes (as base64), number (NaN, -0, Infinity) and undefined.

Examples:
  $ rx-cluster up config.json 1
  $ echo hello | rx-cluster up config.json 2
  $ echo '{"pid":1,"msg":{"vote":true}}' | rx-cluster up config.json 2 --json
${EXIT_CODES_HELP}`,
    )
    .action(up)
}

async function up(path: string, pid: number, { json = false }: { json?: boolean }): Promise<void> {
  const voice = json ? jsonVoice() : humanVoice()
  const terminal = openTerminal()
  try {
    const { bufSize } = await readConfig(path)
    const node = await createNode(path, pid)
    const wentWell = await new Conversation(node, voice, terminal, bufSize).run()
    if (!wentWell) process.exitCode = FAILED
  } catch (error) {
    if (!json) throw error
    terminal.say(voice.error(error))
    process.exitCode = exitCodeOf(error)
  } finally {
    terminal.close()
  }
}
