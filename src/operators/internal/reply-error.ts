/** The error reply of a handler that failed. */
import type { Envelope, OutgoingEnvelope, ReplyError } from '../../model/envelope.ts'
import { reply } from '../../model/envelope.ts'

/** A longer text is cut: it is for people, and travels with each failure. */
const TEXT_LENGTH_MAX = 1_000

/** Creates the error reply to a request whose handler has thrown `error`. */
export function errorReply(
  request: Pick<Envelope, 'pid' | 'incarnation' | 'msgId'>,
  error: unknown,
): OutgoingEnvelope<undefined> {
  return { ...reply(request, undefined), error: replyErrorOf(error) }
}

/** Returns the code and the text of what was thrown: no stack, and no further property. */
function replyErrorOf(error: unknown): ReplyError {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly code?: unknown
    readonly message?: unknown
  }
  const text = typeof message === 'string' ? message : String(error)
  return {
    code: carried(typeof code === 'string' ? code : 'HANDLER_FAILED'),
    message: carried(text),
  }
}

function carried(text: string): string {
  return text.slice(0, TEXT_LENGTH_MAX).toWellFormed()
}
