/** Describes an error of `JSON.parse` with its line and column. */
import { positionText } from './text-position.ts'

/**
 * Describes an error of `JSON.parse` as `line 3, column 5: Unexpected token ']'`.
 *
 * The wording is V8's, and differs between versions. Where no position can be found, the message of
 * the error is returned as it is.
 *
 * @param text the text that was parsed
 */
export function describeJsonError(text: string, error: unknown): string {
  const message = messageOf(error).replaceAll(/\p{Cc}/gu, (control) =>
    JSON.stringify(control).slice(1, -1),
  )
  const position = errorPosition(text, error)
  if (position === undefined) return message
  // The line and column replace V8's position, and its excerpt of the text.
  const reason = message.replace(/ in JSON at position .*|, (?:\.{3})?".* is not valid JSON$/, '')
  return `${positionText(text, position)}: ${reason}`
}

/**
 * V8 gives no position for an unexpected token. It is found by bisection: a prefix of the text that
 * ends before the error fails at its own end, a longer one fails earlier.
 */
function errorPosition(text: string, error: unknown): number | undefined {
  const reported = reportedPosition(text, error)
  if (reported !== undefined) return reported
  if (!failsAtEnd('')) return undefined
  let valid = 0
  let invalid = text.length
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2)
    if (failsAtEnd(text.slice(0, middle))) valid = middle
    else invalid = middle
  }
  return valid
}

function failsAtEnd(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    return reportedPosition(text, error) === text.length
  }
}

function reportedPosition(text: string, error: unknown): number | undefined {
  const message = messageOf(error)
  if (message.startsWith('Unexpected end of JSON')) return text.length
  const [, position] = / in JSON at position (\d+)/.exec(message) ?? []
  return position === undefined ? undefined : Number(position)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
