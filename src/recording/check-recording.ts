/** Checks that an argument is a recording. */
import { type Rule, checkArgument } from '../model/check-arguments.ts'
import { isRecord } from '../config/strict-object.ts'

const A_RECORDING: Rule = {
  expected: 'a recording (node.recording() with recordEvents above 0, or parseRecording(text))',
  accepts: (value) =>
    isRecord(value) && ['events', 'peers'].every((field) => Array.isArray(value[field])),
}

/**
 * Checks an argument.
 *
 * @param call the name of the function, which stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkRecording(call: string, recording: unknown): void {
  checkArgument(call, 'recording', recording, A_RECORDING)
}
