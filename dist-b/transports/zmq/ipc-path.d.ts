/**
 * Makes sure that a socket may be bound at `path`.
 *
 * libzmq unlinks whatever is there and binds: the mail of a living process would go to the
 * newcomer, and a plain file would be lost. So it is called first. The file that a killed process
 * left behind does not answer, and is in nobody's way. Two processes that start in the same instant
 * can still miss each other.
 *
 * @throws Error with the code `EADDRINUSE` where somebody listens, `EEXIST` where it is another
 *   kind of file
 */
export declare function requireFreePath(path: string): Promise<void>;
/**
 * Remembers the file that was bound just now; libzmq leaves it there for ever.
 *
 * @returns removes it, unless another one has taken its place. It must be called BEFORE the socket
 *   is closed: then the next one to bind there makes a file of its own, which is not this one.
 */
export declare function ownPath(path: string): () => void;
