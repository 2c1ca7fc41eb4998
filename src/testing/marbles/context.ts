/** The context of a marble test: its lanes as observables, its definitions, and its arguments. */
import { marbleProblem } from './marble-test.ts'
import { isDeepStrictEqual } from 'node:util'
import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'
import type { Envelope } from '../../model/envelope.ts'
import type { MarbleDrawing } from './drawing.ts'
import { renderDrawing } from './drawing.ts'
import type { MarbleTest } from './marble-test.ts'
import { SOURCE_ERROR, errorOf, defaultNotation, valueOf } from './values.ts'

/** The frames of a subscription to a lane, as in RxJS's TestScheduler. */
export interface SubscriptionLog {
  readonly subscribedFrame: number
  readonly unsubscribedFrame: number
}

/** What a command builds its observable from. */
export interface MarbleContext {
  readonly scheduler: TestScheduler
  /** Returns whether the test has this lane. */
  has(lane: string): boolean
  /** Returns a hot lane of envelopes; an undefined letter is a message from pid 2, the letter. */
  envelopes(lane: string): Observable<Envelope>
  /** Returns a hot lane of any values; an undefined letter is the letter itself. */
  values(lane: string): Observable<unknown>
  /** Returns the value of a lane at frame 0; undefined if it has none. */
  first(lane: string): unknown
  /** Returns a cold lane, which restarts for each subscriber. */
  cold(lane: string): Observable<unknown>
  /** Returns the defined value of a letter. */
  definition(letter: string): unknown
  /** Returns the letter of a value that a lane emitted. */
  letterOf(value: unknown): string
  /** Returns the n-th argument of the command, counted from 0. */
  arg(index: number): string
  /** Returns all arguments of the command. */
  args(): readonly string[]
  /** Returns the lanes whose names are the prefix and a number. */
  lanesStartingWith(prefix: string): readonly string[]
  /** Returns an option of the command, if present. */
  option(key: string): string | undefined
  /** Returns a numeric option (`5` or `5ms`), if present. */
  number(key: string): number | undefined
}

/** A context that also records what the command used. */
export interface TrackedContext extends MarbleContext {
  /** Every letter above the line with its value. */
  readonly labelledValues: readonly (readonly [letter: string, value: unknown])[]
  /** The subscriptions to each lane. */
  readonly subscriptions: ReadonlyMap<string, readonly SubscriptionLog[]>
  /** Returns the arguments, options and lanes that the command did not use. */
  unused(): readonly string[]
}

/** Subscriber lanes, which mark the subscription of a result, and the lane of that result. */
export const RESULT_LANES: Readonly<Record<string, string>> = {
  subscribe: 'result',
  second: 'result2',
  third: 'result3',
}

/** Creates the lanes of a test on a scheduler. */
export function createContext(test: MarbleTest, scheduler: TestScheduler): TrackedContext {
  const { given, call } = test
  const definitions = new Map(given.definitions.map(({ letter, value }) => [letter, value]))
  const labelledValues = given.definitions.map(
    ({ letter, value }) => [letter, valueOf(letter, value)] as const,
  )
  const subscriptions = new Map<string, readonly SubscriptionLog[]>()
  const used = new Set<string>(Object.keys(RESULT_LANES))

  const drawingOf = (name: string): MarbleDrawing => {
    const lane = given.lanes.find((lane) => lane.name === name)
    if (lane === undefined)
      throw marbleProblem(
        `the command "${call.name}" needs a lane "${name}": draw it above the line`,
      )
    used.add(name)
    return lane.drawing
  }
  const valuesOf = (drawing: MarbleDrawing, asEnvelope: boolean): Record<string, unknown> => {
    const letters = drawing.marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
    const values: Record<string, unknown> = {}
    for (const letter of letters) {
      const defined = definitions.get(letter)
      values[letter] = valueOf(letter, defined ?? defaultNotation(letter, asEnvelope))
      const isNew = defined === undefined && labelledValues.every(([other]) => other !== letter)
      if (isNew) labelledValues.push([letter, values[letter]])
    }
    return values
  }
  const failureOf = (name: string): Error => {
    const ofLane = given.failures.find((failure) => failure.lane === name)
    const failure = ofLane ?? given.failures.find((failure) => failure.lane === undefined)
    return failure === undefined ? SOURCE_ERROR : errorOf(failure.error)
  }
  // Created in the order of the file, which decides between marks of the same frame.
  const hotLanes = new Map(
    given.lanes
      .filter((lane) => !(lane.name in RESULT_LANES))
      .map(({ name, drawing }) => {
        const text = renderDrawing(drawing)
        return [name, scheduler.createHotObservable<string>(text, undefined, failureOf(name))]
      }),
  )
  const hot = (name: string, asEnvelope: boolean): Observable<unknown> => {
    const values = valuesOf(drawingOf(name), asEnvelope)
    const lane = hotLanes.get(name)
    if (lane === undefined)
      throw marbleProblem(`the lane "${name}" marks a subscription, and has no values`)
    subscriptions.set(name, lane.subscriptions)
    return lane.pipe(map((letter) => values[letter]))
  }
  const option = (key: string): string | undefined => {
    used.add(`${key}=`)
    return call.options[key]
  }
  return {
    scheduler,
    labelledValues,
    subscriptions,
    has: (name) => given.lanes.some((lane) => lane.name === name),
    envelopes: (name) => hot(name, true) as Observable<Envelope>,
    values: (name) => hot(name, false),
    first(name) {
      const drawing = drawingOf(name)
      const mark = drawing.marks[0]
      if (mark?.kind !== 'next' || mark.frame !== 0) return undefined
      return valuesOf(drawing, false)[mark.letter]
    },
    cold(name) {
      const drawing = drawingOf(name)
      const values = valuesOf(drawing, false)
      const lane = scheduler.createColdObservable(renderDrawing(drawing), values, failureOf(name))
      subscriptions.set(name, lane.subscriptions)
      return lane
    },
    definition(letter) {
      const notation = definitions.get(letter)
      if (notation === undefined)
        throw marbleProblem(`"${letter}" is not defined above the line: write "${letter} = …"`)
      return valueOf(letter, notation)
    },
    letterOf: (value) =>
      labelledValues.find(([, other]) => isDeepStrictEqual(other, value))?.[0] ?? '?',
    arg(index) {
      used.add(`argument ${index}`)
      const arg = call.args[index]
      if (arg !== undefined) return arg
      throw marbleProblem(`the command "${call.name}" needs argument ${index + 1}`)
    },
    args() {
      for (const index of call.args.keys()) used.add(`argument ${index}`)
      return call.args
    },
    lanesStartingWith: (prefix) =>
      given.lanes
        .map((lane) => lane.name)
        .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))),
    option,
    number(key) {
      const text = option(key)
      if (text === undefined) return undefined
      const value = Number(text.replace(/ms$/, ''))
      if (Number.isNaN(value))
        throw marbleProblem(
          `the option "${key}=${text}" is not a number: write ${key}=5 or ${key}=5ms`,
        )
      return value
    },
    unused: () => [
      ...call.args.filter((_arg, index) => !used.has(`argument ${index}`)),
      ...Object.keys(call.options).filter((key) => !used.has(`${key}=`)),
      ...given.lanes.map((lane) => lane.name).filter((name) => !used.has(name)),
    ],
  }
}
