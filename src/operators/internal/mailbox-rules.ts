/** The rules of mailboxes as arguments. They allocate nothing: a request checks its mailbox. */
import type { Rule } from '../../model/check-arguments.ts'

type Parts = Readonly<Partial<Record<'inbox' | 'outbox' | 'peers' | 'links' | 'deliver', unknown>>>

/** Accepts mailboxes that replies can be sent with. */
export const A_REPLYING_MAILBOX: Rule = {
  expected: 'a node, or a mailbox with outbox',
  accepts: (value) => hasMethod((value as Parts | null | undefined)?.outbox, 'next'),
}

/** Accepts mailboxes that requests can be received and replied to with. */
export const A_HANDLING_MAILBOX: Rule = {
  expected: 'a node, or a mailbox with inbox and outbox',
  accepts: (value) =>
    A_REPLYING_MAILBOX.accepts(value) && hasMethod((value as Parts).inbox, 'subscribe'),
}

/** Accepts mailboxes that requests can be sent with. */
export const A_REQUESTING_MAILBOX: Rule = {
  expected: 'a node, or a mailbox with inbox, peers, links and deliver',
  accepts: (value) =>
    hasMethod(value, 'deliver') &&
    hasMethod((value as Parts).inbox, 'subscribe') &&
    hasMethod((value as Parts).peers, 'subscribe') &&
    hasMethod((value as Parts).links, 'subscribe'),
}

/** Accepts mailboxes that have everything. */
export const A_MAILBOX: Rule = {
  expected: 'a node, or a mailbox with inbox, outbox, peers, links and deliver',
  accepts: (value) => A_REPLYING_MAILBOX.accepts(value) && A_REQUESTING_MAILBOX.accepts(value),
}

function hasMethod(value: unknown, name: string): boolean {
  return (
    value !== undefined &&
    value !== null &&
    typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
  )
}
