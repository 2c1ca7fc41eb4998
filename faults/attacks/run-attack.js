/**
 * One attack: a node under attack, an honest peer of it, and the attacker. First nothing happens
 * (`base`), then the same attacker hits a bare ROUTER of another process (`control`), and then the
 * node (`attack`).
 */
import { connect, createServer } from 'node:net'
import { Child } from '../child.js'
import { formatKey } from '../../dist/keys/key-text.js'
import { freePort } from '../ports.js'
import { generateKeyPair } from '../../dist/keys/x25519.js'
import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const PIDS = { victim: 1, honest: 2, attacker: 3 }
/** As the generated frames say. */
const CLUSTER = 'fuzz'
const NICE = ['nice', '-n', '19']
const BASE_SECONDS_MAX = 3
const CONTROL_SECONDS_MAX = 10
const TALK_BYTES = 20_000
/** How long the attacker has to notice that its time is over. */
const GRACE_MS = 4_000
/** How long the honest peer has to settle all, more than `ttlMs`. */
const SETTLE_MS = 35_000
/** Documented: `closeTimeoutMs`, and what the process takes to end. */
const CLOSE_MS_MAX = 6_500
const RECORDED_BYTES = 4_096

/**
 * Runs an attack.
 *
 * @param as `outsider` or `member` with keys, or `anyone` without
 * @returns a row of the table
 */
export async function runAttack(attack, as, { seconds, hasControl }) {
  const run = new AttackRun(attack, as, seconds, hasControl)
  try {
    return await run.result()
  } finally {
    await run.end()
  }
}

class AttackRun {
  #attack
  #as
  #seconds
  #hasControl
  #keys
  #token = randomBytes(8).toString('hex')
  #children = []
  #relay
  #crash
  #honestPort = 0

  constructor(attack, as, seconds, hasControl) {
    this.#hasControl = hasControl
    this.#attack = attack
    this.#as = as
    this.#seconds = seconds
    if (as !== 'anyone') {
      const pairs = Object.keys(PIDS).map((name) => [name, generateKeyPair()])
      this.#keys = Object.fromEntries(pairs)
    }
  }

  async result() {
    const { descriptors, ends } = this.#attack
    const [listenPort, controlPort] = [await freePort(), await freePort()]
    const victim = await this.#start(
      'victim',
      this.#nodeSettings('victim', listenPort),
      descriptors,
    )
    const honest = await this.#startHonest(victim.hello.port)
    await victim.ask('peers', { honestPort: this.#honestPort })
    await honest.ask('connect')
    await honest.ask('phase', { name: 'base' })
    await sleep(1_000 * Math.min(BASE_SECONDS_MAX, this.#seconds / 2))

    let control
    if (this.#hasControl) {
      await victim.ask('begin')
      await honest.ask('phase', { name: 'control' })
      await this.#control(controlPort)
      control = await victim.ask('report')
    }

    const attacker = await this.#startAttacker(false, victim.hello.port, listenPort)
    const rssMb = await victim.ask('begin')
    await honest.ask('phase', { name: 'attack' })
    await victim.ask('talk')
    const over = this.#attackFor(attacker, this.#seconds)
    const ended = ends === undefined ? undefined : await this.#endVictim(victim, ends)
    const done = await over
    if (ended !== undefined) return this.#closedRow(ended, done)
    const settled = await honest.ask('stop', { timeoutMs: this.#crash ? 0 : SETTLE_MS })
    const report = this.#crash ? undefined : await victim.ask('report').catch(() => undefined)
    const taken = report && (await victim.ask('taken').catch(() => undefined))
    return this.#row({ control, report, rssMb, settled, taken: taken ?? [], done })
  }

  #row({ control, report, rssMb, settled, taken, done }) {
    const { sent, receipts, codes, p99 } = settled
    const known = new Set(taken)
    const confirmed = receipts.filter((sequence) => known.has(sequence)).length
    const crashed = this.#crash !== undefined
    return {
      ...this.#head(done),
      crashed,
      ...(crashed ? { crash: this.#crash } : {}),
      sent,
      receipts: receipts.length,
      lost: crashed ? 0 : sent - confirmed,
      falseReceipts: crashed ? 0 : receipts.length - confirmed,
      duplicates: report?.duplicates ?? 0,
      accepted: this.#accepted(report?.forged ?? {}),
      growthMb: report && Math.round(report.rssPeakMb - rssMb),
      loopDelayMs: report && rounded(report.loopDelayMs),
      loopDelayControlMs: rounded(control?.loopDelayMs),
      p99BaseMs: rounded(p99.base),
      p99AttackMs: rounded(p99.attack),
      p99ControlMs: rounded(p99.control),
      prototypesChanged: report?.prototypesChanged ?? false,
      codes,
      events: report?.events ?? {},
    }
  }

  #head(done) {
    const { name, letter, finding, abortsLibzmq } = this.#attack
    const hasDecision = abortsLibzmq !== undefined && this.#as !== 'outsider'
    return {
      attack: name,
      letter,
      as: this.#as,
      ...(finding === undefined ? {} : { finding }),
      ...(hasDecision ? { documented: abortsLibzmq } : {}),
      did: done,
    }
  }

  /** A victim that closes loses nothing by it; it must end in time, and as it should. */
  #closedRow({ code, signal, ms }, done) {
    const crashed = code !== 0 || ms > CLOSE_MS_MAX
    const how = `ended with ${signal ?? code} after ${ms} ms`
    return {
      ...this.#head(done),
      crashed,
      ...(crashed ? { crash: how } : {}),
      ...{ lost: 0, falseReceipts: 0, duplicates: 0, accepted: 0, closedMs: ms },
      prototypesChanged: false,
    }
  }

  /** What a member says under its own pid is accepted; under every other pid it is a spoof. */
  #accepted(forged) {
    const pids = Object.keys(forged).map(Number)
    const isOwn = (pid) => this.#as !== 'outsider' && pid === PIDS.attacker
    return pids.filter((pid) => !isOwn(pid)).reduce((sum, pid) => sum + forged[pid], 0)
  }

  async #endVictim(victim, how) {
    await sleep((this.#seconds * 1_000) / 2)
    const startMs = performance.now()
    const ended = await (how === 'close' ? victim.close() : victim.signal(how))
    return { ...ended, ms: Math.round(performance.now() - startMs) }
  }

  async #control(listenPort) {
    const { talks } = this.#attack
    const keys = this.#keys && {
      secretKey: formatKey(this.#keys.victim.secretKey),
      publicKey: formatKey(this.#keys.victim.publicKey),
      attackerKey: formatKey(this.#keys.attacker.publicKey),
      admitted: [this.#keys.attacker.publicKey, this.#keys.honest.publicKey].map(hex),
    }
    const settings = { keys, attackerPort: listenPort, talks, talkBytes: TALK_BYTES }
    // Some attacks end it: that is not what is checked.
    const router = await this.#child('bare ROUTER', 'bare-router', settings, { mayEnd: true })
    const attacker = await this.#startAttacker(true, router.hello.port, listenPort)
    await this.#attackFor(attacker, Math.min(CONTROL_SECONDS_MAX, this.#seconds))
    await router.kill()
  }

  async #attackFor(attacker, seconds) {
    const late = sleep(seconds * 1_000 + GRACE_MS, undefined, { ref: false })
    const over = attacker.ask('start', { seconds })
    const report = async () => (await attacker.ask('report').catch(() => undefined)) ?? {}
    const done =
      (await Promise.race([over.catch(() => undefined), late])) ??
      (await Promise.race([report(), sleep(1_000, {}, { ref: false })]))
    await attacker.kill()
    return done
  }

  #startAttacker(isControl, port, listenPort) {
    const keys = this.#keys
    return this.#child(
      'attacker',
      'attacker',
      {
        attack: this.#attack.name,
        ...{ isControl, port, listenPort, pids: PIDS, cluster: CLUSTER },
        isKeyed: keys !== undefined,
        secretKey: this.#as === 'member' ? hex(keys.attacker.secretKey) : undefined,
        serverKey: keys && formatKey(keys.victim.publicKey),
        serverKeyHex: keys && hex(keys.victim.publicKey),
        recorded: this.#relay?.recorded().toString('hex'),
      },
      { through: NICE, mayEnd: true },
    )
  }

  async #startHonest(victimPort) {
    let port = victimPort
    if (this.#attack.records) {
      this.#relay = await openRelay(victimPort)
      port = this.#relay.port
    }
    const settings = { ...this.#nodeSettings('honest'), victimPort: port }
    const honest = await this.#start('honest', settings)
    this.#honestPort = honest.hello.port
    return honest
  }

  #start(name, settings, descriptors) {
    // The shell is replaced by the child, which keeps its limit.
    const limited = ['sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`]
    return this.#child(name, name, settings, {
      through: descriptors === undefined ? [] : limited,
      onEnd: (error) => (this.#crash ??= error.message),
    })
  }

  #nodeSettings(name, attackerPort) {
    const keys = this.#keys
    const publicKeys =
      keys &&
      Object.fromEntries(
        Object.entries(keys).map(([who, { publicKey }]) => [who, formatKey(publicKey)]),
      )
    const secretKey = keys && formatKey(keys[name].secretKey)
    const { talks } = this.#attack
    const cluster = CLUSTER
    return { cluster, pids: PIDS, publicKeys, secretKey, token: this.#token, attackerPort, talks }
  }

  async #child(name, file, settings, { through, onEnd = () => undefined }) {
    const child = new Child(name, `./attacks/${file}.js`, settings, onEnd, through)
    this.#children.push(child)
    return Object.assign(child, { hello: await child.hello })
  }

  async end() {
    this.#relay?.close()
    await Promise.all(this.#children.map((child) => child.kill()))
  }
}

/** Forwards connections, and keeps the first bytes of the first caller. */
async function openRelay(targetPort) {
  const chunks = []
  const sockets = new Set()
  const server = createServer((caller) => {
    const target = connect(targetPort, '127.0.0.1')
    for (const socket of [caller, target]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => sockets.delete(socket))
    }
    let bytes = 0
    caller.on('data', (chunk) => {
      if (bytes < RECORDED_BYTES) chunks.push(chunk)
      bytes += chunk.length
    })
    caller.pipe(target).pipe(caller)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: server.address().port,
    recorded: () => Buffer.concat(chunks),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function hex(bytes) {
  return Buffer.from(bytes).toString('hex')
}

function rounded(ms) {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10
}
