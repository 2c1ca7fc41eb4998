import { BROADCAST } from '../model/pid.js';
import { ClusterError } from '../model/cluster-error.js';
import { createNode } from '../node/create-node.js';
import { Seen } from './demo-seen.js';
import { firstValueFrom } from 'rxjs';
/** How often it reports, in milliseconds. */
const REPORT_MS = 50;
/** Envelopes that may wait for one peer before the sender makes a pause. */
const WAITING_MAX = 2_000;
const [config = '', pid = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit(1));
// ^C on a terminal reaches every process; the parent decides how this one ends.
process.on('SIGINT', () => undefined);
try {
    await work(await createNode(config, Number(pid)));
}
catch (error) {
    const code = error instanceof ClusterError ? error.code : 'BUG';
    say({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
}
async function work(node) {
    let dead = 0;
    node.deadLetters.subscribe(() => dead++);
    const seen = new Seen(say);
    node.inbox.subscribe((envelope) => seen.add(envelope.pid, envelope.msg));
    const reports = setInterval(() => seen.report(), REPORT_MS);
    await firstValueFrom(node.ready());
    const orders = new Promise((resolve) => {
        process.on('message', (order) => {
            if (order.type === 'go')
                void broadcast(node, order.messages);
            else
                resolve();
        });
    });
    say({ type: 'ready' });
    await orders;
    clearInterval(reports);
    await node.close();
    seen.report();
    say({ type: 'done', sent: node.stats().sent, dead });
    process.disconnect();
}
/** Puts its messages into the outbox, numbered from 0, no faster than its peers take them. */
async function broadcast(node, messages) {
    let sequence = 0;
    while (sequence < messages) {
        const queued = Math.max(0, ...[...node.stats().peers.values()].map((peer) => peer.queued));
        const end = Math.min(messages, sequence + Math.max(0, WAITING_MAX - queued));
        while (sequence < end)
            node.outbox.next({ pid: BROADCAST, msg: sequence++ });
        say({ type: 'sent', count: sequence });
        await new Promise((resolve) => {
            setImmediate(resolve);
        });
    }
}
function say(report) {
    if (process.connected)
        process.send?.(report);
}
