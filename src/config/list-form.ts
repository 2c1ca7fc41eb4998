/** The list form of a config: every peer with its pid and its endpoint. */
import * as t from 'io-ts'
import { COMMON_FIELDS, PUBLIC_KEY_FIELD, PidCodec, endpointCodec } from './config-codecs.ts'
import { describeValue, formatPath } from '../base/describe-value.ts'
import { endpointError, normalizeEndpoint } from '../model/endpoint.ts'
import { strictObject, isRecord } from './strict-object.ts'
import { frozenPeer } from '../model/peer.ts'
import type { Member } from './config.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { isPid } from '../model/pid.ts'
import { publicKeyProblems, publicKeyTexts } from '../keys/peer-keys.ts'

/** `bind` defaults to the endpoint. */
const MemberCodec = strictObject(
  'an object { pid, endpoint, bind?, publicKey? }',
  { pid: PidCodec, endpoint: endpointCodec('connect') },
  { bind: endpointCodec('bind'), publicKey: PUBLIC_KEY_FIELD },
)

/** The codec of the list: at least one member, and each pid and each endpoint once. */
export const MEMBERS_CODEC: t.Type<readonly Member[], unknown> = new t.Type(
  'a list of { pid, endpoint, bind?, publicKey? }, at least one',
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
      else members.push(memberOf(result.right))
    }
    errors.push(...duplicates(items, context), ...keyErrors(items, context))
    return errors.length > 0 ? t.failures(errors) : t.success(members)
  },
  t.identity,
)

/** The fields that only the list form has. */
export const LIST_FIELDS = { peers: MEMBERS_CODEC }

/** The codec of a file in the list form. */
export const ListForm = strictObject('an object', LIST_FIELDS, COMMON_FIELDS)

function memberOf({ bind, ...peer }: t.TypeOf<typeof MemberCodec>): Member {
  return { ...frozenPeer(peer), bind: bind ?? peer.endpoint }
}

/** Reports keys of two members, and members without a key where others have one. */
function keyErrors(items: readonly unknown[], context: t.Context): t.Errors {
  const errors: t.Errors = []
  const indexByKey = new Map<unknown, number>()
  const fieldsOf = (item: unknown): Readonly<Record<string, unknown>> =>
    isRecord(item) ? item : {}
  const report = (index: number, message: string): void => {
    const memberContext = t.appendContext(context, String(index), MemberCodec)
    const keyContext = t.appendContext(memberContext, 'publicKey', t.unknown)
    errors.push({ value: undefined, context: keyContext, message })
  }
  const keyed = items.findIndex((item) => fieldsOf(item)['publicKey'] !== undefined)
  if (keyed === -1) return []
  for (const [index, item] of items.entries()) {
    const { publicKey } = fieldsOf(item)
    if (publicKey === undefined && isRecord(item)) {
      const reason = `because ${formatPath('peers', [keyed])} has one`
      report(index, `expected a public key, ${reason}, got nothing`)
    }
    if (publicKeyProblems(publicKey).length > 0) continue
    for (const key of publicKeyTexts({ publicKey: publicKey as string | readonly string[] })) {
      const first = indexByKey.get(key)
      if (first === undefined) indexByKey.set(key, index)
      else report(index, `expected a key of its own, got that of ${formatPath('peers', [first])}`)
    }
  }
  return errors
}

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
