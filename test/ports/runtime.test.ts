/** The scheduler of the runtime: its actions repeat, and can be cancelled, as those of RxJS. */
import { asyncScheduler, firstValueFrom, observeOn, of, take, timer, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { SchedulerAction } from 'rxjs'
import { runtimeScheduler } from '../../src/ports/runtime.ts'

describe.each([
  ['runtimeScheduler', runtimeScheduler],
  ['asyncScheduler', asyncScheduler],
])('%s', (_, scheduler) => {
  it('serves the operators of RxJS, which repeat its actions', async () => {
    const ticks = timer(0, 1, scheduler).pipe(take(3), toArray())
    expect(await firstValueFrom(ticks)).toEqual([0, 1, 2])
    const values = of('a', 'b').pipe(observeOn(scheduler), toArray())
    expect(await firstValueFrom(values)).toEqual(['a', 'b'])
  })

  it('does not run an action that was unsubscribed, also from within its work', async () => {
    const runs: string[] = []
    scheduler.schedule(() => runs.push('cancelled')).unsubscribe()
    scheduler.schedule(function (this: SchedulerAction<unknown>) {
      runs.push('work')
      this.unsubscribe()
      this.schedule()
    })
    await firstValueFrom(timer(5, scheduler))
    expect(runs).toEqual(['work'])
  })
})

it('runtimeScheduler ends an action with what was added to it, once its work schedules no more', async () => {
  const log: string[] = []
  await new Promise<void>((resolve) => {
    runtimeScheduler.schedule(function (this: SchedulerAction<number>, count = 0) {
      log.push(`work ${count}, closed: ${this.closed}`)
      if (count === 0) this.add(() => log.push('ended'))
      if (count === 0) this.add(this.schedule(1))
      else this.add(resolve)
    })
  })
  expect(log).toEqual(['work 0, closed: false', 'work 1, closed: false', 'ended'])
})
