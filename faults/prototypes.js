/** Tells whether a message has changed a prototype. */

/** Returns the properties of the prototypes that a message could reach. */
export function snapshotOfPrototypes() {
  const prototypes = [Object, Array, Date, Uint8Array, String, Number, Function, Buffer]
  return JSON.stringify(
    prototypes.map(({ prototype }) =>
      Reflect.ownKeys(prototype).map((key) => {
        const { value, ...rest } = Object.getOwnPropertyDescriptor(prototype, key)
        return [String(key), typeof value, rest]
      }),
    ),
  )
}
