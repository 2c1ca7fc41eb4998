/** Finds the mailbox that a typed mailbox wraps: `request` and `handle` bypass the schema. */
const rawMailboxes = new WeakMap<object, object>()

/** Remembers the mailbox behind a typed one. */
export function setRawMailbox(typed: object, raw: object): void {
  rawMailboxes.set(typed, raw)
}

/** Returns the mailbox behind a typed one; any other mailbox is its own. */
export function rawMailboxOf<M extends object>(mailbox: M): M {
  return (rawMailboxes.get(mailbox) as M | undefined) ?? mailbox
}
