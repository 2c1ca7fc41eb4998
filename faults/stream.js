/** A stream from one process to another, through proxies that can be broken, and the verdict on what has arrived. */
import { withCrew } from './crew.js'

const SENDER = 1
const RECEIVER = 2

/**
 * Sends so many messages, and does something to the line or to the processes meanwhile.
 *
 * @param settings `messages`, `ways` (`both`: as many go back), `size` (of a message), `seconds` (the limit), `worker` (the program)
 * @param mistreat gets `{ sender, receiver, line, grant }`: the children, the proxies (one for each direction), and what raises how
 *   many messages may be sent; the rest is granted when it returns
 * @returns what came of it: the same fields for every scenario
 */
export async function stream({ messages, ways = 'one', size, seconds, worker = 'worker.js' }, mistreat) {
  return withCrew(seconds, async (crew) => {
    const [sender, receiver] = await Promise.all([
      crew.start('sender', worker, { pid: SENDER, size }),
      crew.start('receiver', worker, { pid: RECEIVER, size }),
    ])
    const line = await Promise.all([crew.proxy(receiver.hello.port), crew.proxy(sender.hello.port)])
    await receiver.ask('peer', { pid: SENDER, port: line[1].port })
    await sender.ask('peer', { pid: RECEIVER, port: line[0].port })
    await sender.ask('ready')
    const there = { from: sender, pid: SENDER, to: receiver, toPid: RECEIVER }
    const back = { from: receiver, pid: RECEIVER, to: sender, toPid: SENDER }
    const all = ways === 'both' ? [there, back] : [there]
    const grant = (count) => {
      for (const { from } of all) from.tell('grant', { messages: Math.min(messages, Math.floor(count)) })
    }
    const flooded = Promise.all(all.map(({ from, toPid }) => from.ask('flood', { to: toPid, messages })))
    const told = await Promise.race([mistreat({ sender, receiver, line, grant }), neverEnds(flooded)])
    grant(messages)
    const floods = await flooded
    const verdicts = []
    for (const way of all) verdicts.push(await verdict(way, messages))
    await Promise.all([sender.close(), receiver.close()])
    const took = Math.max(...floods.map(({ seconds }) => seconds))
    const perSecond = Math.round((messages * all.length) / took)
    return { ...told, ...added(verdicts), perSecond, seconds: Math.round(took * 100) / 100 }
  })
}

/** Lets half of the messages go, and what is done is done in the middle of them; the other half comes meanwhile. */
export async function halfway(messages, { receiver, grant }, act) {
  grant(messages / 2)
  await receiver.ask('reach', { count: Math.floor(messages / 4) })
  const done = act()
  grant(messages)
  return done
}

/** Law: nothing lost, doubled, overtaken or damaged, counted by the receiver; nothing dead, and the books balance, at the sender. */
async function verdict({ from, pid, to }, sent) {
  const { holes, ...tally } = await to.ask('tally', { sender: pid, sent })
  const { delivered, dead, inFlight, letters, lawBroken } = await from.ask('report')
  const unknown = letters.filter(([, , outcome]) => outcome === 'unknown').length
  const { lost, duplicated, reordered, damaged, invented } = tally
  const problems = []
  const none = (count, what) => count > 0 && problems.push(`${from.name}: ${count} ${what}`)
  none(lost, `lost: ${holes.join(', ')}`)
  none(duplicated, 'duplicated')
  none(reordered, 'reordered')
  none(damaged, 'damaged')
  none(invented, 'taken that were never sent')
  none(letters.length, `dead: ${JSON.stringify(letters.slice(0, 3))}`)
  none(lawBroken, 'times sent was not delivered + dead + inFlight')
  if (delivered !== sent || dead !== 0 || inFlight !== 0) {
    problems.push(`of ${sent} sent, the ${from.name} counts ${delivered} delivered, ${dead} dead, ${inFlight} in flight`)
  }
  return { messages: sent, lost, duplicated, reordered, damaged, dead, unknown, problems }
}

/** One verdict for both directions. */
function added(verdicts) {
  const sum = (key) => verdicts.reduce((total, one) => total + one[key], 0)
  const { problems: _, ...figures } = verdicts[0]
  const problems = verdicts.flatMap((one) => one.problems)
  return { ...Object.fromEntries(Object.keys(figures).map((key) => [key, sum(key)])), ok: problems.length === 0, problems }
}

/** The flood ends only when everything was granted; should it fail, there is nothing to wait for. */
async function neverEnds(flooded) {
  await flooded
  return new Promise(() => undefined)
}
