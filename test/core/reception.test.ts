/** The reception, as a table: what a caller says, and what it hears. */
import { describe, expect, it } from 'vitest'
import {
  EVERYBODY,
  type Greeting,
  type SessionReport,
  type WireFrame,
} from '../../src/core/wire/frames.ts'
import {
  type Reception,
  type ReceptionEvent,
  openReception,
  stepReception,
} from '../../src/core/reception.ts'
import { decodeFrame } from '../../src/core/wire/decode-frame.ts'
import { batchOf } from './entries.ts'
import { entryOf } from './lab.ts'

const greeting = (over: Partial<Greeting> = {}): Greeting => ({
  pid: 1,
  incarnation: '00000000000000a1',
  epoch: 1,
  settled: 0,
  ...over,
})
const hello = (over: object = {}, ...greetings: Greeting[]): WireFrame => ({
  type: 'hello',
  version: 1,
  nonce: 77,
  cluster: 'test',
  to: 2,
  features: 0,
  greetings: greetings.length === 0 ? [greeting()] : greetings,
  ...over,
})
const data = (first: number, count: number, over: object = {}): WireFrame =>
  decodeFrame(
    batchOf(
      Array.from({ length: count }, (_, index) => entryOf(index, 4, 1e9)),
      { first, ...over },
    ),
  )

function reception(...members: number[]): Reception {
  const incarnation = '00000000000000b2'
  const limits = { windowBytes: 1000, maxMessageBytes: 500 }
  const state = openReception({ pid: 2, incarnation, cluster: 'test', ...limits })
  stepReception(state, { type: 'members', pids: new Set(members) })
  return state
}

function line({ pid, settled, received, credit, gap, rejections }: SessionReport): string {
  const rejected = rejections.map(({ sequence }) => sequence)
  return `${pid} ${settled}/${received} credit ${credit}${gap ? ' gap' : ''} rejected ${rejected}`
}

/** Steps, and tells each effect in one line; frames by their connection. */
function step(state: Reception, event: ReceptionEvent): string[] {
  const [, effects] = stepReception(state, event)
  return effects.map((effect) => {
    if (effect.type === 'take')
      return `take ${effect.run.first}+${effect.run.count} skip ${effect.run.skip}`
    if (effect.type !== 'send') return `${effect.type} ${'pid' in effect ? effect.pid : ''}`.trim()
    const frame = decodeFrame(effect.frame)
    switch (frame.type) {
      case 'refused': {
        const whom = frame.pid === EVERYBODY ? 'all' : frame.pid
        const at = frame.last === undefined ? '' : ` at ${frame.last.settled}`
        return `${effect.connection}: refused ${whom} ${frame.reason} ${frame.nonce}${at}`
      }
      case 'welcome':
      case 'ack':
      case 'bye':
        return `${effect.connection}: ${frame.type} ${frame.sessions.map(line).join('; ')}`.trim()
      default:
        return `${effect.connection}: ${frame.type}`
    }
  })
}
const frame = (one: WireFrame, connection = 'c1'): ReceptionEvent => ({
  type: 'frame',
  connection,
  frame: one,
})

describe('HELLO', () => {
  const table: [string, WireFrame, string[]][] = [
    ['of a member is welcome', hello(), ['c1: welcome 1 0/0 credit 1000 rejected']],
    [
      'of another cluster',
      hello({ cluster: 'x' }),
      ['c1: refused all wrong-cluster 77', 'turned-away 1'],
    ],
    ['of another version', hello({ version: 9, nonce: 0 }), ['c1: refused all wrong-version 0']],
    ['for another pid', hello({ to: 3 }), ['c1: refused all wrong-pid 77', 'turned-away 1']],
    [
      'of a stranger',
      hello({}, greeting({ pid: 9 })),
      ['c1: refused 9 not-a-member 77', 'turned-away 9'],
    ],
    [
      'of a member and a stranger',
      hello({}, greeting(), greeting({ pid: 9 })),
      ['c1: refused 9 not-a-member 77', 'turned-away 9', 'c1: welcome 1 0/0 credit 1000 rejected'],
    ],
    ['of nobody', hello({ greetings: [] }), ['c1: welcome']],
  ]
  it.each(table)('%s', (_, said, heard) => {
    expect(step(reception(1, 3), frame(said))).toEqual(heard)
  })

  it('again, of the same process: goes on where it was, on the new connection', () => {
    const state = reception(1)
    step(state, frame(hello()))
    step(state, frame(data(1, 3)))
    expect(step(state, frame(hello(), 'c2'))).toEqual(['c2: welcome 1 0/3 credit 1000 rejected'])
    expect(step(state, frame(data(4, 1), 'c1'))).toEqual(['c1: refused all say-hello 0'])
    expect(step(state, frame(data(4, 1), 'c2'))).toEqual(['take 4+1 skip 0'])
  })

  it('of a new process: the newest wins, the other is superseded', () => {
    const state = reception(1)
    step(state, frame(hello()))
    const other = hello({}, greeting({ incarnation: '00000000000000a2' }))
    expect(step(state, frame(other, 'c2'))).toEqual([
      'c1: refused 1 superseded 0',
      'restarted 1',
      'c2: welcome 1 0/0 credit 1000 rejected',
    ])
  })

  it('of an earlier epoch of the same process is superseded', () => {
    const state = reception(1)
    step(state, frame(hello({}, greeting({ epoch: 5 }))))
    expect(step(state, frame(hello({}, greeting({ epoch: 4 })), 'c2'))).toEqual([
      'c2: refused 1 superseded 77',
    ])
  })
})

describe('DATA', () => {
  const welcomed = (): Reception => {
    const state = reception(1)
    step(state, frame(hello()))
    return state
  }
  const table: [string, WireFrame[], string[]][] = [
    ['in order is taken', [data(1, 2), data(3, 1)], ['take 3+1 skip 0']],
    ['seen before is not', [data(1, 2), data(1, 2)], []],
    ['half new is taken from there', [data(1, 2), data(2, 3)], ['take 3+2 skip 1']],
    ['after a gap is not', [data(1, 2), data(4, 1)], []],
    ['of another epoch is dropped', [data(1, 1, { epoch: 2 })], []],
    ['for another epoch of mine is dropped', [data(1, 1, { toEpoch: 2 })], []],
    ['of a stranger asks for HELLO', [data(1, 1, { pid: 7 })], ['c1: refused all say-hello 0']],
  ]
  it.each(table)('%s', (_, frames, heard) => {
    const state = welcomed()
    const last = frames.map((one) => step(state, frame(one))).at(-1)
    expect(last).toEqual(heard)
  })

  it('is acknowledged when the inbox has taken it, and the gap is told once', () => {
    const state = welcomed()
    step(state, frame(data(1, 2)))
    step(state, frame(data(5, 1)))
    expect(step(state, { type: 'flush' })).toEqual(['c1: ack 1 0/2 credit 1000 gap rejected'])
    const session = state.sessions.get(1)
    if (session === undefined) throw new Error('no session')
    const rejections = [{ sequence: 2, reason: 'undecodable', detail: '' } as const]
    step(state, { type: 'taken', session, count: 2, bytes: 0, rejections })
    expect(step(state, { type: 'flush' })).toEqual(['c1: ack 1 2/2 credit 1000 rejected 2'])
    expect(step(state, { type: 'flush' })).toEqual([])
  })

  it('waits for others where nobody waits for it, but for no more than 16, or for one that is urgent', () => {
    const state = Object.assign(welcomed(), { windowBytes: 1e6 })
    for (let first = 1; first <= 15; first++) step(state, frame(data(first, 1, { urgent: false })))
    expect([state.due.length, state.urgent]).toEqual([1, false])
    step(state, frame(data(16, 1, { urgent: false })))
    expect(state.urgent).toBe(true)
    step(state, { type: 'flush' })
    step(state, frame(data(17, 1, { urgent: false })))
    expect([state.due.length, state.urgent]).toEqual([1, false])
    step(state, frame(data(18, 1)))
    expect(state.urgent).toBe(true)
    step(state, { type: 'flush' })
    // What is missing is told at once.
    step(state, frame(data(21, 1, { urgent: false })))
    expect(state.urgent).toBe(true)
  })

  it('rejections are told again until the sender knows of them', () => {
    const state = welcomed()
    step(state, frame(data(1, 1)))
    const session = state.sessions.get(1)
    if (session === undefined) throw new Error('no session')
    const rejections = [{ sequence: 1, reason: 'undecodable', detail: '' } as const]
    step(state, { type: 'taken', session, count: 1, bytes: 0, rejections })
    step(state, { type: 'flush' })
    expect(step(state, frame(hello(), 'c2'))).toEqual(['c2: welcome 1 1/1 credit 1000 rejected 1'])
    const knowing = hello({}, greeting({ settled: 1 }))
    expect(step(state, frame(knowing, 'c2'))).toEqual(['c2: welcome 1 1/1 credit 1000 rejected'])
  })

  it('and so does DATA', () => {
    const state = welcomed()
    step(state, frame(data(1, 1)))
    const session = state.sessions.get(1)
    if (session === undefined) throw new Error('no session')
    step(state, {
      type: 'taken',
      session,
      count: 1,
      bytes: 0,
      rejections: [{ sequence: 1, reason: 'malformed', detail: '' }],
    })
    step(state, frame(data(2, 1, { settled: 1 })))
    expect(step(state, { type: 'flush' })).toEqual(['c1: ack 1 1/2 credit 1000 rejected'])
  })
})

describe('the rest', () => {
  it('PING is answered with where everything stands, then PONG', () => {
    const state = reception(1)
    step(state, frame(hello()))
    expect(step(state, frame({ type: 'ping', token: 5, report: true }))).toEqual([
      'c1: ack 1 0/0 credit 1000 rejected',
      'c1: pong',
    ])
  })

  it('PING of nobody is answered too', () => {
    expect(step(reception(1), frame({ type: 'ping', token: 5, report: true }))).toEqual([
      'c1: pong',
    ])
  })

  it('no credit is given while the inbox takes nothing, and everybody hears when it does again', () => {
    const state = reception(1)
    step(state, { type: 'withhold', withheld: true })
    expect(step(state, frame(hello()))).toEqual(['c1: welcome 1 0/0 credit 0 rejected'])
    step(state, { type: 'withhold', withheld: false })
    expect(step(state, { type: 'flush' })).toEqual(['c1: ack 1 0/0 credit 1000 rejected'])
  })

  it('who is removed hears how far it got; who is added hears that it may ask', () => {
    const state = reception(1)
    step(state, frame(hello()))
    step(state, frame(data(1, 3)))
    expect(step(state, { type: 'members', pids: new Set() })).toEqual([
      'c1: ack 1 0/3 credit 0 rejected',
      'c1: refused 1 not-a-member 0 at 0',
    ])
    expect(step(state, frame(data(4, 1)))).toEqual([])
    expect(step(state, { type: 'members', pids: new Set([1]) })).toEqual([
      'c1: refused 1 say-hello 0',
    ])
  })

  it('LEAVE ends a session, but not the one that came after it', () => {
    const state = reception(1)
    step(state, frame(hello({}, greeting({ epoch: 2 }))))
    step(state, frame({ type: 'leave', leaving: [{ pid: 1, epoch: 1 }] }))
    expect(state.sessions.size).toBe(1)
    step(state, frame({ type: 'leave', leaving: [{ pid: 1, epoch: 2 }] }))
    expect(state.sessions.size).toBe(0)
  })

  it('BYE goes to everybody, and tells what was taken', () => {
    const state = reception(1)
    step(state, frame(hello()))
    step(state, frame(data(1, 1)))
    expect(step(state, { type: 'bye' })).toEqual(['c1: bye 1 0/1 credit 0 rejected'])
  })

  it('frames of the listening side are no frames of a caller', () => {
    expect(step(reception(1), frame({ type: 'bye', sessions: [] }))).toEqual(['bad-frame'])
    expect(step(reception(1), frame({ type: 'ack', sessions: [] }))).toEqual(['bad-frame'])
  })
})
