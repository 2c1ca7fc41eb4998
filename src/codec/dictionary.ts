/** Objects that V8 keeps as hash tables. */

/**
 * Creates an empty object without a hidden class: V8 keeps it as a hash table from the start.
 *
 * It has the prototype of other objects. V8 turns an object into a table when a property is deleted
 * that is not the last one.
 */
export function createDictionary(): Record<string, unknown> {
  const object: { first?: null; last?: null } = { first: null, last: null }
  delete object.first
  delete object.last
  return object
}
