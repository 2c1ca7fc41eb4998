/** Checks of the arguments and options of public functions. */
import { describeValue } from '../base/describe-value.ts'
import { closestName } from '../base/closest-name.ts'
import { ClusterError } from './cluster-error.ts'
import { BROADCAST, PID_MAX, isPid, textPidAdvice } from './pid.ts'

/** A function with more unknown options than this was not called with a misspelt one. */
const SUGGESTIONS_MAX = 20

/** What an argument must be. */
export interface Rule {
  /** Stands in messages after "expected". */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
  /** Returns the end of the message about a value that is not accepted: what to do. */
  readonly advice?: (value: unknown) => string
}

/** The range of a number. */
export interface NumberRange {
  readonly min: number
  /** Default: Infinity, which is in the range. */
  readonly max?: number
}

/** Accepts the numbers of a range, with fractions; not NaN. */
export function numberFrom(range: NumberRange): Rule {
  return { expected: `a number ${describeRange(range)}`, accepts: (value) => isIn(value, range) }
}

/** Accepts the integers of a range, without Infinity. */
export function integerFrom(range: NumberRange): Rule {
  return {
    expected: `an integer ${describeRange(range)}`,
    accepts: (value) => Number.isInteger(value) && isIn(value, range),
  }
}

/** Accepts the integers of a range, and Infinity. */
export function countFrom(range: { readonly min: number }): Rule {
  const { expected, accepts } = integerFrom(range)
  return {
    expected: `${expected}, or Infinity`,
    accepts: (value) => value === Infinity || accepts(value),
  }
}

/** Accepts these values. */
export function oneOf(...values: readonly unknown[]): Rule {
  return {
    expected: values.map(describeValue).join(' or '),
    accepts: (value) => values.includes(value),
  }
}

/** Accepts objects, and functions, that have all these methods. */
export function withMethods(expected: string, ...names: readonly string[]): Rule {
  return { expected, accepts: (value) => names.every((name) => isFunction(property(value, name))) }
}

/** Accepts what one of the rules accepts. */
export function anyOf(...rules: readonly Rule[]): Rule {
  return {
    expected: rules.map(({ expected }) => expected).join(', or '),
    accepts: (value) => rules.some(({ accepts }) => accepts(value)),
    advice: (value) => rules.map(({ advice }) => advice?.(value) ?? '').join(''),
  }
}

/** Accepts objects, but no array. */
export const AN_OBJECT: Rule = {
  expected: 'an object',
  accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}
/** Accepts strings. */
export const A_STRING: Rule = { expected: 'a string', accepts: isString }
/** Accepts functions. */
export const A_FUNCTION: Rule = { expected: 'a function', accepts: isFunction }
/** Accepts `true` and `false`. */
export const A_BOOLEAN: Rule = oneOf(true, false)
/** Accepts pids of nodes. */
export const A_PID: Rule = {
  expected: `an integer from 0 to ${PID_MAX}`,
  accepts: isPid,
  advice: textPidAdvice,
}
/** Accepts pids of nodes, and `BROADCAST`. */
export const A_RECEIVER: Rule = anyOf(A_PID, {
  expected: 'BROADCAST',
  accepts: (value) => value === BROADCAST,
})
/** Accepts what can be subscribed to. */
export const AN_OBSERVABLE: Rule = withMethods('an Observable', 'subscribe')
/** Accepts schedulers of RxJS. */
export const A_SCHEDULER: Rule = withMethods('a scheduler of RxJS', 'schedule', 'now')
/** Accepts sinks of operators. */
export const A_SINK: Rule = anyOf(A_FUNCTION, withMethods('an observer with next', 'next'))

/** The rules of the options of a function. */
export interface OptionRules {
  readonly required?: Readonly<Record<string, Rule>>
  readonly optional?: Readonly<Record<string, Rule>>
}

/**
 * Checks one argument.
 *
 * @param call the name of the function, which stands in the message
 * @param name the name of the argument
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkArgument(call: string, name: string, value: unknown, rule: Rule): void {
  const problem = problemOf(name, value, rule)
  if (problem !== undefined) throw invalidArgument(call, [problem])
}

/**
 * Checks an options object: every option that must be there, the values of all, and that there are
 * no others. An option that is undefined counts as left out.
 *
 * @param call the name of the function, which stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`, whose `issues` list every problem
 */
export function checkOptions(call: string, options: unknown, rules: OptionRules): void {
  const { required = {}, optional = {} } = rules
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const names = Object.keys(required).join(', ')
    const contents = names === '' ? '' : ` with ${names}`
    const found = describeArgument(options)
    throw invalidArgument(call, [`options: expected an object${contents}, got ${found}`])
  }
  // Most calls pass none, and a request must not pay for the lists below.
  if (rules.required === undefined && isEmpty(options)) return
  const issues: string[] = []
  const addIssue = (issue: string | undefined): void => {
    if (issue !== undefined) issues.push(issue)
  }
  for (const [name, rule] of Object.entries(required)) {
    addIssue(problemOf(name, property(options, name), rule))
  }
  for (const [name, rule] of Object.entries(optional)) {
    const value = property(options, name)
    if (value !== undefined) addIssue(problemOf(name, value, rule))
  }
  const known = [...Object.keys(required), ...Object.keys(optional)]
  const unknown = Object.entries(options).filter(
    ([name, value]) => value !== undefined && !known.includes(name),
  )
  unknown.forEach(([name, value], index) => {
    const suggestion = index < SUGGESTIONS_MAX ? closestName(name, known) : undefined
    const hint = suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`
    issues.push(`${name}: expected no such option, got ${describeArgument(value)}${hint}`)
  })
  if (issues.length > 0) throw invalidArgument(call, issues)
}

/** Creates the error of a call whose arguments are not valid. */
export function invalidArgument(call: string, issues: readonly string[]): ClusterError {
  return new ClusterError('INVALID_ARGUMENT', `${call}: ${issues.join('; ')}`, { issues })
}

function problemOf(name: string, value: unknown, rule: Rule): string | undefined {
  if (rule.accepts(value)) return undefined
  const advice = rule.advice?.(value) ?? ''
  return `${name}: expected ${rule.expected}, got ${describeArgument(value)}${advice}`
}

function describeArgument(value: unknown): string {
  return value === undefined ? 'nothing' : describeValue(value)
}

function describeRange({ min, max = Infinity }: NumberRange): string {
  return max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`
}

function isIn(value: unknown, { min, max = Infinity }: NumberRange): boolean {
  return typeof value === 'number' && value >= min && value <= max
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function property(value: unknown, name: string): unknown {
  return value === undefined || value === null
    ? undefined
    : (value as Readonly<Record<string, unknown>>)[name]
}

/** Returns whether an object has no enumerable property, not even an inherited one. */
function isEmpty(options: object): boolean {
  for (const name in options) return name === undefined // no list of names is made
  return true
}
