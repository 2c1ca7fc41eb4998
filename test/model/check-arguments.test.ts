/** Checks of arguments and options: accepted values, and messages. */
import { describe, expect, it } from 'vitest'
import {
  A_FUNCTION,
  A_RECEIVER,
  type Rule,
  anyOf,
  checkArgument,
  checkOptions,
  countFrom,
  integerFrom,
  numberFrom,
  oneOf,
} from '../../src/model/check-arguments.ts'
import { ClusterError } from '../../src/model/cluster-error.ts'

function messageOf(work: () => void): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(ClusterError)
    expect((error as ClusterError).code).toBe('INVALID_ARGUMENT')
    return (error as ClusterError).message
  }
}

const problemOf = (value: unknown, rule: Rule): string | undefined =>
  messageOf(() => checkArgument('grow', 'size', value, rule))

describe('checkArgument', () => {
  it('accepts what the rule accepts', () => {
    expect(problemOf(0, integerFrom({ min: 0 }))).toBeUndefined()
    expect(problemOf(0.5, numberFrom({ min: 0, max: 1 }))).toBeUndefined()
    expect(problemOf(Infinity, numberFrom({ min: 1 }))).toBeUndefined()
    expect(problemOf(Infinity, countFrom({ min: 1 }))).toBeUndefined()
    expect(problemOf(-1, A_RECEIVER)).toBeUndefined()
    expect(problemOf('a', oneOf('a', 'b'))).toBeUndefined()
    expect(problemOf(() => 1, anyOf(integerFrom({ min: 0 }), A_FUNCTION))).toBeUndefined()
  })

  it('names the function, the argument, the expected range and the value', () => {
    expect(problemOf(1.5, integerFrom({ min: 1 }))).toBe(
      'grow: size: expected an integer of at least 1, got 1.5',
    )
    expect(problemOf(NaN, numberFrom({ min: 0 }))).toMatch('a number of at least 0, got NaN')
    expect(problemOf(2, numberFrom({ min: 0, max: 1 }))).toMatch('a number from 0 to 1, got 2')
    expect(problemOf('3', numberFrom({ min: 0 }))).toMatch('got "3"')
    expect(problemOf(undefined, A_FUNCTION)).toMatch('expected a function, got nothing')
    expect(problemOf(Infinity, integerFrom({ min: 0 }))).toMatch('got Infinity')
    expect(problemOf(-2, A_RECEIVER)).toMatch('or BROADCAST, got -2')
    expect(problemOf('c', oneOf('a', 'b'))).toMatch('expected "a" or "b", got "c"')
  })
})

describe('checkOptions', () => {
  const rules = { required: { size: integerFrom({ min: 1 }) }, optional: { everyMs: A_FUNCTION } }
  const problem = (options: unknown): string | undefined =>
    messageOf(() => checkOptions('grow', options, rules))

  it('accepts options that are left out or undefined', () => {
    expect(problem({ size: 1 })).toBeUndefined()
    expect(problem({ size: 1, everyMs: undefined, unknown: undefined })).toBeUndefined()
  })

  it('names every problem, and the option that was probably meant', () => {
    expect(problem({ everyMS: 5 })).toBe(
      'grow: size: expected an integer of at least 1, got nothing; ' +
        'everyMS: expected no such option, got 5 (did you mean everyMs?)',
    )
    expect(problem({ size: 1, colour: 'red' })).toBe(
      'grow: colour: expected no such option, got "red"',
    )
  })

  it('refuses what is no object', () => {
    expect(problem(undefined)).toBe('grow: options: expected an object with size, got nothing')
    expect(problem(null)).toMatch('got null')
    expect(problem(5)).toMatch('got 5')
    expect(problem([1])).toMatch('got an array of 1')
  })
})
