/** Removes the keys of an options object whose value is undefined. */

/** Fields that may be left out or undefined. */
export type OptionalFields<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** What is left of a type where undefined counts as left out. */
export type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Returns a copy without the keys whose value is undefined, so that a spread keeps defaults. */
export function defined<T extends object>(options: T | undefined): Defined<T> {
  const entries = Object.entries(options ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Defined<T>
}
