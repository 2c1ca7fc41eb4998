/** The public types as one file, whose diff is reviewed; `UPDATE_API=1` rewrites it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './sources.ts'

const SNAPSHOT = join(ROOT, 'test', 'api.txt')

/** Returns the declarations reachable from index.d.ts and testing.d.ts, each file once. */
function declarations(): string {
  const seen = new Map<string, string>()
  const walk = (path: string): void => {
    if (seen.has(path)) return
    const text = readFileSync(path, 'utf8')
    seen.set(path, text)
    for (const [, to = ''] of text.matchAll(/from '(\.[^']+)'/g)) {
      const target = join(dirname(path), to.replace(/\.(ts|js)$/, '.d.ts'))
      if (existsSync(target)) walk(target)
    }
  }
  walk(join(ROOT, 'dist', 'index.d.ts'))
  walk(join(ROOT, 'dist', 'testing.d.ts'))
  return [...seen]
    .map(
      ([path, text]) => `// ${path.slice(ROOT.length + '/dist/'.length)}\n${stripComments(text)}`,
    )
    .sort()
    .join('\n\n')
}

/** Removes comments and private members from declarations. */
function stripComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*#private;$/gm, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '')
    .join('\n')
}

describe('the public types', () => {
  it('are those of test/api.txt', () => {
    const current = `${declarations()}\n`
    if (process.env['UPDATE_API'] === '1') writeFileSync(SNAPSHOT, current)
    expect(current, 'review the change, then UPDATE_API=1 npx vitest run test/guards/api').toBe(
      readFileSync(SNAPSHOT, 'utf8'),
    )
  })

  it('and the names that can be imported', async () => {
    const names = Object.keys(await import('../../src/index.ts')).sort()
    expect(names).toMatchInlineSnapshot(`
      [
        "BROADCAST",
        "ClusterError",
        "DEFAULT_LIMITS",
        "ERROR_CODES",
        "MemoryNetwork",
        "boundedMergeMap",
        "broadcast",
        "createNode",
        "decodeMessage",
        "dedupe",
        "defineRequest",
        "detectFailures",
        "fromPeer",
        "groupByPeer",
        "handle",
        "heartbeat",
        "isClusterError",
        "majority",
        "memoryTransport",
        "openNode",
        "parseRecording",
        "quorum",
        "renderRecording",
        "reply",
        "replyWith",
        "request",
        "retryBackoff",
        "toPeer",
        "typed",
      ]
    `)
  })

  it('and those of rx-cluster/testing', async () => {
    const names = Object.keys(await import('../../src/testing.ts')).sort()
    expect(names).toMatchInlineSnapshot(`
      [
        "MarbleTestError",
        "SimulationError",
        "chaos",
        "clusterCommand",
        "compareMarbleTest",
        "explore",
        "oneLeaderPerTerm",
        "parseFault",
        "parseMarbleTests",
        "parseNetwork",
        "parsePlan",
        "renderFault",
        "renderPlan",
        "renderSvg",
        "replay",
        "replayRecording",
        "rewriteMarbleTests",
        "runMarbleTests",
        "simulate",
      ]
    `)
  })
})
