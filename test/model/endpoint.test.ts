/** Endpoints: which texts are valid for which use, and which only this machine can reach. */
import { describe, expect, it } from 'vitest'
import {
  endpointError,
  formatEndpoint,
  isLoopback,
  normalizeEndpoint,
  parseEndpoint,
} from '../../src/model/endpoint.ts'

const PATH = `/tmp/${'p'.repeat(102)}`

describe('endpointError', () => {
  it.each([
    'tcp://10.0.0.1:5000',
    'tcp://localhost:1',
    'tcp://db-1.example.org:65535',
    'tcp://[::1]:5000',
    'tcp://[fe80::1%eth0]:5000',
    'tcp://[fe80::1%br-0a1b]:5000',
    'ipc:///tmp/a b',
    `ipc://${PATH}`,
    'inproc://node-1',
  ])('takes %s for both uses', (text) => {
    expect(endpointError(text, 'bind')).toBeUndefined()
    expect(endpointError(text, 'connect')).toBeUndefined()
  })

  it.each([
    'tcp://*:5000',
    'tcp://0.0.0.0:5000',
    'tcp://[::]:5000',
    'tcp://db:0',
    'tcp://db:*',
    'ipc://*',
  ])('takes %s only to bind', (text) => {
    expect(endpointError(text, 'bind')).toBeUndefined()
    expect(endpointError(text, 'connect')).toBeDefined()
  })

  it.each([
    '',
    'tcp://',
    'tcp://db',
    'tcp://:5000',
    'tcp://db:port',
    'tcp://db:-1',
    'tcp://db:65536',
    'tcp://db:5000/path',
    'tcp://a:b:5000',
    'tcp://256.0.0.1:5000',
    'tcp://d b:5000',
    'TCP://db:5000',
    'udp://db:5000',
    'http://db',
    'db:5000',
    'ipc://',
    'ipc:///tmp/\0',
    `ipc://${PATH}p`,
    'inproc://',
    ' tcp://db:5000',
    'tcp://db:5000\n',
  ])('refuses %j for both uses', (text) => {
    expect(endpointError(text, 'bind')).toBeDefined()
    expect(endpointError(text, 'connect')).toBeDefined()
  })

  it('names the part that is wrong', () => {
    expect(endpointError('tcp://db:70000', 'connect')).toEqual({
      expected: 'a port from 1 to 65535',
      got: '70000 in "tcp://db:70000"',
    })
    expect(endpointError('tcp://*:5000', 'connect')).toEqual({
      expected: 'a host that others can connect to',
      got: '* in "tcp://*:5000"',
    })
    expect(endpointError(`ipc://${PATH}pp`, 'bind')).toMatchObject({
      expected: 'a path of at most 107 bytes',
      got: expect.stringMatching(/^109 bytes in "ipc:/),
    })
    expect(endpointError(`inproc://${'é'.repeat(128)}`, 'connect')).toMatchObject({
      expected: 'a name of at most 255 bytes',
      got: expect.stringMatching(/^256 bytes in "inproc:/),
    })
    expect(endpointError('tcp://db:5000 ', 'connect')).toEqual({
      expected: 'an endpoint without white space around it',
      got: '"tcp://db:5000 "',
    })
  })
})

describe('isLoopback', () => {
  it.each([
    'tcp://127.0.0.1:5000',
    'tcp://127.255.0.9:0',
    'tcp://[::1]:5000',
    'tcp://LOCALHOST:1',
    'ipc:///tmp/a',
    'inproc://a',
  ])('%s is', (endpoint) => expect(isLoopback(endpoint)).toBe(true))

  it.each([
    'tcp://*:5000',
    'tcp://0.0.0.0:5000',
    'tcp://10.0.0.1:5000',
    'tcp://127.0.0.1.example.org:5000',
    'tcp://localhost.example.org:5000',
    'tcp://[::]:5000',
    'tcp://128.0.0.1:5000',
    'tcp://127.0.0.1',
    'nonsense',
  ])('%s is not', (endpoint) => expect(isLoopback(endpoint)).toBe(false))
})

it('normalizeEndpoint formats equal endpoints equally', () => {
  expect(normalizeEndpoint('tcp://DB.example.org:05000')).toBe('tcp://db.example.org:5000')
  expect(normalizeEndpoint('ipc:///tmp/A')).toBe('ipc:///tmp/A')
})

describe('parseEndpoint', () => {
  it.each([
    ['tcp://db:5000', { scheme: 'tcp', host: 'db', port: 5000 }, 'tcp://db:5000'],
    ['tcp://*:*', { scheme: 'tcp', host: '*', port: 0 }, 'tcp://*:0'],
    ['ipc:///tmp/a', { scheme: 'ipc', name: '/tmp/a' }, 'ipc:///tmp/a'],
    ['inproc://a', { scheme: 'inproc', name: 'a' }, 'inproc://a'],
  ])('parses %s, and formatEndpoint formats it', (text, parsed, formatted) => {
    const endpoint = parseEndpoint(text)
    expect(endpoint).toEqual(parsed)
    expect(endpoint && formatEndpoint(endpoint)).toBe(formatted)
  })
})
