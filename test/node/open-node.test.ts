/** `openNode`: the configs that it takes, and its defaults. */
import { describe, expect, it } from 'vitest'
import { World, endpointOf } from './world.ts'
import { decodeConfig } from '../../src/config/decode-config.ts'
import { firstValueFrom } from 'rxjs'
import { memoryTransport } from '../../src/transports/memory/memory-transport.ts'
import { openNode } from '../../src/node/open-node.ts'
import { systemEnvironment } from '../../src/ports/system.ts'

const FILE_CONTENT = {
  peers: [1, 2].map((pid) => ({ pid, endpoint: endpointOf(pid) })),
  bufSize: 7,
}

describe('openNode', () => {
  it('takes the content of a config file, or a config that is already decoded', () => {
    const world = new World()
    const { environment } = world
    const options = { environment, transport: world.transport() }
    const one = openNode(FILE_CONTENT, 1, options)
    const two = openNode(decodeConfig(FILE_CONTENT), 2, options)
    world.nodes.push(one, two)
    world.run(1_000)
    expect([...one.links.value, ...two.links.value]).toMatchObject([
      [2, { state: 'up' }],
      [1, { state: 'up' }],
    ])
    world.end()
  })

  it('runs in the environment of the system by default', async () => {
    const node = openNode(FILE_CONTENT, 1, { transport: memoryTransport(systemEnvironment) })
    expect(await firstValueFrom(node.bound())).toBe(endpointOf(1))
    await node.close()
  })

  it('takes the limits of the config, and those of the options before them', () => {
    const world = new World()
    const { environment } = world
    const transport = world.transport()
    const one = openNode(FILE_CONTENT, 1, { environment, transport, overflow: 'drop-newest' })
    const reasons: string[] = []
    one.deadLetters.subscribe(({ reason }) => reasons.push(reason))
    for (let msg = 0; msg < 8; msg++) one.outbox.next({ pid: 2, msg })
    expect(reasons).toEqual(['queue-full'])
    world.nodes.push(one)
    world.end()
  })

  it('refuses a wrong config before anything is opened', () => {
    const options = { transport: new World().transport() }
    const open = (config: unknown, pid = 1) => {
      return () => openNode(config as never, pid, options)
    }
    const invalid = (code: string, message: unknown) => expect.objectContaining({ code, message })
    expect(open({ peers: [] })).toThrow(invalid('CONFIG_INVALID', expect.anything()))
    expect(open('cluster.json')).toThrow(
      invalid('CONFIG_INVALID', expect.stringContaining('use createNode')),
    )
    expect(open(FILE_CONTENT, 3)).toThrow(invalid('PID_NOT_IN_CONFIG', expect.anything()))
    const public1 = { peers: [{ pid: 1, endpoint: 'tcp://10.0.0.1:5000' }] }
    expect(open(public1)).toThrow(invalid('INSECURE_BIND', expect.anything()))
  })
})
