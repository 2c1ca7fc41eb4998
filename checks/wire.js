/**
 * `npm run check:wire`: nodes of this build beside nodes of another build, and beside a listener
 * that has no features, over TCP.
 */
import { StepFailure, parseOrExit, runCheck } from './steps.js'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startRawListener } from './raw-listener.js'
import { WireNode } from './wire-node.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const QUEUED = [1, 2, 3, 4, 5]
/** How long the shortest envelope may be queued. */
const TTL_MS = 200

const HELP = `Usage: npm run -s check:wire -- --against <dir> [options]

Runs nodes of this build and of the build in <dir>, which has another wire version, over TCP on
loopback. Both must report wrong-version, keep what is queued, and deliver it once the other node
runs the same version. Then a peer without features: envelopes that need one are dead letters.

  --against <dir>   a checkout with dist and node_modules; without it only the features are checked
  --help            this text

Exit code 1 when a step fails.`

const { against } = parseOrExit(() => {
  const options = {
    against: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  }
  const parsed = parseArgs({ options })
  const { against: other, help } = parsed.values
  if (help || other === undefined) return parsed
  if (!existsSync(join(other, 'dist', 'index.js'))) throw new Error(`no dist/index.js in ${other}`)
  return parsed
}, HELP)

await runCheck('check:wire', { keep: false }, async ({ step, start }) => {
  if (against !== undefined) {
    const other = resolve(against)
    const builds = { 'this build': ROOT, [against]: other }
    for (const [name, directory] of Object.entries(builds)) {
      const replacing = directory === ROOT ? other : ROOT
      await step(`two versions, until both nodes run ${name}`, () =>
        checkVersions(start, directory, replacing),
      )
    }
  }
  await step('a peer without features', () => checkFeatures(start))
})

/** Node 1 runs `build` all the time. Node 2 runs `former` first, and is then replaced. */
async function checkVersions(start, build, former) {
  const [one, replaced] = [new WireNode(start, build, 1), new WireNode(start, former, 2)]
  const [endpoint, listens] = [await one.endpoint(), await replaced.endpoint()]
  one.call({ addPeer: { pid: 2, endpoint: listens } })
  for (const msg of QUEUED) one.call({ send: { pid: 2, msg } })
  one.call({ send: { pid: 2, msg: 'expires', ttlMs: TTL_MS } })
  replaced.call({ addPeer: { pid: 1, endpoint } })
  replaced.call({ send: { pid: 1, msg: 'other' } })
  for (const node of [one, replaced]) {
    await node.line(({ type, reason }) => type === 'refused-by-peer' && reason === 'wrong-version')
  }
  await one.line(({ type, reason, outcome, msg }) => {
    const expired = reason === 'expired' && outcome === 'not-delivered' && msg === 'expires'
    return type === 'dead' && expired
  })
  await replaced.close()
  const two = new WireNode(start, build, 2, listens)
  await two.endpoint()
  two.call({ addPeer: { pid: 1, endpoint } })
  await one.line(({ type, msg }) => type === 'delivered' && msg === QUEUED.at(-1))
  const received = two.lines.filter(({ type }) => type === 'received').map(({ msg }) => msg)
  expectEqual(received, QUEUED)
  const dead = one.lines.filter(({ type }) => type === 'dead').map(({ msg }) => msg)
  expectEqual(dead, ['expires'])
  await Promise.all([one.close(), two.close()])
}

/** A listener without features gets what needs none; the rest is dead at its sender. */
async function checkFeatures(start) {
  const one = new WireNode(start, ROOT, 1)
  await one.endpoint()
  const listener = await startRawListener({ pid: 2, features: 0 })
  try {
    one.call({ addPeer: { pid: 2, endpoint: listener.endpoint } })
    one.call({ send: { pid: 2, msg: 'headers', headers: { topic: 'news' } } })
    one.call({ send: { pid: 2, msg: 'plain' } })
    const { reason, outcome, msg } = await one.line(
      ({ type, reason: why }) => type === 'dead' && why === 'unsupported',
    )
    expectEqual([reason, outcome, msg], ['unsupported', 'not-delivered', 'headers'])
    expectEqual(await listener.entries(), 1)
  } finally {
    listener.close()
  }
  await one.close()
}

function expectEqual(found, expected) {
  const [got, wanted] = [found, expected].map((value) => JSON.stringify(value))
  if (got !== wanted) throw new StepFailure(`expected ${wanted}, got ${got}`)
}
