/** The ancestor's form of a config: six keys, and every address follows from a pid. */
import * as t from 'io-ts'
import type { Addressing, Member } from './config.ts'
import { COMMON_FIELDS, PidCodec, integer } from './config-codecs.ts'
import { type EndpointUse, PORT_MAX, endpointFault } from './endpoint.ts'
import { type Pid, isPid } from './pid.ts'
import { describe, itemContext } from './problems.ts'
import { closedObject } from './closed-object.ts'
import { isRight } from 'fp-ts/lib/Either.js'

/** `"1,2"`, with spaces where somebody likes them: pids that differ, at least one. */
const PidList: t.Type<readonly Pid[], unknown> = new t.Type(
  'pids between commas, such as "1,2"',
  (value): value is readonly Pid[] => Array.isArray(value) && value.every(isPid),
  (input, context) => {
    if (typeof input !== 'string' || input.trim() === '') return t.failure(input, context)
    const errors: t.Errors = []
    const seen = new Map<Pid, number>()
    for (const [index, item] of input.split(',').entries()) {
      const text = item.trim()
      const pid = /^\d+$/.test(text) ? Number(text) : undefined
      const here = itemContext(context, index, PidCodec, text)
      if (!isPid(pid)) {
        errors.push({ value: text, context: here })
        continue
      }
      const before = seen.get(pid)
      const message = `expected each pid once, got ${pid} as in peersPid.${before}`
      if (before === undefined) seen.set(pid, index)
      else errors.push({ value: text, context: here, message })
    }
    return errors.length > 0 ? t.failures(errors) : t.success([...seen.keys()])
  },
  t.identity,
)

/** What stands in front of a number in an address. */
function handle(use: EndpointUse): t.Type<string, unknown> {
  const start = use === 'bind' ? 'tcp://*:' : 'tcp://127.0.0.1:'
  const name = `what stands in front of a port, such as ${JSON.stringify(start)}`
  const fault = (text: string): string | undefined => {
    const isWrong = text.startsWith('tcp:') && !text.endsWith(':')
    if (!isWrong && endpointFault(`${text}1`, use) === undefined) return undefined
    return `expected ${name}, got ${describe(text)}`
  }
  return new t.Type<string, unknown>(
    name,
    (value): value is string => typeof value === 'string' && fault(value) === undefined,
    (input, context) => {
      if (typeof input !== 'string') return t.failure(input, context)
      const message = fault(input)
      return message === undefined ? t.success(input) : t.failure(input, context, message)
    },
    t.identity,
  )
}

/** The keys that only this form has. */
export const ANCESTOR_FIELDS = {
  selfHandle: handle('bind'),
  peersPid: PidList,
  peersHandle: handle('connect'),
  startAddress: integer(0, Number.MAX_SAFE_INTEGER),
}

/**
 * A whole file of this form; `startMsgId` and `bufSize`, the ancestor's other two keys, are limits
 * like any other.
 */
export const AncestorForm = closedObject('an object', ANCESTOR_FIELDS, COMMON_FIELDS)

/** Where a pid is, by the ancestor's rule. */
export function addressOf(addressing: Addressing, pid: Pid): Member {
  const number = addressing.startAddress + pid
  const { selfHandle, peersHandle } = addressing
  return { pid, endpoint: `${peersHandle}${number}`, bind: `${selfHandle}${number}` }
}

/**
 * Where a file of this form leads to no address: ports that are too large, paths that are too long.
 */
export function addressProblems(file: Readonly<Record<string, unknown>>): string[] {
  const { selfHandle, peersPid, peersHandle, startAddress } = ANCESTOR_FIELDS
  const pids = peersPid.decode(file['peersPid'])
  const start = startAddress.decode(file['startAddress'])
  if (!isRight(pids) || !isRight(start)) return []
  const handles: [handle: string, use: EndpointUse][] = []
  if (selfHandle.is(file['selfHandle'])) handles.push([file['selfHandle'], 'bind'])
  if (peersHandle.is(file['peersHandle'])) handles.push([file['peersHandle'], 'connect'])
  return pids.right.flatMap((pid, index) => {
    const faults = handles.flatMap(([text, use]) => addressFault(text, start.right, pid, use) ?? [])
    return [...new Set(faults)].map((fault) => `peersPid.${index}: ${fault}`)
  })
}

function addressFault(text: string, start: number, pid: Pid, use: EndpointUse): string | undefined {
  const number = start + pid
  if (text.startsWith('tcp:') && (number < 1 || number > PORT_MAX)) {
    const expected = `startAddress + pid to be a port from 1 to ${PORT_MAX}`
    return `expected ${expected}, got ${start} + ${pid} = ${number}`
  }
  const fault = endpointFault(`${text}${number}`, use)
  return fault && `expected ${fault.expected}, got ${fault.got}`
}
