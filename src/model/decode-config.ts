/**
 * Decoding a config: both forms of the file become one `Config`, or every problem in it is told at
 * once.
 */
import { ANCESTOR_FIELDS, AncestorForm, addressOf, addressProblems } from './ancestor-form.ts'
import type { Addressing, Config, Member } from './config.ts'
import { EXPLICIT_FIELDS, ExplicitForm } from './explicit-form.ts'
import { closedObject, isPlain } from './closed-object.ts'
import { describe, problemsOf } from './problems.ts'
import { COMMON_FIELDS } from './config-codecs.ts'
import { ClusterError } from './cluster-error.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { frozenMap } from './frozen-map.ts'
import { isLeft } from 'fp-ts/lib/Either.js'

/** What stands for the whole file in a path. */
const ROOT = 'config'
const ANCESTOR_KEYS = Object.keys(ANCESTOR_FIELDS)
const FORMS = `either peers (a list) or ${ANCESTOR_KEYS.join(', ')}`

/** A file of no form, or of both: only its single keys can be checked. */
const AnyForm = closedObject(
  'an object',
  {},
  {
    ...ANCESTOR_FIELDS,
    ...EXPLICIT_FIELDS,
    ...COMMON_FIELDS,
  },
)

/** What stands in both forms. */
type Common = Omit<Config, 'members' | 'addressing'>

/**
 * Decodes what stands in a config file, of either form.
 *
 * @param json what `JSON.parse` returned, or an object of the same shape
 * @throws ClusterError `CONFIG_INVALID`; its `issues` are all the problems, each as `path: expected
 *   …, got …`
 */
export function decodeConfig(json: unknown): Config {
  if (!isPlain(json)) throw invalid([`${ROOT}: expected an object, got ${describe(json)}`])
  const explicit = has(json, 'peers')
  const ancestor = ANCESTOR_KEYS.some((key) => has(json, key))
  if (explicit && !ancestor) return decodeExplicit(json)
  if (ancestor && !explicit) return decodeAncestor(json)
  const found = explicit ? 'both' : 'neither'
  const single = AnyForm.decode(json)
  throw invalid([
    `${ROOT}: expected ${FORMS}, got ${found}`,
    ...(isLeft(single) ? problemsOf(single.left, ROOT) : []),
  ])
}

/** The error of a config with these problems. */
export function invalid(issues: readonly string[]): ClusterError {
  const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`
  const shown = issues.slice(0, 20).map((issue) => `  ${issue}`)
  if (shown.length < issues.length) shown.push(`  … and ${issues.length - shown.length} more`)
  const message = `the config has ${count}:\n${shown.join('\n')}`
  return new ClusterError('CONFIG_INVALID', message, { issues })
}

function decodeExplicit(json: object): Config {
  const decoded = ExplicitForm.decode(json)
  if (isLeft(decoded)) throw invalid(problemsOf(decoded.left, ROOT))
  const { peers, ...common } = decoded.right
  return configOf(peers, common)
}

function decodeAncestor(json: Readonly<Record<string, unknown>>): Config {
  const decoded = AncestorForm.decode(json)
  const problems = isLeft(decoded) ? problemsOf(decoded.left, ROOT) : []
  problems.push(...addressProblems(json))
  if (isLeft(decoded) || problems.length > 0) throw invalid(problems)
  const { selfHandle, peersPid, peersHandle, startAddress, ...common } = decoded.right
  const addressing = Object.freeze({ selfHandle, peersHandle, startAddress })
  const members = peersPid.map((pid) => addressOf(addressing, pid))
  return configOf(members, common, addressing)
}

function configOf(
  members: readonly Member[],
  common: Partial<Common>,
  addressing?: Addressing,
): Config {
  const config = {
    ...DEFAULT_LIMITS,
    cluster: 'default',
    insecure: false,
    ...common,
    members: frozenMap(members.map((member) => [member.pid, Object.freeze(member)] as const)),
  }
  return Object.freeze(addressing === undefined ? config : { ...config, addressing })
}

function has(json: Readonly<Record<string, unknown>>, key: string): boolean {
  return Object.hasOwn(json, key) && json[key] !== undefined
}
