/** Explores a scenario of `trials.js` with the built package. Arguments: name, seeds, cores. */
import { explore } from '../../../dist/testing.js'

const [name, seeds, cores] = process.argv.slice(2)
const scenario = new URL(`trials.js#${name}`, import.meta.url)
try {
  const { failure, ...counts } = await explore({
    scenario,
    seeds: Number(seeds),
    cores: Number(cores),
    shrink: { runs: 300 },
    progress: false,
  })
  const found = failure && { seed: failure.seed, replay: failure.replay, text: `${failure}` }
  console.log(JSON.stringify({ ...counts, failure: found }))
} catch (error) {
  console.log(JSON.stringify({ error: error.message }))
}
