/** Decodes both forms of a config file to one `Config`, or reports every problem in it. */
import { COMPUTED_FIELDS, ComputedForm, memberFor, addressErrors } from './computed-form.ts'
import type { ComputedAddresses, Config, Member } from './config.ts'
import { LIST_FIELDS, ListForm } from './list-form.ts'
import { strictObject, isRecord } from './strict-object.ts'
import { describeValue } from '../base/describe-value.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { COMMON_FIELDS } from './config-codecs.ts'
import { ClusterError } from '../model/cluster-error.ts'
import { DEFAULT_LIMITS } from '../model/limits.ts'
import { frozenMap } from '../base/frozen-map.ts'
import { isLeft } from 'fp-ts/lib/Either.js'

/** Names the whole file in messages. */
const ROOT_PATH = 'config'
const COMPUTED_KEYS = Object.keys(COMPUTED_FIELDS)
const EXPECTED_FORMS = `either peers (a list) or ${COMPUTED_KEYS.join(', ')}`

/** For a file with the fields of both forms, or of neither: checks each field alone. */
const AnyForm = strictObject(
  'an object',
  {},
  {
    ...COMPUTED_FIELDS,
    ...LIST_FIELDS,
    ...COMMON_FIELDS,
  },
)

type CommonFields = Partial<Omit<Config, 'members' | 'addressing'>> & { readonly $schema?: string }

/**
 * Decodes the content of a config file, in either form.
 *
 * @param json the result of `JSON.parse`, or an object of the same shape
 * @throws ClusterError `CONFIG_INVALID`; its `issues` hold every problem, each as
 *   `path: expected …, got …`
 */
export function decodeConfig(json: unknown): Config {
  if (!isRecord(json))
    throw invalidConfig([`${ROOT_PATH}: expected an object, got ${describeValue(json)}`])
  const hasListForm = hasKey(json, 'peers')
  const hasComputedForm = COMPUTED_KEYS.some((key) => hasKey(json, key))
  if (hasListForm && !hasComputedForm) return decodeListForm(json)
  if (hasComputedForm && !hasListForm) return decodeComputedForm(json)
  const found = hasListForm ? 'both' : 'neither'
  const checked = AnyForm.decode(json)
  throw invalidConfig([
    `${ROOT_PATH}: expected ${EXPECTED_FORMS}, got ${found}`,
    ...(isLeft(checked) ? formatIssues(checked.left, { whole: ROOT_PATH }) : []),
  ])
}

/** Creates a `CONFIG_INVALID` error. Its message lists up to 20 problems, its `issues` all. */
export function invalidConfig(issues: readonly string[]): ClusterError {
  const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`
  const lines = issues.slice(0, 20).map((issue) => `  ${issue}`)
  if (lines.length < issues.length) lines.push(`  … and ${issues.length - lines.length} more`)
  const message = `the config has ${count}:\n${lines.join('\n')}`
  return new ClusterError('CONFIG_INVALID', message, { issues })
}

function decodeListForm(json: object): Config {
  const decoded = ListForm.decode(json)
  if (isLeft(decoded)) throw invalidConfig(formatIssues(decoded.left, { whole: ROOT_PATH }))
  const { peers, ...common } = decoded.right
  return createConfig(peers, common)
}

function decodeComputedForm(json: Readonly<Record<string, unknown>>): Config {
  const decoded = ComputedForm.decode(json)
  const problems = isLeft(decoded) ? formatIssues(decoded.left, { whole: ROOT_PATH }) : []
  problems.push(...addressErrors(json))
  if (isLeft(decoded) || problems.length > 0) throw invalidConfig(problems)
  const { selfHandle, peersPid, peersHandle, startAddress, ...common } = decoded.right
  const addresses = Object.freeze({ selfHandle, peersHandle, startAddress })
  const members = peersPid.map((pid) => memberFor(addresses, pid))
  return createConfig(members, common, addresses)
}

function createConfig(
  members: readonly Member[],
  { $schema: _schema, ...common }: CommonFields,
  addresses?: ComputedAddresses,
): Config {
  const config = {
    ...DEFAULT_LIMITS,
    cluster: 'default',
    insecure: false,
    ...common,
    members: frozenMap(members.map((member) => [member.pid, Object.freeze(member)] as const)),
  }
  return Object.freeze(addresses === undefined ? config : { ...config, addressing: addresses })
}

function hasKey(json: Readonly<Record<string, unknown>>, key: string): boolean {
  return Object.hasOwn(json, key) && json[key] !== undefined
}
