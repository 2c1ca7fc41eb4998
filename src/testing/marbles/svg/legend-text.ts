/** The sentence in which a legend explains a letter. */
import type { MarbleNotation, MarbleReference } from '../notation.ts'
import { renderContent, renderNotation } from '../notation.ts'

const LINKS = /^\{("\d+":"[a-z]+",?)+\}$/
const LINK_STATE = /^([\d, ]+) (up|down|connecting|unresponsive)$/
const DEAD = /^(.+) to (\d+): ([a-z-]+), ([a-z-]+)$/

/**
 * Returns the sentence of a value.
 *
 * @param lanes the lanes that the letter occurs on
 */
export function legendText(value: MarbleNotation, lanes: readonly string[]): string {
  switch (value.kind) {
    case 'envelope': {
      const { incarnation, as } = value
      const sender = `from ${value.pid}${incarnation === undefined ? '' : `/${incarnation}`}`
      return `${sender}${msgIdText(as)}: ${renderContent(value)}${replyText(value.re)}`
    }
    case 'outgoing': {
      const { incarnation, as, ttlMs } = value
      const receiver = `to ${value.to}${incarnation === undefined ? '' : `/${incarnation}`}`
      const ttl = ttlMs === undefined ? '' : `, for ${ttlMs} ms`
      return `${receiver}${msgIdText(as)}: ${renderContent(value)}${replyText(value.re)}${ttl}`
    }
    case 'json':
      return jsonText(value.json, lanes)
    case 'literal':
      return literalText(renderNotation(value))
  }
}

function msgIdText(as: MarbleReference | undefined): string {
  return as === undefined ? '' : `, msgId ${as}`
}

function replyText(re: MarbleReference | undefined): string {
  return re === undefined ? '' : `, in reply to ${re}`
}

function jsonText(json: string, lanes: readonly string[]): string {
  if (json === 'undefined') return json
  const value: unknown = JSON.parse(json)
  if (typeof value === 'string') return /\s\S+\s/.test(value) ? value : json
  if (Array.isArray(value) && lanes.includes('peers')) {
    return value.length === 0 ? 'there are no peers' : `the peers are ${listed(value)}`
  }
  if (LINKS.test(json)) {
    const states = Object.entries(value as Readonly<Record<string, string>>)
    return states.map(([pid, state]) => `the link to ${pid} is ${state}`).join('; ')
  }
  if (typeof value !== 'object' || value === null) return json
  const { pid, phi, verdict, answers, missing, issues } = value as Readonly<Record<string, unknown>>
  if (typeof verdict === 'string') {
    const state = verdict === 'alive' ? 'alive' : 'a suspect'
    return `peer ${String(pid)} is ${state}: φ = ${String(phi)}`
  }
  if (Array.isArray(answers) && Array.isArray(missing)) {
    const found = answers.length === 0 ? 'no answers' : `the answers ${listed(answers)}`
    return `${found}; ${missing.length === 0 ? 'none' : listed(missing)} missing`
  }
  if (Array.isArray(issues)) return `from ${String(pid)}, rejected: ${issues.join('; ')}`
  return json
}

function literalText(text: string): string {
  const states = text.split('; ').map((one) => LINK_STATE.exec(one))
  if (states.every((one) => one !== null)) {
    return states
      .map(([, pids = '', state]) => {
        const peers = listed(pids.split(', '))
        return pids.includes(',')
          ? `the links to ${peers} are ${state}`
          : `the link to ${peers} is ${state}`
      })
      .join('; ')
  }
  const [, letter, receiver, reason, outcome] = DEAD.exec(text) ?? []
  if (letter !== undefined) return `${letter} to ${receiver} is dead: ${reason}, ${outcome}`
  return text.replace(/^a stream of (\d+)$/, 'the stream of peer $1')
}

/** `1, 2 and 3`. */
function listed(items: readonly unknown[]): string {
  const texts = items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)))
  const last = texts.at(-1) ?? ''
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`
}
