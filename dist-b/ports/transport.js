/**
 * The transport port: frames between addresses.
 *
 * A frame is one or more parts that arrive together, in order, or not at all. A connection is one life
 * of a socket: it opens once, closes once, and never comes back; whoever wants another one connects again.
 * Frames of one connection arrive in the order they were sent in, and may be lost without a word when it closes.
 *
 * Every callback is synchronous and is called from a turn of its own, never from inside a call of this port.
 */
export {};
