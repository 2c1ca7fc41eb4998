import { type Codec } from '../../ports/codec.ts';
/**
 * A codec for null, boolean, number, string, bigint within 64 bits, `Uint8Array`, `Date`,
 * `undefined`, arrays and plain objects. Everything else is refused with its path.
 *
 * The bytes are plain MessagePack, with the extension types of `extensions.ts`.
 */
export declare function messagePack(): Codec;
