/**
 * Compares the peers there are with those that are wanted.
 *
 * @param open the endpoint that each present peer is reached at
 * @param wanted everyone but me
 */
export function reconcile(open, wanted) {
    const peers = [...wanted.values()];
    return {
        close: [...open.keys()].filter((pid) => !wanted.has(pid)),
        open: peers.filter((peer) => !open.has(peer.pid)),
        move: peers.filter((peer) => open.has(peer.pid) && open.get(peer.pid) !== peer.endpoint),
    };
}
