import { bindable, isIpv6, written } from './address.js';
import { aside } from './aside.js';
import { problem, problemOf } from './problem.js';
import { readFrames } from './read-frames.js';
import { ownPath, requireFreePath } from './ipc-path.js';
import { watchEvents } from './watch-events.js';
/** A bound ROUTER. */
export class ZmqBinding {
    #sockets;
    #listener;
    #router;
    /** The path it holds, if it is bound to one. */
    #path;
    #removePath;
    #closing = false;
    #lingerMs = 0;
    constructor(sockets, endpoint, options, listener) {
        this.#sockets = sockets;
        this.#listener = listener;
        queueMicrotask(() => void this.#live(endpoint, options));
    }
    /**
     * Never waits: credit bounds what is under way, not a high-water mark. Whatever goes wrong, the
     * frame is lost, so the connection is as good as gone.
     */
    send(connection, frame) {
        const router = this.#router;
        if (router === undefined || this.#closing || frame.length === 0)
            return;
        const missed = () => this.#miss(connection);
        try {
            const message = [Buffer.from(connection, 'latin1'), ...frame];
            router.send(message).catch(missed);
        }
        catch {
            queueMicrotask(missed);
        }
    }
    close(lingerMs) {
        if (this.#closing)
            return;
        this.#closing = true;
        this.#lingerMs = lingerMs;
        if (this.#router !== undefined)
            void this.#release(this.#router);
    }
    async #live(endpoint, options) {
        let router;
        try {
            router = await this.#bound(endpoint, options);
        }
        catch (error) {
            return this.#fail(problemOf(error));
        }
        if (this.#closing)
            return this.#release(router);
        this.#router = router;
        const { lastEndpoint } = router;
        aside(() => this.#listener.bound(lastEndpoint ?? endpoint));
        await readFrames(router, (parts) => this.#hear(parts));
    }
    async #bound(endpoint, options) {
        const address = bindable(endpoint);
        if (address.scheme === 'ipc')
            await this.#claim(address.path);
        const router = this.#sockets.router(options, isIpv6(address));
        try {
            // On a thread of its own: nobody may touch the socket meanwhile.
            await router.bind(written(address));
            if (this.#path !== undefined)
                this.#removePath = ownPath(this.#path);
            return router;
        }
        catch (error) {
            router.close();
            throw error;
        }
    }
    async #claim(path) {
        const { paths } = this.#sockets;
        // libzmq picks a name of its own.
        if (path === '*')
            return;
        if (paths.has(path))
            throw problem('EADDRINUSE', `ipc://${path} is in use`);
        paths.add(path);
        this.#path = path;
        await requireFreePath(path);
    }
    #fail(error) {
        const closing = this.#closing;
        this.#closing = true;
        if (!closing)
            aside(() => this.#listener.failed(error));
        queueMicrotask(() => this.#end());
    }
    #hear(parts) {
        const name = parts.shift();
        if (this.#closing || name === undefined || parts.length === 0)
            return;
        const connection = name.toString('latin1');
        aside(() => this.#listener.frame(connection, parts));
    }
    #miss(connection) {
        if (!this.#closing)
            aside(() => this.#listener.gone(connection));
    }
    /**
     * Closes, and waits until the port is free. The socket is watched for its end only from here on:
     * an observer costs two descriptors, and a listener that runs out of them raises 190,000 events a
     * second.
     */
    async #release(router) {
        this.#removePath?.();
        router.linger = this.#lingerMs;
        const released = whenReleased(router);
        router.close();
        await released;
        this.#end();
    }
    #end() {
        if (this.#path !== undefined)
            this.#sockets.paths.delete(this.#path);
        aside(() => this.#listener.closed());
    }
}
/** Without a descriptor for an observer, the end is taken for granted. */
async function whenReleased(router) {
    try {
        await watchEvents(router.events, () => undefined);
    }
    catch {
        // Out of descriptors, or out of sockets.
    }
}
