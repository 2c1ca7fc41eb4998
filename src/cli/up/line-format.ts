/** The two ways in which `up` speaks: to a person, and to a program. */
import { fromJson, toJson } from '../../codec/json-message.ts'
import { BROADCAST } from '../../model/pid.ts'
import type { DeadLetter } from '../../model/dead-letter.ts'
import type { Envelope, OutgoingEnvelope } from '../../model/envelope.ts'
import type { NodeEvent } from '../../model/node-event.ts'

// oxlint-disable-next-line no-control-regex -- these are the ones that are meant
const CONTROL_CHARACTERS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g

/** What came in on a line. */
export type ParsedLine =
  | { readonly type: 'envelope'; readonly envelope: OutgoingEnvelope }
  | { readonly type: 'empty' }
  | { readonly type: 'invalid'; readonly problem: string }

/** A way to speak: lines in, lines out. */
export interface LineFormat {
  parse(line: string): ParsedLine
  ready(pid: number, endpoint: string): string
  envelope(envelope: Envelope): string
  /** Undefined where there is nothing to tell. */
  event(event: NodeEvent): string | undefined
  dead(deadLetter: DeadLetter): string
  invalid(problem: string): string
}

/** For people. */
export const PLAIN: LineFormat = {
  parse: (line) => {
    if (line.trim() === '') return { type: 'empty' }
    if (!line.startsWith('@')) return { type: 'envelope', envelope: { pid: BROADCAST, msg: line } }
    const [, pid, msg] = /^@(\d+)\s+(.*)$/.exec(line) ?? []
    if (msg === undefined) return { type: 'invalid', problem: 'to write to one peer: @2 hello' }
    return { type: 'envelope', envelope: { pid: Number(pid), msg } }
  },
  ready: (pid, endpoint) =>
    `* I am ${pid}, at ${endpoint}. Lines go to everybody, "@2 hello" to one, ^D ends.`,
  envelope: ({ pid, msg }) => `${pid}: ${messageText(msg)}`,
  event: (event) => {
    switch (event.type) {
      case 'link':
        return event.state === 'connecting' ? undefined : `* ${event.pid} is ${event.state}`
      case 'peer-restarted':
        return `* ${event.pid} is another process now`
      case 'refused-by-peer':
        return `* ${event.pid} does not let me in: ${event.detail}`
      case 'refused-peer':
        return `* ${event.pid} was turned away: ${event.detail}`
      case 'link-failed':
        return `! ${event.pid} cannot be called: ${event.error.message}`
      case 'bad-frame':
        return `! ${event.pid ?? 'somebody'} sent what cannot be read: ${event.detail}`
      default:
        return undefined
    }
  },
  dead: ({ envelope, reason, outcome, detail }) => {
    const outcomeText = outcome === 'unknown' ? 'may not have arrived' : 'did not arrive'
    return `! to ${envelope.pid}: ${messageText(envelope.msg)} ${outcomeText}: ${detail ?? reason}`
  },
  invalid: (problem) => `! ${problem}`,
}

/** For programs: one JSON object per line. */
export const JSON_LINES: LineFormat = {
  parse: (line) => {
    if (line.trim() === '') return { type: 'empty' }
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      return { type: 'invalid', problem: `not JSON: ${(error as Error).message}` }
    }
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('msg' in value)) {
      return { type: 'invalid', problem: 'expected {"pid": 2, "msg": …}; pid -1 is everybody' }
    }
    // The node checks the rest, and a wrong one comes out of its dead letters.
    const envelope = { ...value, msg: fromJson(value.msg) } as OutgoingEnvelope
    return { type: 'envelope', envelope }
  },
  ready: (pid, endpoint) => JSON.stringify({ type: 'ready', pid, endpoint }),
  envelope: (envelope) =>
    JSON.stringify({ type: 'envelope', ...envelope, msg: toJson(envelope.msg) }),
  event: (event) => {
    switch (event.type) {
      case 'bound':
      case 'inbox-unobserved':
      case 'closed':
        return undefined
      case 'bind-failed':
      case 'peers-refused':
      case 'link-failed':
        return JSON.stringify({ ...event, error: { ...event.error, message: event.error.message } })
      default:
        return JSON.stringify(event)
    }
  },
  dead: ({ envelope, ...why }) => {
    const whole: unknown = envelope
    return JSON.stringify({ type: 'dead-letter', ...why, envelope: toJson(whole) })
  },
  invalid: (problem) => JSON.stringify({ type: 'error', problem }),
}

/** A message on one line: what a peer sends must not move the cursor, or look like our words. */
function messageText(msg: unknown): string {
  const line = typeof msg === 'string' ? msg : JSON.stringify(toJson(msg))
  return line.replace(CONTROL_CHARACTERS, (character) => JSON.stringify(character).slice(1, -1))
}
