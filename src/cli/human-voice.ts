/** How `up` speaks to a person. */
import type { LinkState } from '../model/peer.ts'
import type { NodeEvent } from '../model/node-event.ts'
import type { OutgoingEnvelope } from '../model/envelope.ts'
import type { Pid } from '../model/pid.ts'
import type { Voice } from './voice.ts'
import { BROADCAST } from '../model/pid.ts'
import { inspect } from 'node:util'

const LONGEST = 10_000

/** A voice for a terminal. It remembers what it has said, so as not to say it twice. */
export function humanVoice(): Voice {
  const here = new Set<Pid>()
  const refusals = new Map<string, string>()

  function link(pid: Pid, state: LinkState): string | undefined {
    const wasHere = here.has(pid)
    if (state === 'up') {
      here.add(pid)
      return `* ${pid} is here`
    }
    if (state === 'busy') return `* ${pid} is busy`
    here.delete(pid)
    if (state === 'connecting') return undefined
    return wasHere ? `* ${pid} has gone` : `* ${pid} is not here yet`
  }

  function event(happened: NodeEvent): string | undefined {
    switch (happened.type) {
      case 'refused':
      case 'turned-away': {
        const { type, pid, reason, detail } = happened
        const said = type === 'refused' ? `${pid} refuses us` : `${pid} was turned away`
        const line = `! ${said}: ${reason}${detail === '' ? '' : ` (${printable(detail)})`}`
        if (refusals.get(`${type} ${pid}`) === line) return undefined
        refusals.set(`${type} ${pid}`, line)
        return line
      }
      case 'peer-restarted':
        return `* ${happened.pid} came back as a new process`
      case 'bad-frame':
        return `! ${happened.pid ?? 'somebody'} sent what cannot be read: ${printable(happened.detail)}`
      case 'lagged':
        return `! this process stood still for ${Math.round(happened.lagMs)} ms`
      default:
        return undefined
    }
  }

  return {
    link,
    event,
    bound: (pid, endpoint) =>
      `node ${pid} listens at ${endpoint}: lines go to everybody, "@2 hello" to one, ^D ends it`,
    envelope: ({ pid, msg }) => `${pid}: ${textOf(msg)}`,
    deadLetter: ({ envelope, reason, detail }) => {
      const why = detail === undefined ? reason : `${reason}, ${printable(detail)}`
      return `! ${envelope.pid} did not get ${textOf(envelope.msg)} (${why})`
    },
    error: (error) => `! ${printable(error instanceof Error ? error.message : String(error))}`,
    read,
  }
}

function read(line: string): OutgoingEnvelope | undefined {
  if (line.trim() === '') return undefined
  const [, pid, msg] = /^@(\d+)(?:\s+(.*))?$/s.exec(line) ?? []
  if (pid === undefined) return { pid: BROADCAST, msg: line }
  if (msg !== undefined && msg !== '') return { pid: Number(pid), msg }
  throw new Error(`${line.trim()} is addressed, and says nothing: "@${pid} hello"`)
}

function textOf(msg: unknown): string {
  if (typeof msg === 'string') return printable(msg)
  return inspect(msg, { breakLength: Infinity, depth: 8, maxStringLength: LONGEST })
}

/** Text without what could move the cursor, or turn the line around: peers may send anything. */
function printable(text: string): string {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return shown.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (char) => {
    const escaped = JSON.stringify(char).slice(1, -1)
    return escaped === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped
  })
}
