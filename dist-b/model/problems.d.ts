/**
 * Problems: what is wrong with a config, each in a line that names the path, what was expected and
 * what was found.
 */
import { type Context, type Decoder, type Errors } from 'io-ts';
/**
 * The errors of an io-ts codec as lines.
 *
 * @param root what stands for the whole input in a path
 */
export declare function problemsOf(errors: Errors, root: string): string[];
/** The context of one item of a list. */
export declare function itemContext(context: Context, index: number, codec: Decoder<unknown, unknown>, item: unknown): Context;
/** A value in a few words, at a cost that does not depend on its size. */
export declare function describe(value: unknown): string;
