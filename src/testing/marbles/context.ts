/** The bench of one stanza: its lanes as observables on virtual time, and its command's words. */
import { isDeepStrictEqual } from 'node:util'
import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import type { TestScheduler } from 'rxjs/testing'
import type { Envelope } from '../../model/envelope.ts'
import type { MarbleDrawing } from './drawing.ts'
import { renderDrawing } from './drawing.ts'
import type { MarbleTest } from './marble-test.ts'
import { SOURCE_ERROR, errorOf, defaultNotation, valueOf } from './values.ts'

/** When somebody subscribed to a lane and left it again. */
export interface SubscriptionLog {
  readonly subscribedFrame: number
  readonly unsubscribedFrame: number
}

/** What a verb builds its observable from. */
export interface MarbleContext {
  readonly scheduler: TestScheduler
  /** Tells whether a lane is drawn. */
  has(lane: string): boolean
  /** A hot lane of envelopes: an undefined letter is a message of pid 2 that says the letter. */
  envelopes(lane: string): Observable<Envelope>
  /** A hot lane of any values: an undefined letter stands for itself. */
  values(lane: string): Observable<unknown>
  /** What a lane draws at frame 0; undefined where it draws nothing there. */
  first(lane: string): unknown
  /** A lane that begins anew for each subscriber. */
  cold(lane: string): Observable<unknown>
  /** The value that a letter is defined as. */
  definition(letter: string): unknown
  /** The letter of a value that entered a lane. */
  letterOf(value: unknown): string
  /** The n-th word of the command, counted from 0. */
  arg(index: number): string
  /** All words of the command. */
  args(): readonly string[]
  /** The lanes whose name is this one and a number. */
  lanesStartingWith(prefix: string): readonly string[]
  /** An option of the command, if it is there. */
  option(key: string): string | undefined
  /** An option that is a number, or milliseconds (`5ms`), if it is there. */
  number(key: string): number | undefined
}

/** A bench with what its runner asks of it afterwards. */
export interface TrackedContext extends MarbleContext {
  /** Every letter above the line with its value. */
  readonly labelledValues: readonly (readonly [letter: string, value: unknown])[]
  /** Who visited which lane. */
  readonly subscriptions: ReadonlyMap<string, readonly SubscriptionLog[]>
  /** The words, options and lanes that the verb did not look at. */
  unused(): readonly string[]
}

/** The lanes that say when results are subscribed, and the lane in which each result is drawn. */
export const RESULT_LANES: Readonly<Record<string, string>> = {
  subscribe: 'result',
  second: 'result2',
  third: 'result3',
}

/** Sets the lanes of a stanza up on a scheduler. */
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
    if (lane === undefined) throw new Error(`the command "${call.name}" needs a lane "${name}"`)
    used.add(name)
    return lane.drawing
  }
  const valuesOf = (drawing: MarbleDrawing, asEnvelope: boolean): Record<string, unknown> => {
    const hotLanes = drawing.marks.flatMap((mark) => (mark.kind === 'next' ? [mark.letter] : []))
    const values: Record<string, unknown> = {}
    for (const letter of hotLanes) {
      const defined = definitions.get(letter)
      values[letter] = valueOf(letter, defined ?? defaultNotation(letter, asEnvelope))
      const isNew = defined === undefined && labelledValues.every(([other]) => other !== letter)
      if (isNew) labelledValues.push([letter, values[letter]])
    }
    return values
  }
  const failureOf = (name: string): Error => {
    const here = given.failures.find((failure) => failure.lane === name)
    const failure = here ?? given.failures.find((lane) => lane.lane === undefined)
    return failure === undefined ? SOURCE_ERROR : errorOf(failure.error)
  }
  // All at once and in the order of the file, since that is the order of marks in one frame.
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
    if (lane === undefined) throw new Error(`the lane "${name}" says when to subscribe`)
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
      if (notation === undefined) throw new Error(`"${letter}" is not defined above the line`)
      return valueOf(letter, notation)
    },
    letterOf: (value) =>
      labelledValues.find(([, other]) => isDeepStrictEqual(other, value))?.[0] ?? '?',
    arg(index) {
      used.add(`word ${index}`)
      const arg = call.args[index]
      if (arg !== undefined) return arg
      throw new Error(`the command "${call.name}" needs a word in place ${index + 1}`)
    },
    args() {
      for (const index of call.args.keys()) used.add(`word ${index}`)
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
      if (Number.isNaN(value)) throw new Error(`the option "${key}=${text}" is not a number`)
      return value
    },
    unused: () => [
      ...call.args.filter((_word, index) => !used.has(`word ${index}`)),
      ...Object.keys(call.options).filter((key) => !used.has(`${key}=`)),
      ...given.lanes.map((lane) => lane.name).filter((name) => !used.has(name)),
    ],
  }
}
