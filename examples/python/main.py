"""A node of an rx-cluster in Python: joins, receives, sends, and prints one JSON object per line.

    python3 main.py --pid 2 --bind tcp://127.0.0.1:0 --peer 1=tcp://127.0.0.1:5001 --cluster orders

It needs Python 3.10 with zmq and msgpack (Debian: python3-zmq, python3-msgpack). SIGINT and SIGTERM
end it with exit code 0, after its envelopes are acknowledged. As a library: rx_cluster.
"""

import argparse
import base64
import json
import math
import signal
import sys
import threading
from datetime import datetime
from typing import Any

import zmq
from msgpack import Timestamp

from rx_cluster import DeadLetter, Envelope, Node
from rx_cluster.messages import SAFE, Token


def arguments() -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--pid', type=int, required=True, help='the pid of this node')
    parser.add_argument('--bind', default='tcp://127.0.0.1:0', help='where to listen (%(default)s)')
    parser.add_argument('--peer', type=peer, action='append', default=[], metavar='PID=ENDPOINT',
                        help='another node of the cluster; repeatable')
    parser.add_argument('--cluster', default='default', help='the cluster name (%(default)s)')
    parser.add_argument('--insecure', action='store_true', help='bind to more than loopback')
    parser.add_argument('--echo', action='store_true', help='send every message back')
    parser.add_argument('--fail', metavar='CODE', help='reply to every message with this error')
    parser.add_argument('--header', type=header, action='append', default=[], metavar='KEY=VALUE',
                        help='a header of what --send sends; repeatable')
    parser.add_argument('--send', type=int, default=0, metavar='N', help='send {"n": 1 … N} to all')
    parser.add_argument('--take', type=int, default=math.inf, metavar='N',
                        help='stop reading the inbox after N envelopes')
    return parser.parse_args()


def peer(value: str) -> tuple[int, str]:
    """Reads PID=ENDPOINT."""
    pid, _, endpoint = value.partition('=')
    if not pid.isdigit() or '://' not in endpoint:
        raise argparse.ArgumentTypeError(f'{value!r} is not like 1=tcp://127.0.0.1:5001')
    return int(pid), endpoint


def header(value: str) -> tuple[str, str]:
    """Reads KEY=VALUE."""
    key, _, text = value.partition('=')
    return key, text


def plain(message: Any) -> Any:
    """Returns a message as a JSON value."""
    if isinstance(message, dict):
        return {key: plain(value) for key, value in message.items()}
    if isinstance(message, list):
        return [plain(value) for value in message]
    if isinstance(message, bytes):
        return {'$bytes': base64.b64encode(message).decode()}
    if isinstance(message, datetime):
        return {'$date': message.isoformat()}
    if isinstance(message, (Token, Timestamp)):
        return {'$other': str(message)}
    if isinstance(message, int) and not -SAFE <= message <= SAFE:
        return {'$bigint': str(message)}
    if isinstance(message, float) and not math.isfinite(message):
        return {'$number': str(message)}
    return message


PRINTING = threading.Lock()


def print_line(event: dict[str, Any]) -> None:
    """Prints a line."""
    with PRINTING:
        print(json.dumps(event, ensure_ascii=False), flush=True)


def print_result(receipt: Any) -> None:
    """Prints the result of an envelope."""
    about = {'pid': receipt.pid, 'msgId': receipt.msg_id}
    error = receipt.exception()
    if isinstance(error, DeadLetter):
        print_line({'event': 'dead', **about, 'reason': str(error), 'outcome': error.outcome})
    else:
        print_line({'event': 'delivered', **about})


def fields_of(envelope: Envelope) -> dict[str, Any]:
    """Returns an envelope as the fields of a line."""
    fields: dict[str, Any] = {'pid': envelope.pid, 'msgId': envelope.msg_id}
    if envelope.re is not None:
        fields['re'] = envelope.re
    if envelope.headers:
        fields['headers'] = envelope.headers
    if envelope.error is not None:
        return {**fields, 'error': envelope.error}
    return {**fields, 'msg': plain(envelope.msg)}


def main() -> None:
    """Runs a node until a signal ends it."""
    options = arguments()
    peers = dict(options.peer)
    try:
        node = Node(options.pid, options.bind, peers, cluster=options.cluster, on_event=print_line,
                    insecure=options.insecure)
    except (ValueError, zmq.ZMQError) as error:
        sys.exit(f'cannot listen at {options.bind}: {error}')
    ended = threading.Event()

    def end(*_: object) -> None:
        ended.set()
        node.inbox.end()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    with node:
        print_line({'event': 'bound', 'pid': node.pid, 'endpoint': node.endpoint})
        for number in range(1, options.send + 1):
            for pid in peers:
                receipt = node.send(pid, {'n': number}, headers=dict(options.header))
                receipt.add_done_callback(print_result)
        for count, one in enumerate(node.inbox, 1):
            print_line({'event': 'received', **fields_of(one)})
            if options.echo:
                receipt = node.send(one.pid, one.msg, re=one.msg_id, headers=one.headers)
                receipt.add_done_callback(print_result)
            if options.fail and one.re is None:
                node.send_error(one.pid, one.msg_id, options.fail, 'on purpose')
            if count >= options.take:
                ended.wait()
    print_line({'event': 'closed'})


if __name__ == '__main__':
    main()
