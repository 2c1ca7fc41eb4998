/**
 * Carries packets in one direction of a simulated connection: delays, loses, duplicates and
 * reorders them.
 */
import type { Packet } from './packets.ts'
import type { NetworkConditions } from './conditions.ts'
import type { Pid } from '../../../model/pid.ts'
import type { Random } from '../../../base/seeded-random.ts'
import { ScheduledTask, type VirtualClock } from '../time/virtual-clock.ts'
import { sampleDelayMs } from './sample-delay.ts'
import { toMicros } from '../time/micros.ts'

/** What a channel needs of the network that it is part of. */
export interface Medium {
  readonly clock: VirtualClock
  readonly conditions: NetworkConditions
  readonly random: Random
}

/** A packet on its way through a channel. */
class PacketOnWire extends ScheduledTask {
  readonly #channel: SimChannel
  readonly #packet: Packet
  readonly #generation: number

  constructor(channel: SimChannel, packet: Packet, generation: number) {
    super()
    this.#channel = channel
    this.#packet = packet
    this.#generation = generation
  }

  run(): void {
    this.#channel.arrive(this.#packet, this.#generation)
  }
}

/** Carries packets from one host to another, in order unless the conditions reorder them. */
export class SimChannel {
  readonly #medium: Medium
  readonly #from: Pid
  readonly #to: Pid
  /** Packets that wait while the path is blocked; undefined if none, which is the usual case. */
  #held: Packet[] | undefined = undefined
  /** Packets that are not reordered arrive at or after this time. */
  #lastArrivalMs = 0
  /** Earlier packets use the bandwidth until this time. */
  #busyUntilMs = 0
  /** Packets of an earlier generation are lost. */
  #generation = 0

  constructor(medium: Medium, from: Pid, to: Pid) {
    this.#medium = medium
    this.#from = from
    this.#to = to
  }

  get blocked(): boolean {
    return this.#medium.conditions.blocked(this.#from, this.#to)
  }

  send(packet: Packet): void {
    if (this.#held !== undefined || this.blocked) this.#hold(packet)
    else this.#transmit(packet)
  }

  /** Delivers a packet, unless its generation was discarded. */
  arrive(packet: Packet, generation: number): void {
    if (generation !== this.#generation) return
    // If the path was blocked meanwhile, TCP would send the packet again later.
    if (this.#held !== undefined || this.blocked) this.#hold(packet)
    else packet.arrive()
  }

  /** Sends the held packets, unless the path is still blocked. */
  resume(): void {
    const held = this.#held
    if (held === undefined || this.blocked) return
    this.#held = undefined
    for (const packet of held) this.#transmit(packet)
  }

  /** Drops all packets that have not arrived. */
  discard(): void {
    this.#generation++
    this.#held = undefined
  }

  #hold(packet: Packet): void {
    this.#held ??= []
    this.#held.push(packet)
  }

  #transmit(packet: Packet): void {
    const { conditions, random } = this.#medium
    const { drop, duplicate } = conditions.between(this.#from, this.#to)
    if (!packet.reliable && drop > 0 && random() < drop) return
    this.#schedule(packet)
    if (!packet.reliable && duplicate > 0 && random() < duplicate) this.#schedule(packet)
  }

  #schedule(packet: Packet): void {
    const { conditions, random, clock } = this.#medium
    const { delay, reorder, bandwidth } = conditions.between(this.#from, this.#to)
    const { nowMs } = clock
    if (bandwidth !== Infinity) {
      this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + (packet.bytes / bandwidth) * 1000
    }
    const delayMs = sampleDelayMs(delay, random)
    let atMs = Math.max(nowMs, this.#busyUntilMs) + delayMs
    if (!packet.reliable && reorder > 0 && random() < reorder) {
      // Later packets overtake this one.
      atMs = Math.max(atMs, this.#lastArrivalMs) + (1 + 2 * random()) * Math.max(1, delayMs)
    } else {
      atMs = Math.max(atMs, this.#lastArrivalMs)
      this.#lastArrivalMs = atMs
    }
    clock.schedule(toMicros(atMs), new PacketOnWire(this, packet, this.#generation))
  }
}
