/** The computed form of a config: the address of every member follows from its pid. */
import * as t from 'io-ts'
import type { ComputedAddresses, Member } from './config.ts'
import { COMMON_FIELDS, PidCodec, integerCodec } from './config-codecs.ts'
import { type EndpointUse, PORT_MAX, endpointError } from '../model/endpoint.ts'
import { type Pid, isPid } from '../model/pid.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'
import { strictObject } from './strict-object.ts'
import { isRight } from 'fp-ts/lib/Either.js'

/** `"1, 2"`: at least one pid, each once. */
const PidList: t.Type<readonly Pid[], unknown> = new t.Type(
  'pids between commas, such as "1,2"',
  (value): value is readonly Pid[] => Array.isArray(value) && value.every(isPid),
  (input, context) => {
    if (typeof input !== 'string' || input.trim() === '') return t.failure(input, context)
    const errors: t.Errors = []
    const indexOfPid = new Map<Pid, number>()
    for (const [index, item] of input.split(',').entries()) {
      const text = item.trim()
      const pid = /^\d+$/.test(text) ? Number(text) : undefined
      const pidContext = t.appendContext(context, String(index), PidCodec, text)
      if (!isPid(pid)) {
        errors.push({ value: text, context: pidContext })
        continue
      }
      const firstIndex = indexOfPid.get(pid)
      const firstPath = formatPath('peersPid', [firstIndex])
      const message = `expected each pid once, got ${pid} as in ${firstPath}`
      if (firstIndex === undefined) indexOfPid.set(pid, index)
      else errors.push({ value: text, context: pidContext, message })
    }
    return errors.length > 0 ? t.failures(errors) : t.success([...indexOfPid.keys()])
  },
  t.identity,
)

/** The codec of an address without its number. */
function addressPrefix(use: EndpointUse): t.Type<string, unknown> {
  const example = use === 'bind' ? 'tcp://*:' : 'tcp://127.0.0.1:'
  const name = `an address up to its port, such as ${JSON.stringify(example)}`
  const validate = (text: string): string | undefined => {
    const lacksColon = text.startsWith('tcp:') && !text.endsWith(':')
    if (!lacksColon && endpointError(`${text}1`, use) === undefined) return undefined
    return `expected ${name}, got ${describeValue(text)}`
  }
  return new t.Type<string, unknown>(
    name,
    (value): value is string => typeof value === 'string' && validate(value) === undefined,
    (input, context) => {
      if (typeof input !== 'string') return t.failure(input, context)
      const message = validate(input)
      return message === undefined ? t.success(input) : t.failure(input, context, message)
    },
    t.identity,
  )
}

/** The fields that only the computed form has. */
export const COMPUTED_FIELDS = {
  selfHandle: addressPrefix('bind'),
  peersPid: PidList,
  peersHandle: addressPrefix('connect'),
  startAddress: integerCodec(0, Number.MAX_SAFE_INTEGER),
}

/** The codec of a file in the computed form. */
export const ComputedForm = strictObject('an object', COMPUTED_FIELDS, COMMON_FIELDS)

/** Computes the endpoints of a pid. */
export function memberFor(addresses: ComputedAddresses, pid: Pid): Member {
  const number = addresses.startAddress + pid
  const { selfHandle, peersHandle } = addresses
  return { pid, endpoint: `${peersHandle}${number}`, bind: `${selfHandle}${number}` }
}

/** Returns the errors of the computed addresses: ports out of range, paths that are too long. */
export function addressErrors(config: Readonly<Record<string, unknown>>): string[] {
  const { selfHandle, peersPid, peersHandle, startAddress } = COMPUTED_FIELDS
  const pids = peersPid.decode(config['peersPid'])
  const start = startAddress.decode(config['startAddress'])
  if (!isRight(pids) || !isRight(start)) return []
  const prefixes: [handle: string, use: EndpointUse][] = []
  if (selfHandle.is(config['selfHandle'])) prefixes.push([config['selfHandle'], 'bind'])
  if (peersHandle.is(config['peersHandle'])) prefixes.push([config['peersHandle'], 'connect'])
  return pids.right.flatMap((pid, index) => {
    const errors = prefixes.flatMap(
      ([text, use]) => addressError(text, start.right, pid, use) ?? [],
    )
    return [...new Set(errors)].map((error) => `${formatPath('peersPid', [index])}: ${error}`)
  })
}

function addressError(text: string, start: number, pid: Pid, use: EndpointUse): string | undefined {
  const number = start + pid
  if (text.startsWith('tcp:') && (number < 1 || number > PORT_MAX)) {
    const expected = `startAddress + pid to be a port from 1 to ${PORT_MAX}`
    return `expected ${expected}, got ${start} + ${pid} = ${number}`
  }
  const error = endpointError(`${text}${number}`, use)
  return error && `expected ${error.expected}, got ${error.got}`
}
