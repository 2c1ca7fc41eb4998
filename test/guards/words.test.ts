/** Banned words: former words of the glossary and vague subjects, each with what to write instead. */
import { describe, expect, it } from 'vitest'
import { filesIn, read } from './sources.ts'

const SELF = 'test/guards/words.test.ts'

/** A finding: where, which word, what to write instead. */
interface Finding {
  readonly line: number
  readonly word: string
  readonly instead: string
}

/**
 * Returns the banned words of a text.
 *
 * `delPeer` and `turned-away` count as `del peer` and `turned away`, so that a name is no way
 * around the list. A phrase is found across a line break, too.
 */
function bannedIn(text: string): readonly Finding[] {
  const lines = text.split('\n')
  const plain = lines.map(plainWords)
  return plain.flatMap((line, index) => {
    const next = (plain[index + 1] ?? '').split(' ').slice(0, 2).join(' ')
    const found = [...`${line} `.matchAll(BANNED_WORD)].map(([word]) => word)
    const wrapped = [...`${line} ${next}`.matchAll(BANNED_WORD)]
      .filter(({ 0: word, index: at }) => at < line.length && at + word.length > line.length)
      .map(([word]) => word)
    const identifiers = IDENTIFIERS.flatMap(([name, instead]) =>
      new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(lines[index] ?? '')
        ? [{ line: index + 1, word: name, instead }]
        : [],
    )
    const words = [...found, ...wrapped].map((word) => ({
      line: index + 1,
      word,
      instead: replacementOf(word),
    }))
    return [...words, ...identifiers]
  })
}

/** Splits names into words, drops comment marks, and lowers the case. */
function plainWords(line: string): string {
  return line
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_*#>/`]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

function replacementOf(word: string): string {
  const [, instead = ''] =
    WORDS.find(([pattern]) => new RegExp(`^(?:${pattern})$`).test(word)) ?? []
  return instead
}

const FILES = ['src', 'test', 'docs', 'examples', 'marbles']
  .flatMap(filesIn)
  .filter((path) => /\.(ts|js|py|md|txt|json)$/.test(path) && path !== SELF)

describe('the words', () => {
  it('of code, tests and documents are those of the glossary', () => {
    expect(FILES.length).toBeGreaterThan(400)
    const found = [...FILES, 'README.md'].flatMap((path) =>
      bannedIn(read(path)).map(({ line, word, instead }) => `${path}:${line} ${word}: ${instead}`),
    )
    expect(found).toEqual([])
  })

  it('are looked up without regard to case, name style and line breaks', () => {
    const wordsOf = (text: string): readonly string[] => bannedIn(text).map(({ word }) => word)
    expect(wordsOf('Whoever listens')).toEqual(['whoever'])
    expect(wordsOf('const mailroomOwner = 1')).toEqual(['mailroom'])
    expect(wordsOf("type: 'turned-away'")).toEqual(['turned away'])
    expect(wordsOf(' * for so\n * long')).toEqual(['for so long'])
    expect(wordsOf('node.delPeer(3)')).toEqual(['delPeer'])
    expect(wordsOf('overlap, mailbox, groupByPeer, a dead letter')).toEqual([])
  })

  it('have a replacement each', () => {
    for (const [pattern, instead] of [...WORDS, ...IDENTIFIERS])
      expect(instead, pattern).not.toBe('')
  })
})

/** Patterns over plain words. */
const WORDS: readonly (readonly [string, string])[] = [
  // Vague subjects and quantities
  ['who(?:so|m)?ever', 'name the subject: the receiver, a caller'],
  ['(?:some|no|every|any)body', 'name the subject: a peer, every node, no caller'],
  ['those who|one who|he who', 'name the subject'],
  ['so man(?:y|ieth)', 'up to N, at least N, every Nth'],
  ['for so long|so long as', 'for N ms, while'],
  ['tells? whether', 'returns whether'],
  // Verbs that code does not do
  ['tells?|told', 'emit, notify, call, report'],
  ['hears?|heard', 'receive, observe'],
  ['bur(?:y|ies|ied)', 'dead-letter'],
  ['greet(?:s|ed|ing|ings)?', 'offer, handshake'],
  ['h(?:a|u)ng(?:s|ing)? up', 'disconnect'],
  ['knock(?:s|ed|ing)?', 'retry'],
  ['deaf(?:en)?', 'paused, not listening'],
  ['mend(?:s|ed|ing)?', 'restore'],
  ['withdrawn?|withdrew', 'cancel'],
  // Former words of the glossary
  ['mailrooms?', 'dispatcher'],
  ['mails?', 'envelope, message, entry'],
  ['pigeonholes?', 'peer outbox'],
  ['post offices?', 'node'],
  ['receptions?', 'receiver'],
  ['farewells?', 'shutdown'],
  ['stampers?', 'encoder'],
  ['ledgers?', 'counters'],
  ['stanzas?', 'marble test'],
  ['crews?', 'worker pool'],
  ['puppets?', 'scripted peer'],
  ['mortals?', 'killable'],
  ['cones?', 'causal history'],
  ['terrains?', 'network conditions'],
  ['cargos?|parcels?', 'packet'],
  ['laps?', 'generation of a transmission; round'],
  ['doubtful', 'in doubt'],
  ['under ?way', 'in flight'],
  ['dice|chances?', 'random, probability'],
  ['strangers?', 'non-member, unknown'],
  ['newcomers?', 'pending join, new'],
  ['strays?', 'nondeterminism'],
  ['standstills?', 'livelock'],
  ['turn(?:s|ed)? away', 'refuse'],
  ['unheard', 'unobserved'],
  ['lagged', 'event-loop lag'],
  ['ancestors?', 'the Go package; computed addresses; causes'],
  ['squatters?', 'port taken'],
  ['reborn', 'sender restarts'],
  ['carriable', 'encodable'],
  ['oddit(?:y|ies)', 'anomaly'],
  ['alarms?', 'deadline timer'],
]

/** Exact former names. */
const IDENTIFIERS: readonly (readonly [string, string])[] = [
  ['delPeer', 'removePeer'],
  ['byPeer', 'groupByPeer'],
  ['ofType', 'decodeMessage'],
  ['peerGoneMs', 'peerTimeoutMs'],
  ['peer-gone', 'peer-timeout'],
  ['say-hello', 'hello-required'],
  ['welcomed', 'accepted-by-peer'],
]

const BANNED_WORD = new RegExp(`\\b(?:${WORDS.map(([pattern]) => pattern).join('|')})\\b`, 'g')
