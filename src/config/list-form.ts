/** The list form of a config: every peer with its pid and its endpoint. */
import * as t from 'io-ts'
import { COMMON_FIELDS, PidCodec, endpointCodec } from './config-codecs.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'
import { endpointError, normalizeEndpoint } from '../model/endpoint.ts'
import { strictObject, isRecord } from './strict-object.ts'
import type { Member } from './config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isPid } from '../model/pid.ts'

/** `bind` defaults to the endpoint. */
const MemberCodec = strictObject(
  'an object { pid, endpoint, bind? }',
  { pid: PidCodec, endpoint: endpointCodec('connect') },
  { bind: endpointCodec('bind') },
)

/** The codec of the list: at least one member, and each pid and each endpoint once. */
export const MEMBERS_CODEC: t.Type<readonly Member[], unknown> = new t.Type(
  'a list of { pid, endpoint, bind? }, at least one',
  (value): value is readonly Member[] => Array.isArray(value) && value.every(MemberCodec.is),
  (input, context) => {
    if (!Array.isArray(input) || input.length === 0) return t.failure(input, context)
    const items: readonly unknown[] = input
    const errors: t.Errors = []
    const members: Member[] = []
    // `entries()` and an index reach holes, too, which are reported as undefined.
    for (let index = 0; index < items.length; index++) {
      const item = items[index]
      const result = MemberCodec.validate(
        item,
        t.appendContext(context, String(index), MemberCodec, item),
      )
      if (isLeft(result)) errors.push(...result.left)
      else members.push({ ...result.right, bind: result.right.bind ?? result.right.endpoint })
    }
    errors.push(...duplicates(items, context))
    return errors.length > 0 ? t.failures(errors) : t.success(members)
  },
  t.identity,
)

/** The fields that only the list form has. */
export const LIST_FIELDS = { peers: MEMBERS_CODEC }

/** The codec of a file in the list form. */
export const ListForm = strictObject('an object', LIST_FIELDS, COMMON_FIELDS)

/** Reports repeated pids and endpoints, also of members that have other errors. */
function duplicates(items: readonly unknown[], context: t.Context): t.Errors {
  const errors: t.Errors = []
  const pids = new Map<unknown, number>()
  const endpoints = new Map<unknown, number>()
  const checkUnique = (
    seen: Map<unknown, number>,
    { index, key, value }: { index: number; key: string; value: unknown },
    item: unknown,
  ): void => {
    const firstIndex = seen.get(value)
    if (firstIndex === undefined) {
      seen.set(value, index)
      return
    }
    const memberContext = t.appendContext(context, String(index), MemberCodec, item)
    const firstPath = formatPath('peers', [firstIndex])
    const message = `expected each ${key} once, got ${describeValue(value)} as in ${firstPath}`
    errors.push({ value, context: t.appendContext(memberContext, key, t.unknown, value), message })
  }
  for (const [index, item] of items.entries()) {
    if (!isRecord(item)) continue
    const { pid, endpoint: address } = item as {
      readonly pid?: unknown
      readonly endpoint?: unknown
    }
    if (isPid(pid)) checkUnique(pids, { index, key: 'pid', value: pid }, item)
    if (typeof address === 'string' && endpointError(address, 'connect') === undefined) {
      checkUnique(endpoints, { index, key: 'endpoint', value: normalizeEndpoint(address) }, item)
    }
  }
  return errors
}
