/** The server that nats.js requires: it runs for one benchmark, at a free port. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { absence } from './contenders.js'

const START_TIMEOUT_MS = 10_000

/** Runs `use` with the URL of a server, or with an empty object where it is not installed. */
export async function withNatsServer(use) {
  if (absence('nats.js') !== undefined) return use({})
  const folder = await mkdtemp(join(tmpdir(), 'rx-cluster-bench-'))
  const config = join(folder, 'server.conf')
  // The server must not disconnect a subscriber that lags behind as a slow consumer.
  await writeFile(config, `listen: "127.0.0.1:-1"\nports_file_dir: "${folder}"\nmax_pending: 1GB\n`)
  const server = spawn('nats-server', ['-c', config], { stdio: 'ignore' })
  const clean = () => {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const exit = () => process.exit(1)
  process.once('exit', clean).once('SIGINT', exit).once('SIGTERM', exit)
  try {
    return await use({ natsUrl: await urlOf(folder) })
  } finally {
    process.off('exit', clean).off('SIGINT', exit).off('SIGTERM', exit)
    clean()
  }
}

/** The server writes its ports into a file as soon as it listens. */
async function urlOf(folder) {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += 20) {
    const file = (await readdir(folder)).find((name) => name.endsWith('.ports'))
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
    if (text !== '') return JSON.parse(text).nats[0]
    await sleep(20)
  }
  throw new Error(`nats-server does not listen after ${START_TIMEOUT_MS / 1000} s`)
}
