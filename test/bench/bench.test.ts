/** The benchmarks with small parameters: their counts are right. */
import { describe, expect, it } from 'vitest'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RUN = fileURLToPath(new URL('../../bench/run.js', import.meta.url))

/** Runs a benchmark as `npm run bench` does. @returns the JSON of the last line */
function bench(...args: string[]): Promise<Record<string, unknown>> {
  return benchAfter('true', ...args)
}

/** The same, in a shell that has run another command first. */
function benchAfter(first: string, ...args: string[]): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const inShell = ['-c', `${first} && exec "$0" "$@"`, process.execPath, RUN, ...args, '--json']
    execFile('sh', inShell, (error, out, err) => {
      // A comparison of builds also ends with 1 when a figure is worse.
      const isWorse = error?.code === 1 && args.includes('--against') && out !== ''
      if (error !== null && !isWorse) reject(new Error(`${error.message}\n${err}`))
      else resolve(JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>)
    })
  })
}

const aNumber: unknown = expect.any(Number)

describe('npm run bench', () => {
  it('scale: ten nodes broadcast twice, and each receives every envelope once', async ({
    expect: own,
  }) => {
    own(await bench('scale', '--nodes', '10', '--processes', '2', '--rounds', '2')).toMatchObject({
      name: 'scale',
      nodes: 10,
      processes: 2,
      expected: 180,
      delivered: 180,
      lost: 0,
      duplicated: 0,
      dead: 0,
      connectSeconds: aNumber,
      seconds: aNumber,
      rssMb: aNumber,
    })
  })

  it('scale: too few descriptors are an error that names the limit to set', async ({
    expect: own,
  }) => {
    const rejected = benchAfter('ulimit -n 256', 'scale', '--nodes', '50')
    await own(rejected).rejects.toThrow('and 256 are allowed: raise the limit (ulimit -n 450)')
  })

  it('broadcast: the number of property reads does not depend on the number of peers', async ({
    expect: own,
  }) => {
    const { sizes } = await bench('broadcast', '--envelopes', '2000', '--runs', '1')
    const rows = sizes as { peers: number; readsPerBroadcast: number }[]
    own(rows.map(({ peers }) => peers)).toEqual([1, 4, 9, 49])
    own(new Set(rows.map(({ readsPerBroadcast }) => readsPerBroadcast)).size).toBe(1)
  })

  it('simulate: counts events, deliveries and hops', async ({ expect: own }) => {
    const few = ['--pending', '50', '--events', '20000', '--deliveries', '2000']
    const small = [
      '--nodes',
      '6',
      '--connected',
      '5',
      '--ring',
      '5',
      '--rounds',
      '3',
      '--runs',
      '1',
    ]
    // `explore` and `planted` have tests of their own.
    const result = await bench('simulate', ...few, ...small, '--seeds', '0', '--bugSeeds', '0')
    own(result).toMatchObject({
      name: 'simulate',
      eventsPerSecond: aNumber,
      rxjsEventsPerSecond: aNumber,
      deliveriesPerSecond: aNumber,
      broadcast: { nodes: 6, deliveries: 30, seconds: aNumber, megabytes: aNumber },
      connected: { nodes: 5, seconds: aNumber, megabytes: aNumber },
      ring: { nodes: 5, rounds: 3, hops: 15, seconds: aNumber, megabytes: aNumber },
    })
  })

  it('codec: every present codec keeps every message', async ({ expect: own }) => {
    const { shapes } = await bench('codec', '--ms', '1', '--runs', '1', '--cases', '0')
    const vote = (shapes as Record<string, Record<string, unknown>>)['vote, 7 fields']
    own(vote?.['checkedEncodeNs']).toMatchObject({ 'rx-cluster': aNumber, msgpackr: aNumber })
  })

  it('--against: compares the figures of two builds', async ({ expect: own }) => {
    const few = ['--ms', '1', '--alternations', '1']
    const { figures } = await bench('codec', ...few, '--against', ROOT)
    own(figures).toHaveLength(12)
    own(figures).toContainEqual(
      own.objectContaining({ figure: '100 numbers: encodeNs', better: 'lower', ours: [aNumber] }),
    )
    const missing = bench('memory', '--against', '/missing')
    await own(missing).rejects.toThrow('there is no build in /missing')
    await own(bench('flap', '--against', ROOT)).rejects.toThrow('flap cannot compare builds')
  })

  it('memory: measures peers and envelopes', async ({ expect: own }) => {
    const result = await bench('memory', '--peers', '10', '--envelopes', '5000')
    own(result).toMatchObject({
      name: 'memory',
      peers: 10,
      envelopes: 5000,
      bytesPerIdlePeer: aNumber,
    })
    own(result['queuedEnvelope']).toMatchObject({
      rss: aNumber,
      heapUsed: aNumber,
      external: aNumber,
    })
  })

  it('churn: after 500 peers were added and removed, no descriptor has leaked', async ({
    expect: own,
  }) => {
    const { ok, descriptorsAfter, descriptorsBefore, linksUp } = await bench(
      'churn',
      '--rounds',
      '500',
    )
    own({ ok, descriptorsAfter }).toEqual({ ok: true, descriptorsAfter: descriptorsBefore })
    own(linksUp).toBeGreaterThan(20)
  })

  it('explore: eight seeds on two cores, and every check holds', async ({ expect: own }) => {
    const result = await bench('explore', '--seeds', '8', '--cores', '2')
    own(result).toMatchObject({ name: 'explore', seeds: 8, cores: 2, failed: null })
    own(result['minEvents']).toBeGreaterThan(5_000)
    own(result['minFaults']).toBeGreaterThanOrEqual(5)
  })
})
