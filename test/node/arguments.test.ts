/** Arguments of functions that no operator is: refused at the call, with INVALID_ARGUMENT. */
import { describe, expect, it } from 'vitest'
import { createNode } from '../../src/node/create-node.ts'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { openNode } from '../../src/node/open-node.ts'
import { reply } from '../../src/model/envelope.ts'
import { systemEnvironment } from '../../src/ports/system.ts'

const CONFIG = { peers: [{ pid: 1, endpoint: 'inproc://arguments' }] }
const transport = memoryTransport(systemEnvironment)
const invalid = (message: string): unknown =>
  expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(message) })

describe('a node', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'options: expected an object, got null'],
    ['a number', 5, 'options: expected an object, got 5'],
    ['an unusable transport', { transport: {} }, 'transport: expected a transport, got an object'],
    [
      'an unusable environment',
      { transport, environment: {} },
      'environment: expected an environment, got an object',
    ],
    [
      'an environment without a scheduler',
      { transport, environment: { ...systemEnvironment, scheduler: undefined } },
      'environment.scheduler: expected a scheduler of RxJS, got nothing',
    ],
    ['an unusable probe', { transport, probe: {} }, 'probe: expected a probe, got an object'],
  ])('refuses as options: %s', async (_name, options, message) => {
    await expect(createNode(CONFIG, 1, options as object)).rejects.toThrow(
      invalid(`createNode: ${message}`),
    )
    expect(() => openNode(CONFIG, 1, options as { transport: typeof transport })).toThrow(
      invalid(`openNode: ${message}`),
    )
  })

  it('needs a transport in openNode', () => {
    expect(() => openNode(CONFIG, 1, {} as { transport: typeof transport })).toThrow(
      invalid('openNode: transport: expected a transport, got nothing'),
    )
  })
})

it('reply needs an envelope, and memoryTransport microtask', () => {
  expect(() => reply(undefined as never, 'yes')).toThrow(invalid('reply: envelope: expected an'))
  expect(() => memoryTransport({} as never)).toThrow(invalid('memoryTransport: options: expected'))
})
