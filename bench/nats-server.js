/** The server that nats.js needs: it runs for one comparison, at a port that the system picks. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { absence } from './contenders.js'

const PATIENCE_MS = 10_000

/** Runs `use` with what the ends have to know; without a server, when it is not installed. */
export async function withNatsServer(use) {
  if (absence('nats.js') !== undefined) return use({})
  const folder = await mkdtemp(join(tmpdir(), 'rx-cluster-bench-'))
  const config = join(folder, 'server.conf')
  // A subscriber that is behind is to be waited for, not cut off as a slow consumer.
  await writeFile(config, `listen: "127.0.0.1:-1"\nports_file_dir: "${folder}"\nmax_pending: 1GB\n`)
  const server = spawn('nats-server', ['-c', config], { stdio: 'ignore' })
  const clean = () => {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
  const leave = () => process.exit(1)
  process.once('exit', clean).once('SIGINT', leave).once('SIGTERM', leave)
  try {
    return await use({ natsUrl: await urlOf(folder) })
  } finally {
    process.off('exit', clean).off('SIGINT', leave).off('SIGTERM', leave)
    clean()
  }
}

/** The server writes its ports into a file, as soon as it listens. */
async function urlOf(folder) {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 20) {
    const file = (await readdir(folder)).find((name) => name.endsWith('.ports'))
    const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8')
    if (text !== '') return JSON.parse(text).nats[0]
    await sleep(20)
  }
  throw new Error(`nats-server does not listen after ${PATIENCE_MS / 1000} s`)
}
