/**
 * One connection in memory.
 *
 * A frame is copied when it is sent: whoever gets it may do with it what it wants, and a sender
 * that gives the same bytes to ten receivers, as a broadcast does, is not reached by what one of
 * them does to them.
 */
export class MemoryLine {
    id;
    /** As it was called. */
    endpoint;
    binding;
    #network;
    #calling;
    #open = true;
    /** Frames that are under way to the binding, or to the caller, are lost. */
    #lostThere = false;
    #lostBack = false;
    constructor(network, endpoint, binding, calling) {
        this.id = network.nextLine();
        this.endpoint = endpoint;
        this.binding = binding;
        this.#network = network;
        this.#calling = calling;
        network.add(this);
        binding.lines.set(this.id, this);
    }
    /** A frame from the caller to the binding. */
    there(frame) {
        if (!this.#passes(frame, this.binding.maxPartBytes))
            return;
        const copy = copyOf(frame);
        this.binding.turns.take(() => {
            if (!this.#lostThere)
                this.binding.hear(this.id, copy);
        });
    }
    /** A frame from the binding to the caller. */
    back(frame) {
        if (!this.#passes(frame, this.#calling.maxPartBytes))
            return;
        const copy = copyOf(frame);
        this.#calling.turns.take(() => {
            if (!this.#lostBack)
                this.#calling.caller.frame(copy);
        });
    }
    /** The caller hangs up: what it sent still arrives where it lingers, and nothing comes back. */
    hangUp(lingerMs) {
        this.#lostBack = true;
        this.#lostThere ||= lingerMs <= 0;
        this.#end('closed');
    }
    /** The binding closes: what it sent still arrives where it lingers, and nothing gets there. */
    drop(lingerMs) {
        this.#lostThere = true;
        this.#lostBack ||= lingerMs <= 0;
        this.#end(`${this.endpoint} has hung up`);
    }
    /** It breaks: frames in flight are lost both ways. */
    cut(reason) {
        this.#lostThere = true;
        this.#lostBack = true;
        this.#end(reason);
    }
    #passes(frame, maxPartBytes) {
        if (!this.#open || frame.length === 0)
            return false;
        if (frame.every((part) => part.byteLength <= maxPartBytes))
            return true;
        this.cut(`a part of a frame was larger than ${maxPartBytes} bytes`);
        return false;
    }
    #end(reason) {
        if (!this.#open)
            return;
        this.#open = false;
        this.#network.remove(this);
        this.binding.lines.delete(this.id);
        this.binding.turns.take(() => this.binding.miss(this.id));
        this.#calling.turns.take(() => this.#calling.caller.closed(reason));
    }
}
function copyOf(frame) {
    return frame.map((part) => new Uint8Array(part));
}
