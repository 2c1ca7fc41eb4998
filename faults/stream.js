/** A stream between two processes through proxies that inject faults, and its verdict. */
import { withHarness } from './run-harness.js'

const SENDER = 1
const RECEIVER = 2

/**
 * Sends messages, and injects faults into the connections or processes meanwhile.
 *
 * @param settings `messages`, `directions` (`both`: the receiver sends as many back), `size` (of a
 *   message), `seconds` (the time limit), `worker` (the program)
 * @param injectFaults gets `{ sender, receiver, proxies, grant }`: the children, one proxy per
 * direction, and a function that raises how many messages may be sent. When it returns, the rest is
 *   granted.
 * @returns the same fields for every scenario
 */
export async function stream(settings, injectFaults) {
  const { messages, directions = 'one', size, seconds, worker = 'worker.js' } = settings
  return withHarness(seconds, async (harness) => {
    const [sender, receiver] = await Promise.all([
      harness.start('sender', worker, { pid: SENDER, size }),
      harness.start('receiver', worker, { pid: RECEIVER, size }),
    ])
    const ports = [receiver.hello.port, sender.hello.port]
    const proxies = await Promise.all(ports.map((port) => harness.proxy(port)))
    await receiver.ask('peer', { pid: SENDER, port: proxies[1].port })
    await sender.ask('peer', { pid: RECEIVER, port: proxies[0].port })
    await sender.ask('ready')
    const forward = { from: sender, pid: SENDER, to: receiver, toPid: RECEIVER }
    const back = { from: receiver, pid: RECEIVER, to: sender, toPid: SENDER }
    const all = directions === 'both' ? [forward, back] : [forward]
    const grant = (count) => {
      for (const { from } of all) {
        from.send('grant', { messages: Math.min(messages, Math.floor(count)) })
      }
    }
    const flooded = Promise.all(
      all.map(({ from, toPid }) => from.ask('flood', { to: toPid, messages })),
    )
    const faults = injectFaults({ sender, receiver, proxies, grant })
    const extra = await Promise.race([faults, onlyRejects(flooded)])
    grant(messages)
    const floods = await flooded
    const verdicts = []
    for (const direction of all) verdicts.push(await verdictOf(direction, messages))
    await Promise.all([sender.close(), receiver.close()])
    const took = Math.max(...floods.map((flood) => flood.seconds))
    const perSecond = Math.round((messages * all.length) / took)
    return { ...extra, ...sumOf(verdicts), perSecond, seconds: Math.round(took * 100) / 100 }
  })
}

/**
 * Grants half of the messages, runs `act` while they arrive, and grants the other half meanwhile.
 */
export async function halfway(messages, { receiver, grant }, act) {
  grant(messages / 2)
  await receiver.ask('reach', { count: Math.floor(messages / 4) })
  const done = act()
  grant(messages)
  return done
}

/**
 * Checks one direction. The receiver's log has nothing lost, duplicated, reordered or damaged; the
 * sender has no dead letters, and `sent = delivered`.
 */
async function verdictOf({ from, pid, to }, sent) {
  const { gaps, ...summary } = await to.ask('summary', { sender: pid, sent })
  const { delivered, dead, inFlight, deadLetters, violations } = await from.ask('report')
  const unknown = deadLetters.filter(([, , outcome]) => outcome === 'unknown').length
  const { lost, duplicated, reordered, damaged, unsent } = summary
  const problems = []
  const none = (count, what) => count > 0 && problems.push(`${from.name}: ${count} ${what}`)
  none(lost, `lost: ${gaps.join(', ')}`)
  none(duplicated, 'duplicated')
  none(reordered, 'reordered')
  none(damaged, 'damaged')
  none(unsent, 'delivered that were never sent')
  none(deadLetters.length, `dead: ${JSON.stringify(deadLetters.slice(0, 3))}`)
  none(violations, 'violations of sent = delivered + dead + inFlight')
  if (delivered !== sent || dead !== 0 || inFlight !== 0) {
    problems.push(
      `of ${sent} sent, the ${from.name} counts ${delivered} delivered, ` +
        `${dead} dead, ${inFlight} in flight`,
    )
  }
  return { messages: sent, lost, duplicated, reordered, damaged, dead, unknown, problems }
}

/** Adds the figures of both directions. */
function sumOf(verdicts) {
  const sum = (key) => verdicts.reduce((total, verdict) => total + verdict[key], 0)
  const { problems: _, ...figures } = verdicts[0]
  const problems = verdicts.flatMap((verdict) => verdict.problems)
  const sums = Object.fromEntries(Object.keys(figures).map((key) => [key, sum(key)]))
  return { ...sums, ok: problems.length === 0, problems }
}

/** Rejects as `flooded` does, and never resolves: the flood ends only after the last grant. */
async function onlyRejects(flooded) {
  await flooded
  return new Promise(() => undefined)
}
