/** The message of a defined request: `{ request: name, value }`; the reply refers to it by `re`. */

/** The message of a defined request. The form is part of the public protocol, and final. */
export interface RequestMessage<Value = unknown> {
  /** The name of the definition. */
  readonly request: string
  readonly value: Value
}

/** Returns whether a message is that of a defined request, of this name where one is given. */
export function isRequestMessage(msg: unknown, name?: string): msg is RequestMessage {
  if (typeof msg !== 'object' || msg === null) return false
  const { request } = msg as Partial<RequestMessage>
  if (typeof request !== 'string' || !('value' in msg) || Object.keys(msg).length !== 2)
    return false
  return name === undefined || request === name
}
