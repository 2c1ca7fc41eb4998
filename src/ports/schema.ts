/** The schema port: what decodes messages. */

/**
 * An object or function with the Standard Schema interface, version 1: zod, valibot, arktype and
 * others. It is copied here so that the types of this package import no other package.
 *
 * @see https://standardschema.dev
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (
      value: unknown,
    ) => StandardResult<Output> | PromiseLike<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** The result of a Standard Schema. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

/** One problem of a value; the path is that of the property it is about. */
export interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** Decodes a message: an io-ts codec, or any object with such a `decode`. */
export interface Decoder<A> {
  readonly decode: (input: unknown) => DecodeResult<A>
}

/** The result of a decoder: an Either of fp-ts. */
export type DecodeResult<A> =
  { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A }

/** Returns whether a value has a type: a type guard of TypeScript. */
export type TypeGuard<A> = (value: unknown) => value is A

/** An io-ts codec, a Standard Schema, or a type guard. */
export type Schema<Output = unknown> =
  Decoder<Output> | StandardSchema<unknown, Output> | TypeGuard<Output>

/** Any schema, to infer its types from. */
export type AnySchema =
  Decoder<unknown> | { readonly '~standard': StandardSchema['~standard'] } | TypeGuard<unknown>

/** The type of the values that a schema returns. */
export type OutputOf<S> = S extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined }
}
  ? Output
  : S extends Decoder<infer Output>
    ? Output
    : S extends TypeGuard<infer Output>
      ? Output
      : never

/** The type of the values that a schema accepts; of an io-ts codec, what `encode` returns. */
export type InputOf<S> = S extends {
  readonly '~standard': { readonly types?: { readonly input: infer Input } | undefined }
}
  ? Input
  : S extends { readonly _O: infer Encoded }
    ? Encoded
    : OutputOf<S>
