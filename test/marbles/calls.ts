/** The call in the box of a picture: what a program writes, not what a marble test writes. */
import type { MarbleCall, MarbleTest } from '../../src/testing/marbles/marble-test.ts'

/** Options of marble tests that are no options of the operator. */
const TEST_OPTIONS = new Set(['work', 'fails', 'failed', 'throws', 'times', 'random', 'peers'])
const CLUSTER_OPTIONS = new Set(['show', 'tick', 'seed', 'protocol'])

type Write = (call: MarbleCall, test: MarbleTest) => string

const WRITERS: Readonly<Record<string, Write>> = {
  boundedMergeMap({ args, options }, { expected }) {
    const [bufSize, overflow] = args
    const shown = pairs({ bufSize, ...members(options), ...overflowOf(overflow) })
    const sinks = expected.lanes.some(({ name }) => name === 'dropped') ? ['dropped'] : []
    return `boundedMergeMap(work, ${objectText([...shown, ...sinks])})`
  },
  broadcast: () => 'broadcast()',
  cluster: clusterText,
  decodeMessage: ({ args }) => `decodeMessage(${args.join(', ')}, { rejected })`,
  dedupe: ({ args }) => `dedupe(${args.join(', ')})`,
  detectFailures: ({ options }) => `detectFailures(${objectOf(members(options))})`,
  fromPeer: ({ args }) => `fromPeer(${args.join(', ')})`,
  groupByPeer: () => 'groupByPeer(peers)',
  handle: () => 'handle(mailbox, length, work)',
  heartbeat: ({ args }, { given }) => {
    const ends = given.lanes.some(({ name }) => name === 'until') ? '.pipe(takeUntil(until))' : ''
    return `heartbeat(${args.join(', ')}, project)${ends}`
  },
  majority: ({ options }) => `majority(peers${secondOf(members(options))})`,
  quorum({ args, options }, { given }) {
    const hasPeers = 'peers' in options || given.lanes.some(({ name }) => name === 'peers')
    const shown = objectText([...(hasPeers ? ['peers'] : []), ...pairs(members(options))])
    return `quorum(${args.join(', ')}${shown === '' ? '' : `, ${shown}`})`
  },
  replyWith: () => 'replyWith(mailbox, work)',
  request({ args, options }) {
    const { retry, baseMs, ...others } = members(options)
    const retryText = objectOf({ count: retry, ...(baseMs === undefined ? {} : { baseMs }) })
    const shown = { ...others, ...(retry === undefined ? {} : { retry: retryText }) }
    return `request(mailbox, ${args.join(', ')}${secondOf(shown)})`
  },
  retryBackoff: ({ options }) => `retryBackoff(${objectOf(members(options))})`,
  toPeer: ({ args }) => `toPeer(${args.join(', ')})`,
}

/**
 * Returns the text of the box.
 *
 * @throws Error if the command of the marble test has no text here
 */
export function callTextOf(test: MarbleTest): string {
  const write = WRITERS[test.call.name]
  if (write === undefined) throw new Error(`${test.call.name} has no text in test/marbles/calls.ts`)
  return write(test.call, test)
}

/** `3 nodes, leader election`: no call, but what runs. */
function clusterText({ args, options }: MarbleCall): string {
  const shown = Object.entries(options).filter(([key]) => !CLUSTER_OPTIONS.has(key))
  const settings = shown.map(([key, value]) => `${key}: ${literal(value)}`)
  const protocol = options['protocol'] === undefined ? [] : [`protocol: ${options['protocol']}`]
  return [`${args[0] ?? ''} nodes`, ...protocol, ...settings].join(', ')
}

function overflowOf(overflow: string | undefined): Readonly<Record<string, string>> {
  if (overflow === undefined || overflow === 'error') return {}
  return { overflow: overflow === 'pause' ? '{ pause: node }' : `'${overflow}'` }
}

/** The options of the operator; a default of the marble test is left out. */
function members(options: MarbleCall['options']): Readonly<Record<string, string>> {
  const shown = Object.entries(options).filter(([key, value]) => {
    return !TEST_OPTIONS.has(key) && !(key === 'concurrency' && value === '1')
  })
  return Object.fromEntries(shown)
}

function pairs(values: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(values).map(([key, value]) => `${key}: ${value ?? ''}`)
}

function objectOf(values: Readonly<Record<string, string | undefined>>): string {
  return objectText(pairs(values))
}

function objectText(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `{ ${texts.join(', ')} }`
}

function secondOf(values: Readonly<Record<string, string>>): string {
  const text = objectOf(values)
  return text === '' ? '' : `, ${text}`
}

function literal(value: string): string {
  return /^(\d+|true|false)$/.test(value) ? value : `'${value}'`
}
