/** Teeth: a raw DEALER and ROUTER under the same axe. What they lose has to be noticed, or else all other figures mean nothing. */
import { options as usual, run as resets } from './resets.js'

export const about = 'the same cuts without rx-cluster: right when the losses are seen'

export const options = usual

export const variants = [{}]

export async function run(settings) {
  const result = await resets(settings, { worker: 'raw-worker.js' })
  const ok = result.lost > 0 && !result.ok
  return { ...result, ok, problems: ok ? [] : ['raw sockets lost nothing: the axe is blunt, or the record is blind'] }
}
