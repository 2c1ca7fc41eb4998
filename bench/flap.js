/** Messages through a proxy that resets its connections repeatedly: losses and speed. */
import { median } from './contest.js'
import { endAll } from '../faults/child.js'
import { run as resets, options as resetOptions } from '../faults/resets.js'

export const about = 'small objects over connections that are reset repeatedly'

export const options = {
  kills: { default: 10, about: 'resets (RST) of all connections' },
  messages: { default: 100_000, about: 'messages per run' },
  runs: { default: 5, about: 'runs; the figure is their median' },
}

/** @returns the sums of lost, duplicated and reordered messages, and the median of the speeds */
export async function run({ kills, messages, runs }, log) {
  const usual = Object.fromEntries(
    Object.entries(resetOptions).map(([name, one]) => [name, one.default]),
  )
  const sums = { lost: 0, duplicated: 0, reordered: 0 }
  const speeds = []
  try {
    for (let round = 1; round <= runs; round++) {
      const result = await resets({ ...usual, kills, messages, seed: round })
      for (const name of Object.keys(sums)) sums[name] += result[name]
      speeds.push(result.perSecond)
      log(
        `round ${round} of ${runs}: ${result.perSecond.toLocaleString('en-US')}/s, lost ${result.lost}`,
      )
    }
  } finally {
    await endAll()
  }
  return { name: 'flap', kills, messages, runs, ...sums, perSecond: median(speeds) }
}

/** Draws the result of `run`. */
export function lines({ kills, messages, lost, duplicated, reordered, perSecond }) {
  return [
    `  ${messages.toLocaleString('en-US')} messages, ${kills} resets: lost ${lost}, duplicated ${duplicated}, reordered ${reordered}`,
    `  ${perSecond.toLocaleString('en-US')} messages/s (goal >= 100,000)`,
  ]
}
