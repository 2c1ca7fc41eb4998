/** How `up --json` speaks to a program: one JSON object per line, both ways. */
import type { MsgId, OutgoingEnvelope } from '../model/envelope.ts'
import { fromJson, toJson } from './json-message.ts'
import { ClusterError } from '../model/cluster-error.ts'
import type { Voice } from './voice.ts'

const KEYS = new Set(['pid', 'msg', 'msgId', 're', 'ttlMs'])

/** A voice for a pipe. */
export function jsonVoice(): Voice {
  return {
    bound: (pid, endpoint) => line({ type: 'bound', pid, endpoint }),
    link: (pid, state) => line({ type: 'link', pid, state }),
    envelope: (envelope) => line({ type: 'envelope', ...envelope, msg: toJson(envelope.msg) }),
    deadLetter: ({ envelope, ...why }) => {
      // What was put in may be anything: it is told as far as it is an envelope.
      return line({ type: 'dead-letter', ...why, envelope: toJson(envelope) })
    },
    event: (event) => {
      return line('error' in event ? { ...event, error: errorOf(event.error) } : event)
    },
    error: (error) => line({ type: 'error', ...errorOf(error) }),
    read,
  }
}

function read(text: string): OutgoingEnvelope | undefined {
  if (text.trim() === '') return undefined
  const json: unknown = JSON.parse(text)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error('expected an object such as {"pid":2,"msg":"hello"}')
  }
  const strange = Object.keys(json).filter((key) => !KEYS.has(key))
  if (strange.length > 0) {
    throw new Error(`expected the keys ${[...KEYS].join(', ')}, got ${strange.join(', ')}`)
  }
  const { pid, msg, ...rest } = json as { pid?: number; msg?: unknown; msgId?: MsgId; re?: MsgId }
  if (pid === undefined) throw new Error('pid: expected a pid, or -1 for everybody, got nothing')
  if (!Object.hasOwn(json, 'msg')) throw new Error('msg: expected a message, got nothing')
  return { pid, msg: fromJson(msg), ...rest }
}

function errorOf(error: unknown): object {
  if (error instanceof ClusterError) {
    const { code, message, issues } = error
    return issues.length === 0 ? { code, message } : { code, message, issues }
  }
  return { message: error instanceof Error ? error.message : String(error) }
}

function line(object: object): string {
  return JSON.stringify(object)
}
