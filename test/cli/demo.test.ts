/** `rx-cluster demo`: its counts, its output, and the death of a process. */
import { describe, expect, it } from 'vitest'
import { RunningCommand, command } from './command.ts'
import { DeliveryCount } from '../../src/cli/demo/delivery-count.ts'
import { renderProgress } from '../../src/cli/demo/progress.ts'

describe('demo', () => {
  it('three processes: all messages arrive, and stdout is one JSON object', async () => {
    const { code, out, err } = await command('demo', '--peers', '3', '--messages', '500', '--json')
    expect([code, out.split('\n').length]).toEqual([0, 1])
    expect(JSON.parse(out)).toEqual({
      peers: 3,
      sent: 3000,
      delivered: 3000,
      dead: 0,
      lost: 0,
      duplicated: 0,
      seconds: expect.any(Number),
      perSecond: expect.any(Number),
    })
    expect(err).toContain('node 3 is ready')
  })

  it('ten processes: 90,000 of 90,000 messages arrive', async () => {
    const { out } = await command('demo', '--peers', '10', '--messages', '1000', '--json')
    expect(JSON.parse(out)).toMatchObject({
      sent: 90_000,
      delivered: 90_000,
      lost: 0,
      duplicated: 0,
    })
  })

  it('names the process that died, and exits with 1', async () => {
    const demo = new RunningCommand('demo', '--peers', '3', '--messages', '5000000')
    const line = await demo.line((one) => one.startsWith('node 2 is ready'))
    process.kill(Number(/process (\d+)/.exec(line)?.[1]), 'SIGKILL')
    const { code, err } = await demo.ended
    expect(code).toBe(1)
    expect(err).toContain('node 2 ended by SIGKILL')
  })

  it('ends its processes when it is interrupted', async () => {
    const demo = new RunningCommand('demo', '--peers', '2', '--messages', '5000000')
    const line = await demo.line((one) => one.startsWith('node 2 is ready'))
    const pid = Number(/process (\d+)/.exec(line)?.[1])
    demo.child.kill('SIGINT')
    expect((await demo.ended).code).toBe(130)
    const alive = (): boolean => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    await expect.poll(alive).toBe(false)
  })
})

describe('DeliveryCount', () => {
  it('counts lost, duplicated and invented messages, in any order', () => {
    const count = new DeliveryCount(3, 10)
    count.add(1, [
      [2, 0, 9],
      [3, 5, 9],
      [3, 0, 3],
    ])
    count.add(2, [
      [1, 0, 9],
      [3, 0, 9],
      [3, 2, 3],
    ])
    count.add(3, [
      [1, 0, 9],
      [2, 0, 9],
      [3, 0, 0],
      [4, 0, 0],
      [1, 10, 10],
    ])
    expect(count).toMatchObject({
      expected: 60,
      delivered: 59,
      lost: 1,
      duplicated: 2,
      invented: 3,
    })
    expect([1, 2, 3].map((pid) => count.receivedBy(pid))).toEqual([19, 20, 20])
  })
})

describe('renderProgress', () => {
  it('has a line with a bar for each process', () => {
    const rows = [
      { pid: 1, state: 'sending', sent: 1_500, received: 750, expected: 1_000 },
      { pid: 12, state: 'done', sent: 2_000, received: 1_000, expected: 1_000 },
    ] as const
    expect(renderProgress(rows)).toEqual([
      'pid  state       broadcasts    received',
      '  1  sending          1,500         750  ██████████████████░░░░░░ 75%',
      ' 12  done             2,000       1,000  ████████████████████████ 100%',
    ])
  })
})
