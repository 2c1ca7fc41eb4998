/** ClusterError: what people and programs see of an error. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ClusterError, isClusterError } from '../../src/model/cluster-error.ts'
import { SimulationError } from '../../src/testing/simulation/checks/simulation-error.ts'

const error = new ClusterError('REQUEST_TIMEOUT', 'no reply from peer 2 within 300 ms')

describe('a ClusterError', () => {
  it('shows its code as text, in its stack and when it is inspected', () => {
    const text = 'ClusterError [REQUEST_TIMEOUT]: no reply from peer 2 within 300 ms'
    expect(String(error)).toBe(text)
    expect(error.stack?.split('\n')[0]).toBe(text)
    expect(inspect(error).split('\n')[0]).toBe(text)
  })

  it('has a stack that begins where it was created', () => {
    expect(error.stack?.split('\n')[1]).toContain('cluster-error.test.ts')
  })

  it('has its name, code and issues, and nothing else of its own', () => {
    expect(error.name).toBe('ClusterError')
    expect(error).toBeInstanceOf(Error)
    expect(Object.keys(error)).toEqual(['code', 'issues'])
  })

  it('keeps its cause', () => {
    const cause = new Error('why')
    expect(new ClusterError('BIND_FAILED', 'cannot listen', { cause }).cause).toBe(cause)
  })
})

it('a SimulationError is a ClusterError with a name of its own', () => {
  const failed = new SimulationError({ atMs: 5, check: 'one leader', detail: 'two lead' }, 7)
  expect(failed).toBeInstanceOf(ClusterError)
  expect(failed.name).toBe('SimulationError')
  expect(String(failed)).toMatch(/^SimulationError \[CHECK_FAILED\]: one leader/)
})

it('isClusterError accepts any code without codes, and else one of them', () => {
  const error: unknown = new ClusterError('CLOSED', 'the node was closed')
  expect(isClusterError(error)).toBe(true)
  expect(isClusterError(error, 'CLOSED')).toBe(true)
  expect(isClusterError(error, 'NOT_DELIVERED', 'CLOSED')).toBe(true)
  expect(isClusterError(error, 'NOT_DELIVERED')).toBe(false)
})

it('isClusterError accepts nothing else', () => {
  const similar = Object.assign(new Error('closed'), { code: 'CLOSED' })
  expect([undefined, null, 'CLOSED', similar].map((one) => isClusterError(one))).toEqual(
    Array(4).fill(false),
  )
})
