/** What a stream has emitted so far. */

/** Subscribes, and collects what comes. */
export function collect<T>(stream: { subscribe(next: (value: T) => void): unknown }): T[] {
  const all: T[] = []
  stream.subscribe((value) => all.push(value))
  return all
}

/** The messages alone. */
export function msgs(all: readonly { readonly msg: unknown }[]): unknown[] {
  return all.map(({ msg }) => msg)
}
