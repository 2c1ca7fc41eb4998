/** Helpers that collect the values of a stream. */

/** Subscribes, and returns an array that grows with each value. */
export function collect<T>(stream: { subscribe(next: (value: T) => void): unknown }): T[] {
  const values: T[] = []
  stream.subscribe((value) => values.push(value))
  return values
}

/** Returns the messages of envelopes. */
export function msgs(values: readonly { readonly msg: unknown }[]): unknown[] {
  return values.map(({ msg }) => msg)
}
