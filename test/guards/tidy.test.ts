/** The shape of files: each finding names what to write instead. */
import { describe, expect, it } from 'vitest'
import { type TextFile, filesBelow, withoutComments } from './sources.ts'

const COLUMNS_MAX = 100
const TEST_COLUMNS_MAX = 130

/** Ambient time and randomness, and what to use instead. */
const AMBIENT: Record<string, string> = {
  'Date.now': 'monotonicMs() of the environment',
  'Math.random': 'random() of the environment',
  'performance.now': 'monotonicMs() of the environment',
  'process.hrtime': 'monotonicMs() of the environment',
  setTimeout: 'timer(ms, scheduler)',
  setInterval: 'interval(ms, scheduler)',
  setImmediate: 'microtask() of the environment',
  queueMicrotask: 'microtask() of the environment',
  'new Promise': 'an Observable',
}

/** Files that may use them. */
const AMBIENT_ALLOWED = [
  'src/cli/',
  'src/transports/zmq/',
  'src/ports/system.ts',
  'src/ports/runtime.ts',
  'src/node/create-node.ts',
  'src/config/read-config.ts',
  // The promise of `close` is made here.
  'src/node/shutdown.ts',
  // These replace ambient time by virtual time.
  'src/testing/simulation/time/in-virtual-time.ts',
  'src/testing/simulation/time/rx-time.ts',
  'src/testing/simulation/time/nondeterminism.ts',
  'src/testing/simulation/time/refused-calls.ts',
  // Worker threads answer with promises, and progress is reported in real time.
  'src/testing/explore/load-scenario.ts',
  'src/testing/explore/worker-pool.ts',
  'src/testing/explore/explore.ts',
]

const BANNED: Record<string, string> = {
  '\\bas any\\b|: any\\b|<any>': 'unknown, or the type it has',
  '@ts-ignore': '@ts-expect-error with a reason, in a test',
  '\\bTODO\\b|\\bFIXME\\b|\\bXXX\\b': 'the work itself, or a decision in docs/decisions',
  '\\bconsole\\.(log|error|warn)': 'an event of the node; only src/cli prints',
  '\\binterface \\w*Owner\\b': 'a name that ends in Handler or Observer',
  '\\bextends Subscri(?:ption|ber)\\b': 'a field with one; `ports/runtime.ts` says why',
}

/** Errors without a code never reach a caller of the library from these files. */
const PLAIN_ERRORS_ALLOWED = new Set([
  // The receiver rejects the envelope with the message.
  'src/codec/message-reader.ts',
  'src/codec/decoder.ts',
  // Mutating a frozen map, as any frozen object.
  'src/base/frozen-map.ts',
  // Bugs of the library itself.
  'src/protocol/wire/value-cache.ts',
  'src/testing/replay/replay-world.ts',
  'src/testing/explore/shrink.ts',
  'src/keys/key-text.ts',
  'src/transports/zmq/sockets.ts',
])

const VAGUE_NAME = /(^|[-/])(utils?|common|misc|helpers?|manager|impl)([-./]|$)/i

/** Returns every problem of one file of src. */
function problemsIn({ path, text }: TextFile): string[] {
  const lines = text.split('\n')
  const code = withoutComments(text)
  const found: string[] = []
  const report = (problem: string): void => void found.push(`${path}: ${problem}`)
  for (const [index, line] of lines.entries()) {
    if ([...line].length > COLUMNS_MAX)
      report(`line ${index + 1} has over ${COLUMNS_MAX} columns: break it`)
  }
  const head = text.startsWith('#!') ? lines.slice(1).join('\n') : text
  if (!/^\/\*\*\s/.test(head)) report('no sentence at the top: say what the file is')
  if (VAGUE_NAME.test(path)) report('a vague name: say what the file does')
  if (!AMBIENT_ALLOWED.some((allowed) => path.startsWith(allowed))) {
    for (const [word, instead] of Object.entries(AMBIENT)) {
      if (new RegExp(`\\b${word.replace('.', '\\.')}\\b`).test(code))
        report(`${word}: use ${instead}`)
    }
  }
  for (const [pattern, instead] of Object.entries(BANNED)) {
    if (pattern.includes('console') && path.startsWith('src/cli/')) continue
    // A simulation has no other actions; there it is the fourth class.
    if (pattern.includes('Subscri') && path.endsWith('/virtual-scheduler.ts')) continue
    const subject = pattern.includes('TODO') ? text : code
    const [word] = new RegExp(pattern).exec(subject) ?? []
    if (word !== undefined) report(`${word}: use ${instead}`)
  }
  const [thrown] = /\bthrow new (?:Type|Range|Syntax)?Error\b/.exec(code) ?? []
  if (thrown !== undefined && !PLAIN_ERRORS_ALLOWED.has(path))
    report(`${thrown}: use a ClusterError with a code`)
  for (const [, name = ''] of code.matchAll(EXPORTED)) {
    if (name.includes('$')) report(`${name}: no $ in an exported name`)
    if (/Impl$|^I[A-Z][a-z]|Util|Helper|Manager/.test(name))
      report(`${name}: use a term of the field`)
  }
  found.push(...undocumented(path, text))
  return found
}

const EXPORTED =
  /^export (?:default |declare )?(?:abstract )?(?:async )?(?:function|class|const|let|interface|type)\*? +([A-Za-z0-9_$]+)/gm

/** Returns the exports without a docstring. */
function undocumented(path: string, text: string): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const [, name] = new RegExp(EXPORTED.source).exec(line) ?? []
    if (name === undefined) return []
    const above = lines.slice(0, index).findLast((other) => other.trim() !== '') ?? ''
    const documented = above.trim().endsWith('*/') || above.startsWith('// oxlint')
    return documented ? [] : [`${path}: ${name} has no docstring`]
  })
}

const sources = filesBelow('src', '.ts')
const tests = [...filesBelow('test', '.ts'), ...filesBelow('examples', '.ts')]

describe('the sources', () => {
  it('have no problem', () => {
    expect(sources.length).toBeGreaterThan(80)
    expect(sources.flatMap(problemsIn)).toEqual([])
  })

  it('have tests without focus, without skips, and with lines that fit', () => {
    expect(tests.length).toBeGreaterThan(40)
    const found = tests.flatMap(({ path, text }) => [
      ...[...text.matchAll(/\b(?:it|describe|test)\.(only|skip)\(/g)].map(
        ([word]) => `${path}: ${word}`,
      ),
      ...[...text.matchAll(/\bit\('[^'\n]*\bshould\b/g)].map(
        ([word]) => `${path}: ${word}: state a fact`,
      ),
      ...text
        .split('\n')
        .flatMap((line, index) =>
          line.length > TEST_COLUMNS_MAX ? [`${path}:${index + 1}: too long`] : [],
        ),
      ...(text.startsWith('/**') ? [] : [`${path}: no sentence at the top`]),
    ])
    expect(found.filter((line) => !line.startsWith('test/guards/tidy.test.ts'))).toEqual([])
  })

  it('document each operator with its marble, its result and its cost', () => {
    const operators = sources.filter(({ path }) => /^src\/operators\/[^/]+$/.test(path))
    expect(operators.length).toBe(15)
    for (const { path, text } of operators) {
      expect(text, path).toMatch(/```marbles/)
      expect(text, path).toMatch(/@returns/)
    }
  })
})

describe('this guard', () => {
  const top = '/** A file. */\n'
  const wrong: [string, string, string][] = [
    ['src/base/a.ts', `${top}const now = Date.now()`, 'monotonicMs'],
    ['src/node/a.ts', `${top}setTimeout(() => 0, 5)`, 'timer(ms, scheduler)'],
    ['src/base/a.ts', `${top}const x = y as any`, 'unknown'],
    ['src/base/a.ts', `${top}// TODO later`, 'the work itself'],
    ['src/base/a.ts', 'const x = 1', 'say what the file is'],
    ['src/base/utils.ts', top, 'vague'],
    ['src/base/a.ts', `${top}/** x */\nexport const peer$ = 1`, 'no $'],
    ['src/base/a.ts', `${top}import 'x'\n\nexport const peer = 1`, 'no docstring'],
    ['src/node/a.ts', `${top}/** x */\nexport interface InboxOwner {}`, 'Handler'],
    ['src/base/a.ts', `${top}// ${'x'.repeat(100)}`, 'columns'],
    ['src/node/a.ts', `${top}throw new TypeError('no')`, 'with a code'],
    ['src/node/a.ts', `${top}console.log(1)`, 'only src/cli prints'],
  ]
  it.each(wrong)('reports %s %#', (path, text, part) => {
    expect(problemsIn({ path, text }).join('\n')).toContain(part)
  })

  it('ignores comments', () => {
    expect(problemsIn({ path: 'src/base/a.ts', text: `${top}// never Date.now() here` })).toEqual(
      [],
    )
  })
})
