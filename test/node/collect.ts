/** What a stream has emitted so far. */

/** Subscribes, and collects what comes. */
export function collect<T>(stream: { subscribe(next: (value: T) => void): unknown }): T[] {
  const values: T[] = []
  stream.subscribe((value) => values.push(value))
  return values
}

/** The messages alone. */
export function msgs(values: readonly { readonly msg: unknown }[]): unknown[] {
  return values.map(({ msg }) => msg)
}
