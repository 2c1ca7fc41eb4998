/** Runs a marble test on RxJS's TestScheduler, and returns its output as marbles. */
import type { Observable } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { RESULT_LANES, createContext } from './context.ts'
import type { TrackedContext, SubscriptionLog } from './context.ts'
import type { MarbleDrawing, MarbleMark } from './drawing.ts'
import { assignTwice, assignLabels } from './labels.ts'
import type { Labels } from './labels.ts'
import { recordNotifications } from './record-notifications.ts'
import type { NotificationLog } from './record-notifications.ts'
import { MarbleTestError, marbleProblem } from './marble-test.ts'
import type {
  MarbleDefinition,
  MarbleFailure,
  MarbleLane,
  MarblePart,
  LocatedMarbleTest,
  MarbleTest,
} from './marble-test.ts'
import { errorTextOf } from './values.ts'
import type { MarbleRunner, MarbleCommand } from './command.ts'

/** Virtual time ends at this frame, so that a timer without an end does not run forever. */
const LAST_FRAME = 100_000

/** Lanes that the mailbox of a command keeps subscribed. */
const MAILBOX_LANES = new Set(['peers', 'links', 'receipts'])

interface NamedLog {
  readonly name: string
  readonly log: NotificationLog
}

/**
 * Runs a marble test.
 *
 * @param located the marble test and its position, which errors name
 * @param commands the known commands
 * @returns the part below the line
 * @throws MarbleTestError if the command is unknown, fails, or does not use all lanes and arguments
 */
export function runMarbleTest(
  { test, range }: LocatedMarbleTest,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): MarblePart {
  try {
    return outputOf(test, commands)
  } catch (error) {
    if (error instanceof MarbleTestError) throw error
    const problem = error instanceof Error ? error.message : String(error)
    throw new MarbleTestError(range.path, range.firstLine, problem, error)
  }
}

function outputOf(
  test: MarbleTest,
  commands: readonly (MarbleCommand | MarbleRunner)[],
): MarblePart {
  const command = commands.find(({ name }) => name === test.call.name)
  if (command === undefined) {
    const names = commands.map(({ name }) => name).join(', ')
    throw marbleProblem(`there is no command "${test.call.name}"; write one of ${names}`)
  }
  return 'run' in command ? command.run(test) : runOnTestScheduler(test, command)
}

function runOnTestScheduler(test: MarbleTest, command: MarbleCommand): MarblePart {
  const scheduler = new TestScheduler(() => undefined)
  let context: TrackedContext | undefined
  let logs: readonly NamedLog[] = []
  scheduler.run(() => {
    scheduler.maxFrames = LAST_FRAME
    context = createContext(test, scheduler)
    const { result, lanes = {} } = command.build(context)
    // Further lanes first: a subscription of the result at frame 0 may emit into them at once.
    const sideLogs = Object.entries(lanes).map(([name, lane]: [string, Observable<unknown>]) => ({
      name,
      log: recordNotifications(scheduler, lane, 0, Infinity),
    }))
    const resultLogs = subscriptionWindows(test).map(({ name, from, until }) => ({
      name,
      log: recordNotifications(scheduler, result, from, until),
    }))
    logs = [...resultLogs, ...sideLogs]
  })
  if (context === undefined) throw marbleProblem('the marble test did not run')
  const unused = context.unused()
  if (unused.length > 0) {
    throw marbleProblem(`unused "${unused.join('", "')}": write ${command.usage}`)
  }
  checkUnsubscribed(context, logs)
  const usedContext = context
  return assignTwice(test.expected.definitions, (previous) => {
    return buildOutput(test, usedContext, logs, previous)
  })
}

/** Checks that no source stays subscribed once every result has ended. */
function checkUnsubscribed(context: TrackedContext, logs: readonly NamedLog[]): void {
  const resultLogs = logs.filter(({ name }) => Object.values(RESULT_LANES).includes(name))
  if (!resultLogs.every(({ log }) => log.until !== Infinity || hasEnded(log))) return
  for (const [name, subscriptions] of context.subscriptions) {
    if (MAILBOX_LANES.has(name)) continue
    if (subscriptions.some((subscription) => subscription.unsubscribedFrame === Infinity)) {
      throw marbleProblem(
        `every result has ended, but the lane "${name}" is subscribed: unsubscribe from it`,
      )
    }
  }
}

function subscriptionWindows(
  test: MarbleTest,
): readonly { name: string; from: number; until: number }[] {
  const windows = Object.entries(RESULT_LANES).flatMap(([subscriber, name]) => {
    const lane = test.given.lanes.find((one) => one.name === subscriber)
    if (lane === undefined) return name === 'result' ? [{ name, from: 0, until: Infinity }] : []
    const frameOf = (kind: MarbleMark['kind']) =>
      lane.drawing.marks.find((mark) => mark.kind === kind)?.frame ?? Infinity
    return [{ name, from: frameOf('subscribe'), until: frameOf('unsubscribe') }]
  })
  if (windows.some(({ from }) => from === Infinity))
    throw marbleProblem('a subscriber lane needs a ^: mark the frame of the subscription')
  return windows
}

function buildOutput(
  test: MarbleTest,
  context: TrackedContext,
  logs: readonly NamedLog[],
  previous: readonly MarbleDefinition[],
): MarblePart {
  const horizon = Math.max(...test.given.lanes.map((lane) => lane.drawing.frames), 0)
  const labels = assignLabels(context.labelledValues, previous)
  const outerLanes = logs.map(({ name, log }) => laneOf(name, log, labels, horizon))
  const innerLogs = logs.flatMap(({ log }) =>
    [...log.inner].map(([stream, innerLog]) => ({ name: labels.of(stream), log: innerLog })),
  )
  const innerLanes = innerLogs.map(({ name, log }) => laneOf(name, log, labels, horizon))
  return {
    lanes: [...outerLanes, ...innerLanes, ...subscriptionLanes(test, context, horizon)],
    definitions: labels.assigned,
    failures: failuresOf([...logs, ...innerLogs]),
  }
}

function laneOf(
  name: string,
  { notifications, until }: NotificationLog,
  labels: Labels,
  horizon: number,
): MarbleLane {
  const marks = notifications.map((notification): MarbleMark =>
    notification.kind === 'next'
      ? { frame: notification.frame, kind: 'next', letter: labels.of(notification.value) }
      : { frame: notification.frame, kind: notification.kind },
  )
  return {
    name,
    drawing: drawingOf(marks, hasEnded({ notifications }) ? 0 : Math.min(until, horizon)),
  }
}

function hasEnded({ notifications }: Pick<NotificationLog, 'notifications'>): boolean {
  const last = notifications.at(-1)
  return last !== undefined && last.kind !== 'next'
}

/** Returns the subscriptions of those input lanes that are named below the line, too. */
function subscriptionLanes(
  test: MarbleTest,
  context: TrackedContext,
  horizon: number,
): readonly MarbleLane[] {
  const expectedNames = new Set(test.expected.lanes.map((lane) => lane.name))
  const names = [...context.subscriptions.keys()].filter((name) => expectedNames.has(name))
  return names.flatMap((name) => {
    const subscriptions = context.subscriptions.get(name) ?? []
    if (subscriptions.length === 0) return [{ name, drawing: { marks: [], frames: horizon } }]
    return subscriptions.map((subscription, index) => ({
      name: index === 0 ? name : `${name}${index + 1}`,
      drawing: drawingOf(
        subscriptionMarks(subscription),
        subscription.unsubscribedFrame === Infinity ? horizon : 0,
      ),
    }))
  })
}

function subscriptionMarks({
  subscribedFrame,
  unsubscribedFrame,
}: SubscriptionLog): readonly MarbleMark[] {
  const start: MarbleMark = { frame: subscribedFrame, kind: 'subscribe' }
  if (unsubscribedFrame === Infinity) return [start]
  return [start, { frame: unsubscribedFrame, kind: 'unsubscribe' }]
}

function drawingOf(marks: readonly MarbleMark[], frames: number): MarbleDrawing {
  return { marks, frames: Math.max(frames, (marks.at(-1)?.frame ?? -1) + 1) }
}

function failuresOf(logs: readonly NamedLog[]): readonly MarbleFailure[] {
  const errors = logs.flatMap(({ name, log: { notifications } }) => {
    const last = notifications.at(-1)
    return last?.kind === 'error' ? [{ lane: name, error: errorTextOf(last.error) }] : []
  })
  const [first, ...others] = errors
  if (first === undefined) return []
  if (others.every(({ error }) => error === first.error)) {
    return first.error === undefined ? [] : [{ error: first.error }]
  }
  return errors.flatMap(({ lane, error }) => (error === undefined ? [] : [{ lane, error }]))
}
