/** Finds keys that occur twice in one object of a JSON text. */
import { describeValue } from '../base/describe-value.ts'
import { positionText } from './text-position.ts'

/** A string, with the colon behind it if it is a key; or the start or the end of an object. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g

/**
 * Returns a line for each key that its object has already: `line 3, column 5: expected each key
 * once, got "peers" as in line 1, column 3`.
 *
 * @param text valid JSON
 */
export function duplicateKeys(text: string): readonly string[] {
  const issues: string[] = []
  /** The offsets of the keys of each open object. */
  const objects: Map<string, number>[] = []
  for (const { 0: token, 1: literal, 2: colon, index } of text.matchAll(TOKEN)) {
    if (token === '{') objects.push(new Map())
    else if (token === '}') objects.pop()
    else if (literal !== undefined && colon !== undefined) {
      const key = JSON.parse(literal) as string
      const keys = objects.at(-1)
      const firstIndex = keys?.get(key)
      if (firstIndex === undefined) {
        keys?.set(key, index)
        continue
      }
      const first = positionText(text, firstIndex)
      const found = `got ${describeValue(key)} as in ${first}`
      issues.push(`${positionText(text, index)}: expected each key once, ${found}`)
    }
  }
  return issues
}
