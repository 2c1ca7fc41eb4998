/** The type of a request definition: its name, its schemas and their decoders. */
import type { Decode } from './decode-with.ts'
import { withMethods } from '../../model/check-arguments.ts'
import type { AnySchema, OutputOf } from '../../ports/schema.ts'

/** A kind of request: its name, and the schemas of its value and of its reply. */
export interface RequestDefinition<
  Request extends AnySchema = AnySchema,
  Reply extends AnySchema = AnySchema,
> {
  readonly name: string
  readonly request: Request
  readonly reply: Reply
  /** Decodes a value of a request. */
  readonly decodeRequest: Decode<OutputOf<Request>>
  /** Decodes a reply. */
  readonly decodeReply: Decode<OutputOf<Reply>>
}

/** Accepts what `defineRequest` returns. */
export const A_DEFINITION = withMethods(
  'what defineRequest returns',
  'decodeRequest',
  'decodeReply',
)
