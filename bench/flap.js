/** Messages through a proxy that cuts the line again and again: nothing is lost, and what that costs. */
import { median } from './rounds.js'
import { endAll } from '../faults/child.js'
import { run as resets, options as resetOptions } from '../faults/resets.js'

export const about = 'small objects over a line that is cut again and again'

export const options = {
  kills: { default: 10, about: 'how often the line is cut, with RST' },
  messages: { default: 100_000, about: 'messages per run' },
  runs: { default: 5, about: 'runs; the figure is their median' },
}

/** @returns what all runs lost, doubled and confused together, and the median of their speeds */
export async function run({ kills, messages, runs }, say) {
  const usual = Object.fromEntries(Object.entries(resetOptions).map(([name, one]) => [name, one.default]))
  const sums = { lost: 0, duplicated: 0, reordered: 0 }
  const speeds = []
  try {
    for (let round = 1; round <= runs; round++) {
      const result = await resets({ ...usual, kills, messages, seed: round })
      for (const name of Object.keys(sums)) sums[name] += result[name]
      speeds.push(result.perSecond)
      say(`round ${round} of ${runs}: ${result.perSecond.toLocaleString('en-US')}/s, lost ${result.lost}`)
    }
  } finally {
    await endAll()
  }
  return { name: 'flap', kills, messages, runs, ...sums, perSecond: median(speeds) }
}

/** What `run` returned, for people. */
export function lines({ kills, messages, lost, duplicated, reordered, perSecond }) {
  return [
    `  ${messages.toLocaleString('en-US')} messages, ${kills} cuts: lost ${lost}, duplicated ${duplicated}, reordered ${reordered}`,
    `  ${perSecond.toLocaleString('en-US')} messages/s (goal >= 100,000)`,
  ]
}
