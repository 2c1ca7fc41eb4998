/** The two formats of `rx-cluster up`: plain lines for users, JSON lines for programs. */
import { contentFromJson, contentToJson, headersText } from '../../codec/json-envelope.ts'
import { toJson } from '../../codec/json-message.ts'
import { BROADCAST } from '../../model/pid.ts'
import type { DeadLetter } from '../../model/dead-letter.ts'
import { isReplyError } from '../../model/envelope.ts'
import type { Envelope, OutgoingEnvelope, ReplyError } from '../../model/envelope.ts'
import type { NodeEvent } from '../../model/node-event.ts'

// oxlint-disable-next-line no-control-regex -- control characters are what it has to match
const CONTROL_CHARACTERS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g

/** What one line of input means. */
export type ParsedLine =
  | { readonly type: 'envelope'; readonly envelope: OutgoingEnvelope }
  | { readonly type: 'empty' }
  | { readonly type: 'invalid'; readonly problem: string }

/** Parses the lines of stdin, and formats those of stdout. */
export interface LineFormat {
  parse(line: string): ParsedLine
  ready(pid: number, endpoint: string): string
  envelope(envelope: Envelope): string
  /** Returns undefined for an event that is not printed. */
  event(event: NodeEvent): string | undefined
  dead(deadLetter: DeadLetter): string
  invalid(problem: string): string
  /** Returns why the node closes at the end of its input; undefined where it is not printed. */
  inputEnded(): string | undefined
  /** Formats what the node waits for before it closes. */
  closing(waiting: readonly WaitingFor[]): string
}

/** Envelopes that a peer has not taken yet. */
export interface WaitingFor {
  readonly pid: number
  readonly envelopes: number
}

/** Lines for users: `*` marks news of the cluster, `!` a problem. */
export const PLAIN: LineFormat = {
  parse: (line) => {
    if (line.trim() === '') return { type: 'empty' }
    if (!line.startsWith('@')) return { type: 'envelope', envelope: { pid: BROADCAST, msg: line } }
    const [, pid, msg] = /^@(\d+)\s+(.*)$/.exec(line) ?? []
    if (msg === undefined) {
      return { type: 'invalid', problem: 'not sent: to send to one peer, write "@2 hello"' }
    }
    return { type: 'envelope', envelope: { pid: Number(pid), msg } }
  },
  ready: (pid, endpoint) =>
    `* node ${pid} listens at ${endpoint}\n` +
    '* a line is sent to all peers, "@2 hello" to node 2; ^D ends',
  envelope: ({ pid, msg, error, headers }) => {
    const texts = escapeControls(headersText(headers))
    if (error === undefined) return `${pid}: ${messageText(msg)}${texts}`
    return `! node ${pid} replies with an error: ${errorText(error)}${texts}`
  },
  event: (event) => {
    switch (event.type) {
      case 'link':
        if (event.state === 'connecting') return undefined
        return `* link to ${event.pid} is ${event.state}${reasonText(event.reason)}`
      case 'peer-restarted':
        return `* node ${event.pid} has restarted`
      case 'refused-by-peer':
        return `! node ${event.pid} refuses this node: ${escapeControls(event.detail)}`
      case 'refused-peer':
        return `! this node refuses node ${event.pid}: ${escapeControls(event.detail)}`
      case 'link-failed':
        return `! cannot connect to node ${event.pid}: ${event.error.message}`
      case 'bad-frame': {
        const sender = event.pid === undefined ? 'an unknown sender' : `node ${event.pid}`
        const detail = escapeControls(event.detail)
        return `! dropped a frame of ${sender} that cannot be decoded: ${detail}`
      }
      default:
        return undefined
    }
  },
  dead: ({ envelope, reason, outcome, detail }) => {
    const outcomeText = outcome === 'unknown' ? 'may not be delivered' : 'not delivered'
    const why = escapeControls(detail ?? reason)
    // An invalid envelope may have anything as its error.
    const { msg, error } = envelope
    const text = isReplyError(error) ? `error ${errorText(error)}` : messageText(msg)
    return `! to ${envelope.pid}: ${text}: ${outcomeText}: ${why}`
  },
  invalid: (problem) => `! ${problem}`,
  inputEnded: () => '* the input has ended, so this node closes; with --stay it runs on',
  closing: (waiting) => {
    const counts = waiting.map(
      ({ pid, envelopes }) =>
        `${envelopes} ${envelopes === 1 ? 'envelope' : 'envelopes'} for ${pid}`,
    )
    return `* closing: waits for ${counts.join(', ')}; ^C ends at once`
  },
}

const INVALID_LINE: ParsedLine = {
  type: 'invalid',
  problem: 'expected {"pid": 2, "msg": …}; pid -1 is all peers, and an error reply has "error"',
}

/** One JSON object per line, for programs. */
export const JSON_LINES: LineFormat = {
  parse: (line) => {
    if (line.trim() === '') return { type: 'empty' }
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch (error) {
      return { type: 'invalid', problem: `not JSON: ${(error as Error).message}` }
    }
    if (typeof value !== 'object' || value === null || !('pid' in value)) return INVALID_LINE
    if (!('msg' in value) && !('error' in value)) return INVALID_LINE
    // The node validates the other fields: an invalid envelope becomes a dead letter.
    return { type: 'envelope', envelope: contentFromJson(value) as unknown as OutgoingEnvelope }
  },
  ready: (pid, endpoint) => JSON.stringify({ type: 'ready', pid, endpoint }),
  envelope: (envelope) => JSON.stringify({ type: 'envelope', ...contentToJson(envelope) }),
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
  dead: ({ envelope, ...details }) =>
    JSON.stringify({ type: 'dead-letter', ...details, envelope: toJson(envelope) }),
  invalid: (problem) => JSON.stringify({ type: 'error', problem }),
  inputEnded: () => undefined,
  closing: (waiting) => JSON.stringify({ type: 'closing', waiting }),
}

function reasonText(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${escapeControls(reason)}`
}

function errorText({ code, message }: ReplyError): string {
  return escapeControls(`${code}: ${message}`)
}

/** Formats a message on one line. */
function messageText(msg: unknown): string {
  return escapeControls(typeof msg === 'string' ? msg : JSON.stringify(toJson(msg)))
}

/** The text of a peer must not move the cursor or imitate other output. */
function escapeControls(text: string): string {
  return text.replace(CONTROL_CHARACTERS, (character) => JSON.stringify(character).slice(1, -1))
}
