/**
 * `rx-cluster up`: one node, for a person at a terminal or a program at the other end of a pipe.
 */
import { JSON_LINES, PLAIN, type Voice } from './up-voice.ts'
import type { ClusterNode } from '../node/cluster-node.ts'
import { Command } from 'commander'
import { EXIT_HELP } from './exit-codes.ts'
import { PID_MAX } from '../model/pid.ts'
import { createInterface } from 'node:readline'
import { createNode } from '../node/create-node.ts'
import { firstValueFrom } from 'rxjs'
import { wholeNumber } from './numbers.ts'

const HELP = `
Examples:
  rx-cluster up cluster.json 1
  echo '{"pid":2,"msg":{"term":1}}' | rx-cluster up cluster.json 1 --json

With --json every line is one object, both ways:
  in   {"pid":2,"msg":…}, with msgId, re, ttlMs where wanted; pid -1 is everybody
  out  {"type":"ready"|"envelope"|"link"|"dead-letter"|"error"|…}
What JSON lacks is {"$bigint":"…"}, {"$bytes":"<base64>"}, {"$date":"<ISO>"}.

The end of the input, ^C or SIGTERM: what was written is delivered, then the node closes.
${EXIT_HELP}`

interface UpOptions {
  readonly json?: boolean
  readonly insecure?: boolean
}

/** The command. */
export function upCommand(): Command {
  return new Command('up')
    .description('run one node: what is typed goes out, what arrives is printed')
    .argument('<config>', 'the path of a JSON file')
    .argument('<pid>', 'which of its peers this is', wholeNumber(0, PID_MAX))
    .option('--json', 'speak one JSON object per line, both ways')
    .option('--insecure', 'bind to more than loopback without keys')
    .addHelpText('after', HELP)
    .action(up)
}

async function up(config: string, pid: number, { json, insecure }: UpOptions): Promise<void> {
  const node = await createNode(config, pid, insecure === undefined ? {} : { insecure })
  const voice = json === true ? JSON_LINES : PLAIN
  tell(node, voice)
  console.log(voice.ready(pid, await firstValueFrom(node.bound())))
  await listen(node, voice)
  await node.close()
}

function tell(node: ClusterNode, voice: Voice): void {
  node.inbox.subscribe((envelope) => console.log(voice.envelope(envelope)))
  node.deadLetters.subscribe((letter) => console.log(voice.dead(letter)))
  node.events.subscribe((event) => {
    const line = voice.event(event)
    if (line !== undefined) console.log(line)
  })
}

/** Takes lines until there are no more, or somebody asks it to end. */
function listen(node: ClusterNode, voice: Voice): Promise<void> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin, terminal: false })
    lines.on('line', (line) => {
      const heard = voice.hear(line)
      if (heard.type === 'envelope') node.outbox.next(heard.envelope)
      else if (heard.type === 'wrong') console.log(voice.wrong(heard.problem))
    })
    lines.once('close', resolve)
    let asked = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // Whoever asks twice does not want to wait for what is not delivered.
        if (asked) process.exit(signal === 'SIGINT' ? 130 : 143)
        asked = true
        lines.close()
        process.stdin.destroy()
      })
    }
  })
}
