/** Recognizes secrets in texts, so that no error message repeats one that was passed by mistake. */
import { decodeZ85 } from './z85.ts'

const KEY_CHARACTERS = 40
const CLUSTER_SECRET = 'rxcs1_'
/** What has 40 characters and is no key: the address of a node, and a SHA-1 in hexadecimal. */
const HARMLESS = /^(?:(?:tcp|ipc|inproc|file):\/\/|[\da-f]{40}$|[\dA-F]{40}$)/

/** Returns whether a text may be the secret of a node or of a cluster, or contain the latter. */
export function looksSecret(text: string): boolean {
  if (text.includes(CLUSTER_SECRET)) return true
  const word = text.trim()
  if (word.length !== KEY_CHARACTERS || HARMLESS.test(word)) return false
  return decodeZ85(word) !== undefined
}

/** Describes a text that is not shown. */
export function describeHidden(text: string): string {
  return `a text of ${text.length} characters, which is not shown`
}
