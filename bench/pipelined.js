/** Questions and answers with many under way, answers per second: ours beside Moleculer, NATS and a bare socket. */
import { beside, inTurn, medians, ratio, table } from './rounds.js'
import { ends } from './pipelined-ends.js'
import { withNatsServer } from './nats-server.js'
import { withPair } from './pair.js'

export const about = 'questions and answers, 64 in flight'

export const options = {
  questions: { default: 100_000, about: 'questions per run, after a warm-up of a fifth as many' },
  inFlight: { default: 64, about: 'questions under way at any time' },
  runs: { default: 5, about: 'runs of each; the figure is their median' },
}

/** @returns what every contender reached, and ours against the fastest of its kind, and against the bare socket */
export async function run({ questions, inFlight, runs }, say) {
  const { reached, absent } = await withNatsServer((world) => {
    const measure = (name) => perSecond(name, world, questions, inFlight)
    return inTurn(Object.keys(ends), { runs, measure, say, draw: (value) => `${Math.round(value).toLocaleString('en-US')}/s` })
  })
  const { 'rx-cluster': ours, 'node net': net, ...others } = reached
  // Whoever is absent is not the fastest.
  const ratios = Object.values(others).map((theirs) => ratio(ours, theirs)).filter((value) => value !== null)
  const vsFastest = ratios.length === 0 ? null : Math.min(...ratios)
  return { name: 'pipelined', questions, inFlight, runs, perSecond: medians(reached), vsFastest, vsNet: ratio(ours, net), absent }
}

/** What `run` returned, for people. */
export function lines({ perSecond: reached, vsFastest, vsNet, absent }) {
  const rows = Object.fromEntries(Object.entries(reached).map(([name, value]) => [name, [value]]))
  return [...table(['answers/s'], rows, absent), beside('vsFastest', vsFastest, '>= 5'), beside('vsNet', vsNet)]
}

/** One run of one contender. */
function perSecond(name, world, questions, inFlight) {
  return withPair('pipelined', name, world, async ({ near }) => {
    await near.call('ask', Math.ceil(questions / 5), inFlight)
    const startMs = performance.now()
    await near.call('ask', questions, inFlight)
    return questions / ((performance.now() - startMs) / 1000)
  })
}
