/** Runs a stanza on RxJS's TestScheduler, and draws what came out of it. */
import type { Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { SUBSCRIBERS, openBench } from './bench.ts'
import type { OpenBench, Visit } from './bench.ts'
import type { Drawing, Mark } from './drawing.ts'
import { drawnTwice, lettersFor } from './letters.ts'
import type { Letters } from './letters.ts'
import { record } from './recorder.ts'
import type { Recording } from './recorder.ts'
import { StanzaError } from './stanza.ts'
import type { Definition, Failure, Lane, Part, PlacedStanza, Stanza } from './stanza.ts'
import { nameOf } from './values.ts'
import type { StanzaRunner, Verb } from './verb.ts'

/** Virtual time ends here, so that a timer that nobody stops does not run forever. */
const LAST_FRAME = 100_000

/** Lanes that the bench itself listens to, for as long as it runs. */
const OF_THE_POST = new Set(['peers', 'links', 'receipts'])

interface NamedRecording {
  readonly name: string
  readonly record: Recording
}

/**
 * Runs a stanza.
 *
 * @param placed the stanza and its place, which errors name
 * @param verbs the commands that there are
 * @returns what belongs below its line
 * @throws StanzaError where it cannot be run: no such command, or lanes and words that mean nothing
 */
export function runStanza(
  { stanza, place }: PlacedStanza,
  verbs: readonly (Verb | StanzaRunner)[],
): Part {
  try {
    return outcomeOf(stanza, verbs)
  } catch (error) {
    if (error instanceof StanzaError) throw error
    const problem = error instanceof Error ? error.message : String(error)
    throw Object.assign(new StanzaError(place.path, place.line, problem), { cause: error })
  }
}

function outcomeOf(stanza: Stanza, verbs: readonly (Verb | StanzaRunner)[]): Part {
  const verb = verbs.find(({ name }) => name === stanza.command.name)
  if (verb === undefined) {
    const names = verbs.map(({ name }) => name).join(', ')
    throw new Error(`there is no command "${stanza.command.name}"; there are ${names}`)
  }
  return 'run' in verb ? verb.run(stanza) : onTestScheduler(stanza, verb)
}

function onTestScheduler(stanza: Stanza, verb: Verb): Part {
  const scheduler = new TestScheduler(() => undefined)
  let bench: OpenBench | undefined
  let records: readonly NamedRecording[] = []
  scheduler.run(() => {
    scheduler.maxFrames = LAST_FRAME
    bench = openBench(stanza, scheduler)
    const { result, lanes = {} } = verb.build(bench)
    // The side lanes listen first, since a subscriber at frame 0 may have something to say at once.
    const sides = Object.entries(lanes).map(([name, lane]: [string, Observable<unknown>]) => ({
      name,
      record: record(scheduler, lane, 0, Infinity),
    }))
    const results = windowsOf(stanza).map(({ name, from, until }) => ({
      name,
      record: record(scheduler, result, from, until),
    }))
    records = [...results, ...sides]
  })
  if (bench === undefined) throw new Error('the stanza did not run')
  const unused = bench.unused()
  if (unused.length > 0) {
    throw new Error(`"${unused.join('", "')}" means nothing here: ${verb.usage}`)
  }
  checkLeft(bench, records)
  const opened = bench
  return drawnTwice(stanza.expected.definitions, (before) => {
    return drawWith(stanza, opened, records, before)
  })
}

/** Once every result has ended, nobody may still listen to what the operator was given. */
function checkLeft(bench: OpenBench, records: readonly NamedRecording[]): void {
  const results = records.filter(({ name }) => Object.values(SUBSCRIBERS).includes(name))
  if (!results.every(({ record: one }) => one.until !== Infinity || hasEnded(one))) return
  for (const [name, visits] of bench.visits) {
    if (OF_THE_POST.has(name)) continue
    if (visits.some((visit) => visit.unsubscribedFrame === Infinity)) {
      throw new Error(`every result has ended, and the lane "${name}" is still subscribed to`)
    }
  }
}

function windowsOf(stanza: Stanza): readonly { name: string; from: number; until: number }[] {
  const windows = Object.entries(SUBSCRIBERS).flatMap(([given, name]) => {
    const lane = stanza.given.lanes.find((one) => one.name === given)
    if (lane === undefined) return name === 'result' ? [{ name, from: 0, until: Infinity }] : []
    const frameOf = (kind: Mark['kind']) =>
      lane.drawing.marks.find((mark) => mark.kind === kind)?.frame ?? Infinity
    return [{ name, from: frameOf('subscribe'), until: frameOf('unsubscribe') }]
  })
  if (windows.some(({ from }) => from === Infinity)) throw new Error('a subscriber lane needs a ^')
  return windows
}

function drawWith(
  stanza: Stanza,
  bench: OpenBench,
  records: readonly NamedRecording[],
  before: readonly Definition[],
): Part {
  const horizon = Math.max(...stanza.given.lanes.map((lane) => lane.drawing.frames), 0)
  const letters = lettersFor(bench.known, before)
  const drawn = records.map(({ name, record: one }) => laneOf(name, one, letters, horizon))
  const inner = records.flatMap(({ record: one }) =>
    [...one.inner].map(([stream, each]) => ({ name: letters.of(stream), record: each })),
  )
  const innerDrawn = inner.map(({ name, record: one }) => laneOf(name, one, letters, horizon))
  return {
    lanes: [...drawn, ...innerDrawn, ...visitLanes(stanza, bench, horizon)],
    definitions: letters.given,
    failures: failuresOf([...records, ...inner]),
  }
}

function laneOf(name: string, { seen, until }: Recording, letters: Letters, horizon: number): Lane {
  const marks = seen.map((one): Mark =>
    one.kind === 'next'
      ? { frame: one.frame, kind: 'next', letter: letters.of(one.value) }
      : { frame: one.frame, kind: one.kind },
  )
  return { name, drawing: drawingOf(marks, hasEnded({ seen }) ? 0 : Math.min(until, horizon)) }
}

function hasEnded({ seen }: Pick<Recording, 'seen'>): boolean {
  const last = seen.at(-1)
  return last !== undefined && last.kind !== 'next'
}

/** The lanes above the line that are named below it again show when they were subscribed. */
function visitLanes(stanza: Stanza, bench: OpenBench, horizon: number): readonly Lane[] {
  const asked = new Set(stanza.expected.lanes.map((lane) => lane.name))
  const names = [...bench.visits.keys()].filter((name) => asked.has(name))
  return names.flatMap((name) => {
    const visits = bench.visits.get(name) ?? []
    if (visits.length === 0) return [{ name, drawing: { marks: [], frames: horizon } }]
    return visits.map((visit, index) => ({
      name: index === 0 ? name : `${name}${index + 1}`,
      drawing: drawingOf(visitMarks(visit), visit.unsubscribedFrame === Infinity ? horizon : 0),
    }))
  })
}

function visitMarks({ subscribedFrame, unsubscribedFrame }: Visit): readonly Mark[] {
  const start: Mark = { frame: subscribedFrame, kind: 'subscribe' }
  if (unsubscribedFrame === Infinity) return [start]
  return [start, { frame: unsubscribedFrame, kind: 'unsubscribe' }]
}

function drawingOf(marks: readonly Mark[], frames: number): Drawing {
  return { marks, frames: Math.max(frames, (marks.at(-1)?.frame ?? -1) + 1) }
}

function failuresOf(records: readonly NamedRecording[]): readonly Failure[] {
  const errors = records.flatMap(({ name, record: { seen } }) => {
    const last = seen.at(-1)
    return last?.kind === 'error' ? [{ lane: name, error: nameOf(last.error) }] : []
  })
  const [first, ...others] = errors
  if (first === undefined) return []
  if (others.every(({ error }) => error === first.error)) {
    return first.error === undefined ? [] : [{ error: first.error }]
  }
  return errors.flatMap(({ lane, error }) => (error === undefined ? [] : [{ lane, error }]))
}
