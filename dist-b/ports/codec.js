/** The codec port: messages to bytes and back. */
/** A message holds something that cannot be carried. */
export class NotEncodable extends Error {
    name = 'NotEncodable';
    /** Where it stands: `msg.votes[2]`. */
    path;
    constructor(path, found) {
        super(`${path}: cannot carry ${found}`);
        this.path = path;
    }
}
