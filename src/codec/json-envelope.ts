/** The content of envelopes as JSON, for recordings and `rx-cluster up --json`, and as text. */
import type { Envelope } from '../model/envelope.ts'
import { fromJson, toJson } from './json-message.ts'

/** What an envelope, or the event of one, says. */
type Content = Pick<Envelope, 'headers' | 'error' | 'msg'>

/** Converts `msg` of an envelope, or of its event. An error reply has none, but its `error`. */
export function contentToJson<E extends Content>(envelope: E): Omit<E, 'msg'> & { msg?: unknown } {
  const { msg, ...rest } = envelope
  return envelope.error === undefined ? { ...rest, msg: toJson(msg) } : rest
}

/** Converts `msg` back; it is undefined in an error reply. */
export function contentFromJson<E extends { readonly msg?: unknown; readonly error?: unknown }>(
  json: E,
): Omit<E, 'msg'> & { readonly msg: unknown } {
  return { ...json, msg: json.error === undefined ? fromJson(json.msg) : undefined }
}

/**
 * Writes the content as marble tests do: `"hi"`, `"hi" with {"trace":"1"}`, or
 * `error {"code":"FULL","message":"later"}`. Different contents have different texts.
 */
export function contentText({ msg, error, headers }: Content): string {
  const body = error === undefined ? JSON.stringify(toJson(msg)) : `error ${JSON.stringify(error)}`
  return body + headersText(headers)
}

/** Writes headers as marble tests do, with a blank in front; empty for none. */
export function headersText(headers: Content['headers']): string {
  const isEmpty = headers === undefined || Object.keys(headers).length === 0
  return isEmpty ? '' : ` with ${JSON.stringify(headers)}`
}
