/** The version of the protocol that this library speaks. */
export const PROTOCOL_VERSION = 1;
/** The first byte of every frame. */
export const FRAME_TYPE = {
    hello: 1,
    join: 2,
    leave: 3,
    welcome: 4,
    refused: 5,
    data: 6,
    ack: 7,
    ping: 8,
    pong: 9,
    bye: 10,
};
/** Names every local node of a link at once, where a frame speaks of one. */
export const EVERYBODY = 0xffff_ffff;
/** The reasons of REFUSED, at the index that stands for them. */
export const REFUSALS = [
    'wrong-cluster',
    'wrong-version',
    'not-a-member',
    'wrong-pid',
    'superseded',
    'say-hello',
];
/** The reasons of a rejection, at the index that stands for them. */
export const REJECTIONS = ['undecodable', 'too-large', 'malformed'];
