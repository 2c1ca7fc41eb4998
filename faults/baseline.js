/**
 * The same resets with a raw DEALER and ROUTER, which lose messages. The checks must report these
 * losses; otherwise the results of all other scenarios prove nothing.
 */
import { options as resetOptions, run as resets } from './resets.js'

export const about = 'the same resets without rx-cluster: passes when losses are detected'

export const options = resetOptions

export const variants = [{}]

export async function run(settings) {
  const result = await resets(settings, { worker: 'raw-worker.js' })
  const ok = result.lost > 0 && !result.ok
  const problem = 'raw sockets lost nothing: the resets had no effect, or the log misses losses'
  return { ...result, ok, problems: ok ? [] : [problem] }
}
