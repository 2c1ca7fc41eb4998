/** Taste as a test: every finding names what to write instead. */
import { describe, expect, it } from 'vitest'
import { type Source, filesBelow, withoutComments } from './sources.ts'

const LINES_MAX = 250
const COLUMNS_MAX = 100
const TEST_COLUMNS_MAX = 130

/** What the inner rooms may not do, and what they do instead. */
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

/** The outer rooms, where the world is let in. */
const AMBIENT_ALLOWED = [
  'src/cli/',
  'src/transports/zmq/',
  'src/ports/ambient.ts',
  'src/node/create-node.ts',
  'src/node/read-config.ts',
  // The promise of `close` is made here, and nowhere inside.
  'src/node/farewell.ts',
  // Here the ambient world is replaced by a virtual one.
  'src/simulation/in-virtual-time.ts',
  'src/simulation/rx-time.ts',
  'src/simulation/stray.ts',
  // Threads answer later, and how long it all took is told in real time.
  'src/simulation/explore/crew.ts',
  'src/simulation/explore/explore.ts',
]

const BANNED: Record<string, string> = {
  '\\bas any\\b|: any\\b|<any>': 'unknown, or the type it has',
  '@ts-ignore': '@ts-expect-error with a reason, in a test',
  '\\bTODO\\b|\\bFIXME\\b|\\bXXX\\b': 'the work itself, or a decision of the README',
  '\\bconsole\\.(log|error|warn)': 'an event of the node; only src/cli prints',
}

const VAGUE_NAME = /(^|[-/])(utils?|common|misc|helpers?|manager|impl)([-./]|$)/i

/** Everything untidy in one file of src. */
function problemsIn({ path, text }: Source): string[] {
  const lines = text.split('\n')
  const code = withoutComments(text)
  const found: string[] = []
  const report = (problem: string): void => void found.push(`${path}: ${problem}`)
  if (lines.length - 1 > LINES_MAX)
    report(`${lines.length - 1} lines: more than one idea, divide it`)
  for (const [index, line] of lines.entries()) {
    if ([...line].length > COLUMNS_MAX)
      report(`line ${index + 1} has over ${COLUMNS_MAX} columns: break it`)
  }
  const head = text.startsWith('#!') ? lines.slice(1).join('\n') : text
  if (!/^\/\*\*\s/.test(head)) report('no sentence at the top: say what the file is')
  if (VAGUE_NAME.test(path)) report('a shapeless name: say what it does')
  if (!AMBIENT_ALLOWED.some((outer) => path.startsWith(outer))) {
    for (const [word, instead] of Object.entries(AMBIENT)) {
      if (new RegExp(`\\b${word.replace('.', '\\.')}\\b`).test(code))
        report(`${word}: use ${instead}`)
    }
  }
  for (const [pattern, instead] of Object.entries(BANNED)) {
    if (pattern.includes('console') && path.startsWith('src/cli/')) continue
    const subject = pattern.includes('TODO') ? text : code
    const [word] = new RegExp(pattern).exec(subject) ?? []
    if (word !== undefined) report(`${word}: use ${instead}`)
  }
  for (const [, name = ''] of code.matchAll(EXPORTED)) {
    if (name.includes('$')) report(`${name}: no $ on anything exported`)
    if (/Impl$|^I[A-Z][a-z]|Util|Helper|Manager/.test(name))
      report(`${name}: a name of the field instead`)
  }
  found.push(...undocumented(path, text))
  return found
}

const EXPORTED =
  /^export (?:default |declare )?(?:abstract )?(?:async )?(?:function|class|const|let|interface|type)\*? +([A-Za-z0-9_$]+)/gm

/** Exports without a docstring. */
function undocumented(path: string, text: string): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    const [, name] = new RegExp(EXPORTED.source).exec(line) ?? []
    if (name === undefined) return []
    const above = lines.slice(0, index).findLast((one) => one.trim() !== '') ?? ''
    const documented = above.trim().endsWith('*/') || above.startsWith('// oxlint')
    return documented ? [] : [`${path}: ${name} has no docstring`]
  })
}

const sources = filesBelow('src', '.ts')
const tests = [
  ...filesBelow('test', '.ts'),
  ...filesBelow('examples', '.ts'),
  ...filesBelow('bench', '.ts'),
]

describe('the sources', () => {
  it('are tidy', () => {
    expect(sources.length).toBeGreaterThan(80)
    expect(sources.flatMap(problemsIn)).toEqual([])
  })

  it('and so are the tests: no test is left out, no line runs off the page', () => {
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

  it('each operator says in its docstring what it takes and what a subscription costs', () => {
    const operators = sources.filter(({ path }) => path.startsWith('src/operators/'))
    expect(operators.length).toBe(14)
    for (const { path, text } of operators) {
      expect(text, path).toMatch(/```marbles/)
      expect(text, path).toMatch(/@returns/)
    }
  })
})

describe('this guard would speak', () => {
  const top = '/** A file. */\n'
  const cases: [string, string, string][] = [
    ['src/core/a.ts', `${top}const now = Date.now()`, 'monotonicMs'],
    ['src/node/a.ts', `${top}setTimeout(() => 0, 5)`, 'timer(ms, scheduler)'],
    ['src/core/a.ts', `${top}const x = y as any`, 'unknown'],
    ['src/core/a.ts', `${top}// TODO later`, 'the work itself'],
    ['src/core/a.ts', 'const x = 1', 'say what the file is'],
    ['src/core/utils.ts', top, 'shapeless'],
    ['src/core/a.ts', `${top}/** x */\nexport const peer$ = 1`, 'no $'],
    ['src/core/a.ts', `${top}import 'x'\n\nexport const peer = 1`, 'no docstring'],
    ['src/core/a.ts', top + '\n'.repeat(300), 'divide it'],
    ['src/core/a.ts', `${top}// ${'x'.repeat(100)}`, 'columns'],
    ['src/node/a.ts', `${top}console.log(1)`, 'only src/cli prints'],
  ]
  it.each(cases)('%s %#', (path, text, part) => {
    expect(problemsIn({ path, text }).join('\n')).toContain(part)
  })

  it('and is silent about what a comment says', () => {
    expect(problemsIn({ path: 'src/core/a.ts', text: `${top}// never Date.now() here` })).toEqual(
      [],
    )
  })
})
