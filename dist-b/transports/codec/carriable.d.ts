/** How a message can be written. */
export type Carriable = 
/** As it is. */
'plain'
/** Something in it has to be written in bytes of its own: -0, a bigint, a Date. */
 | 'special';
/**
 * Looks at everything in a message, once.
 *
 * @throws NotEncodable with the path of the first thing that cannot be carried
 */
export declare function checkCarriable(msg: unknown): Carriable;
