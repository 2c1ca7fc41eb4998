/** `config.schema.json`, which editors use, accepts what the codecs accept. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMON_FIELDS, LIMIT_FIELDS } from '../../src/config/config-codecs.ts'
import { COMPUTED_CONFIG, LIST_CONFIG } from './sample-configs.ts'
import { COMPUTED_FIELDS } from '../../src/config/computed-form.ts'
import { DEFAULT_LIMITS } from '../../src/model/limits.ts'
import { LIST_FIELDS } from '../../src/config/list-form.ts'
import { formatKey } from '../../src/keys/key-text.ts'
import { generateKeyPair } from '../../src/keys/x25519.ts'
import { decodeConfig } from '../../src/config/decode-config.ts'

interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
  readonly default?: unknown
  readonly description?: string
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly properties?: Readonly<Record<string, JsonSchema | true>>
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly title?: string
  readonly $schema?: string
}

const VALUE_KEYWORDS = ['type', 'enum', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern']
const SHAPE_KEYWORDS = [
  'minItems',
  'maxItems',
  'items',
  'required',
  'additionalProperties',
  'properties',
]
const OTHER_KEYWORDS = ['anyOf', 'title', 'description', 'default', '$schema']
const KEYWORDS = new Set([...VALUE_KEYWORDS, ...SHAPE_KEYWORDS, ...OTHER_KEYWORDS])
const SCHEMA_URL = new URL('../../config.schema.json', import.meta.url)
const schema = JSON.parse(readFileSync(SCHEMA_URL, 'utf8')) as JsonSchema
const commonSchemas = schema.properties as Readonly<Record<string, JsonSchema>>
const [listSchema, computedSchema] = schema.anyOf as readonly [JsonSchema, JsonSchema]

/** Validates with the keywords that this schema has, and with no others. */
function accepts(rules: JsonSchema | true, value: unknown): boolean {
  if (rules === true) return true
  const unknown = Object.keys(rules).filter((keyword) => !KEYWORDS.has(keyword))
  if (unknown.length > 0) throw new Error(`this validator does not know ${unknown.join()}`)
  const { properties = {}, required = [], items, anyOf, enum: values } = rules
  if (values !== undefined && !values.includes(value)) return false
  if (anyOf !== undefined && !anyOf.some((one) => accepts(one, value))) return false
  if (rules.type === 'integer' && !Number.isInteger(value)) return false
  if (rules.type === 'boolean' && typeof value !== 'boolean') return false
  if (rules.type === 'string' && typeof value !== 'string') return false
  if (rules.type === 'array' && !Array.isArray(value)) return false
  if (rules.type === 'object' && (typeof value !== 'object' || Array.isArray(value))) return false
  if (typeof value === 'number') {
    if (value < (rules.minimum ?? value) || value > (rules.maximum ?? value)) return false
  }
  if (typeof value === 'string') {
    if (value.length < (rules.minLength ?? 0)) return false
    if (value.length > (rules.maxLength ?? Infinity)) return false
    if (rules.pattern !== undefined && !new RegExp(rules.pattern, 'u').test(value)) return false
  }
  if (Array.isArray(value)) {
    if (value.length < (rules.minItems ?? 0)) return false
    if (value.length > (rules.maxItems ?? Infinity)) return false
    return items === undefined || value.every((item) => accepts(items, item))
  }
  if (typeof value !== 'object' || value === null) return true
  const fields = value as Readonly<Record<string, unknown>>
  if (required.some((key) => !(key in fields))) return false
  return Object.entries(fields).every(([key, field]) => {
    const rule = properties[key]
    return rule === undefined ? rules.additionalProperties !== false : accepts(rule, field)
  })
}

function decodes(config: unknown): boolean {
  try {
    decodeConfig(config)
    return true
  } catch {
    return false
  }
}

const KEYS = Array.from({ length: 9 }, () => formatKey(generateKeyPair().publicKey))
const KEY = KEYS[0] ?? ''

describe('the schema has', () => {
  it('the keys of both forms, and no others', () => {
    const common = Object.keys(COMMON_FIELDS).toSorted()
    expect(Object.keys(commonSchemas).toSorted()).toEqual(common)
    const keysOf = ({ properties }: JsonSchema) => Object.keys(properties ?? {}).toSorted()
    expect(keysOf(listSchema)).toEqual([...common, ...Object.keys(LIST_FIELDS)].toSorted())
    expect(keysOf(computedSchema)).toEqual([...common, ...Object.keys(COMPUTED_FIELDS)].toSorted())
    expect(listSchema.required).toEqual(Object.keys(LIST_FIELDS))
    expect(computedSchema.required).toEqual(Object.keys(COMPUTED_FIELDS))
  })

  it('a description of every key', () => {
    const own = { ...listSchema.properties, ...computedSchema.properties }
    const described = Object.entries({ ...own, ...commonSchemas })
    expect(described.filter(([, one]) => one === true || one.description === undefined)).toEqual([])
  })

  it.each(Object.keys(LIMIT_FIELDS))('the default and the bounds of %s', (key) => {
    const { name } = LIMIT_FIELDS[key as keyof typeof LIMIT_FIELDS]
    const rules = commonSchemas[key] as JsonSchema
    expect(rules.default).toBe(DEFAULT_LIMITS[key as keyof typeof DEFAULT_LIMITS])
    const expected =
      rules.enum === undefined
        ? `an integer from ${rules.minimum} to ${rules.maximum}`
        : rules.enum.map((word) => JSON.stringify(word)).join(' or ')
    expect(expected).toBe(name)
  })
})

describe('the schema and the codecs agree on', () => {
  const peers = LIST_CONFIG.peers
  const without = (key: string) =>
    Object.fromEntries(Object.entries(COMPUTED_CONFIG).filter(([other]) => other !== key))
  const samples: [string, boolean, unknown][] = [
    ['a list', true, LIST_CONFIG],
    ['computed addresses', true, COMPUTED_CONFIG],
    ['the location of the schema', true, { $schema: './config.schema.json', ...LIST_CONFIG }],
    ['every limit', true, { ...LIST_CONFIG, ...DEFAULT_LIMITS, insecure: true }],
    ['an unknown key', false, { ...LIST_CONFIG, bufsize: 3 }],
    ['no peers', false, { peers: [] }],
    ['neither form', false, { cluster: 'a' }],
    ['both forms', false, { ...LIST_CONFIG, ...COMPUTED_CONFIG }],
    ['a missing handle', false, without('peersHandle')],
    ['pids that are a list', false, { ...COMPUTED_CONFIG, peersPid: [1, 2] }],
    ['no pids', false, { ...COMPUTED_CONFIG, peersPid: '' }],
    ['an unknown key of a peer', false, { peers: [{ ...peers[0], host: 'a' }] }],
    ['a peer without an endpoint', false, { peers: [{ pid: 1 }] }],
    ['a pid that is text', false, { peers: [{ pid: '1', endpoint: 'tcp://a:1' }] }],
    ['a negative pid', false, { peers: [{ pid: -1, endpoint: 'tcp://a:1' }] }],
    ['an endpoint without a scheme', false, { peers: [{ pid: 1, endpoint: 'a:1' }] }],
    ['a bind to any port', true, { peers: [{ pid: 1, endpoint: 'tcp://a:1', bind: 'tcp://*:*' }] }],
    ['a public key', true, { peers: [{ ...peers[0], publicKey: KEY }] }],
    ['a list of public keys', true, { peers: [{ ...peers[0], publicKey: [KEY] }] }],
    ['no public key in the list', false, { peers: [{ ...peers[0], publicKey: [] }] }],
    ['too many public keys', false, { peers: [{ ...peers[0], publicKey: KEYS }] }],
    ['a public key that is short', false, { peers: [{ ...peers[0], publicKey: KEY.slice(1) }] }],
    ['a public key in base64', false, { peers: [{ ...peers[0], publicKey: '_'.repeat(40) }] }],
    ['a secret', false, { ...LIST_CONFIG, clusterSecret: 'rxcs1_' }],
    ['an empty cluster', false, { ...LIST_CONFIG, cluster: '' }],
    ['an insecure that is text', false, { ...LIST_CONFIG, insecure: 'yes' }],
    ['a limit of zero', false, { ...LIST_CONFIG, bufSize: 0 }],
    ['a fraction', false, { ...LIST_CONFIG, ttlMs: 1.5 }],
    ['another overflow', false, { ...LIST_CONFIG, overflow: 'drop' }],
  ]
  it.each(samples)('%s', (_, valid, config) => {
    expect([accepts(schema, config), decodes(config)]).toEqual([valid, valid])
  })

  it('the bounds of every limit', () => {
    for (const [key, rules] of Object.entries(commonSchemas)) {
      const { minimum, maximum } = rules
      if (minimum === undefined || maximum === undefined) continue
      for (const value of [minimum, maximum, minimum - 1, maximum + 1]) {
        const config = { ...LIST_CONFIG, [key]: value }
        expect([key, value, accepts(schema, config)]).toEqual([key, value, decodes(config)])
      }
    }
  })
})
