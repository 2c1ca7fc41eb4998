/** Checks the limits that are passed to `simulate` or `explore`, and returns every problem. */
import { LIMIT_FIELDS } from './config-codecs.ts'
import type { Limits } from '../model/limits.ts'
import type { OptionalFields } from '../base/defined.ts'
import { formatIssues } from '../base/decode-issues.ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { strictObject } from './strict-object.ts'

const AnyLimits = strictObject('an object with limits of a node', {}, LIMIT_FIELDS)

/** Returns every problem of limits, as `limits.ttlMs: expected …, got …`. */
export function limitIssues(limits: OptionalFields<Limits>): readonly string[] {
  const decoded = AnyLimits.decode(limits)
  return isLeft(decoded) ? formatIssues(decoded.left, { root: 'limits', whole: 'limits' }) : []
}
