"""A node: its ROUTER, its links, and the thread that owns all of its sockets."""

import contextlib
import itertools
import os
import queue
import re as regex
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from typing import Any, Callable

import zmq

from . import frames
from .frames import EVERYBODY, REFUSALS, Entry, Record
from .inbox import Arrival, Envelope, Inbox
from .incoming import MESSAGE_BYTES_MAX, Incoming
from .link import Link
from .messages import encode_message
from .outgoing import WELCOMED, Letter

QUEUE_MAX = 100_000
READ_AT_ONCE = 256
LOOPBACK = regex.compile(r'ipc://|tcp://(127\.|localhost:|\[::1\]:)')


class DeadLetter(Exception):
    """An envelope that will not arrive: `outcome` is `not-delivered`, or `unknown`."""

    def __init__(self, reason: str, outcome: str, detail: str) -> None:
        super().__init__(': '.join(filter(None, (reason, detail))))
        self.reason, self.outcome = reason, outcome


class Receipt(Future[int]):
    """What becomes of an envelope: done when it is taken; else its exception is a DeadLetter."""

    def __init__(self, pid: int, msg_id: int) -> None:
        super().__init__()
        self.pid, self.msg_id = pid, msg_id

    def tell(self, reason: str | None, outcome: str, detail: str) -> None:
        """Settles it."""
        if reason is None:
            self.set_result(self.msg_id)
        else:
            self.set_exception(DeadLetter(reason, outcome, detail))


class Node:
    """Its peers are known from the beginning; any thread may call `send` and `close`."""

    def __init__(self, pid: int, bind: str, peers: dict[int, str], *, cluster: str = 'default',
                 on_event: Callable[[dict[str, Any]], None] = lambda event: None,
                 insecure: bool = False) -> None:
        if not insecure and not LOOPBACK.match(bind):
            raise ValueError('others can reach that, and need no key: use insecure if they may')
        self.pid, self.cluster, self.incarnation = pid, cluster, os.urandom(8)
        self.inbox = Inbox(self._taken)
        self.poller = zmq.Poller()
        self._on_event = on_event
        self._told: dict[tuple[str, int | None], dict[str, str]] = {}
        self._context = zmq.Context()
        self._router = self.socket(zmq.ROUTER)
        self._router.bind(bind)
        self.endpoint = self._router.getsockopt_string(zmq.LAST_ENDPOINT)
        self._bell, self._rope = socket.socketpair()
        self._rope.setblocking(False)
        for one in (self._router, self._bell):
            self.poller.register(one, zmq.POLLIN)
        self._msg_ids, self._to_epochs = itertools.count(1000), itertools.count(1)
        self._mail: deque[tuple[int, Letter]] = deque()
        self._settled: deque[Arrival] = deque()
        self._records: dict[int, Incoming] = {}
        self._unreported: set[Incoming] = set()
        self._greeted: set[bytes] = set()  # the connections that have said HELLO
        self._turned_away: set[tuple[bytes, int]] = set()
        self._links = {to: Link(self, to, endpoint) for to, endpoint in peers.items()}
        self._close_by: float | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f'node-{pid}', daemon=True)
        self._thread.start()

    def __enter__(self) -> 'Node':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, pid: int, msg: Any, re: int | None = None) -> Receipt:
        """Sends a message; raises TypeError for what it cannot carry, and queue.Full."""
        if len(self._links[pid].session.queue) + len(self._mail) >= QUEUE_MAX:
            raise queue.Full(f'{QUEUE_MAX} envelopes wait already')
        entry = Entry(msg_id=next(self._msg_ids), re=re, body=encode_message(msg))
        receipt = Receipt(pid, entry.msg_id)
        self._mail.append((pid, Letter(entry, receipt.tell)))
        self._ring()
        if self._closed:
            self._bury_mail()
        return receipt

    def close(self, timeout: float = 5.0) -> None:
        """Waits so long until what is written is acknowledged, and says goodbye."""
        self._close_by = self._close_by or time.monotonic() + timeout
        self._ring()
        self._thread.join()

    def socket(self, kind: int) -> zmq.Socket:
        """A socket that drops nothing it should send, and notices when a host has vanished."""
        made = self._context.socket(kind)
        made.setsockopt(zmq.SNDHWM, 0)
        made.setsockopt(zmq.HEARTBEAT_IVL, 3000)
        made.setsockopt(zmq.HEARTBEAT_TIMEOUT, 6000)
        return made

    def tell(self, event: str, pid: int | None, **fields: str) -> None:
        """Tells of an event, unless it is what was told last of this peer."""
        if self._told.get((event, pid)) != fields:
            self._told[event, pid] = fields
            self._on_event({'event': event, 'pid': pid, **fields})
        if event == 'link' and fields['state'] == 'up':
            self._told.pop(('refused', pid), None)

    def decode(self, parts: list[bytes]) -> tuple[str, Record]:
        """Reads a frame, and tells of one that cannot be read."""
        try:
            return frames.decode(parts)
        except frames.FrameError as error:
            self.tell('bad-frame', None, detail=str(error))
            return '', Record()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # it rings already, or nobody is there any more
            self._rope.send(b'!')

    def _taken(self, arrival: Arrival) -> None:
        self._settled.append(arrival)
        self._ring()

    def _run(self) -> None:
        while not self._may_end():
            now = time.monotonic()
            due = min((link.due() for link in self._links.values()), default=now + 60)
            wait = min(due, self._close_by or due, now + 60) - now
            if self._bell.fileno() in dict(self.poller.poll(max(0, wait * 1000) + 1)):
                self._bell.recv(4096)
            while self._mail:
                pid, letter = self._mail.popleft()
                self._links[pid].session.queue.append(letter)
            self._read()
            self._settle()
            for link in self._links.values():
                link.tick(time.monotonic())
            self._report()
        self._farewell()

    def _may_end(self) -> bool:
        if self._close_by is None:
            return False
        sessions = [link.session for link in self._links.values()]
        busy = any(one.waiting and one.state == WELCOMED for one in sessions) or self._mail
        return not busy or time.monotonic() >= self._close_by

    def _farewell(self) -> None:
        for link in self._links.values():
            link.leave()
        self.inbox.freeze()
        self._settle()
        for connection in self._greeted:
            mine = [one for one in self._records.values() if one.connection == connection]
            self._answer(connection, 'bye', reports=[one.report() for one in mine])
        self._router.close(linger=1000)
        self._context.term()
        self._bell.close()
        self._rope.close()
        self._closed = True
        self._bury_mail()

    def _bury_mail(self) -> None:
        while self._mail:
            self._mail.popleft()[1].tell('closed', 'not-delivered', '')

    def _read(self) -> None:
        for _ in range(READ_AT_ONCE):
            try:
                connection, *parts = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            name, frame = self.decode(parts)
            if name in ('hello', 'join'):
                self._greet(connection, name, frame)
            elif name == 'data':
                for run in frame.runs:
                    self._take(connection, run)
            elif name == 'leave':
                for one in frame.sessions:
                    record = self._records.get(one.pid)
                    if record and (record.connection, record.epoch) == (connection, one.epoch):
                        del self._records[one.pid]
            elif name == 'ping':
                if frame.report:
                    records = [r for r in self._records.values() if r.connection == connection]
                    self._answer(connection, 'ack', reports=[one.report() for one in records])
                self._answer(connection, 'pong', token=frame.token)

    def _answer(self, connection: bytes, name: str, **fields: Any) -> None:
        self._router.send_multipart([connection, *frames.encode(name, **fields)], zmq.NOBLOCK)

    def _refuse(self, connection: bytes, nonce: int, pid: int, reason: str, detail: str) -> None:
        self._answer(connection, 'refused', nonce=nonce, pid=pid, reason=REFUSALS.index(reason),
                     detail=detail, known=[])

    def _greet(self, connection: bytes, name: str, frame: Record) -> None:
        reason = detail = ''
        if name == 'join':
            if connection not in self._greeted:
                reason, detail = 'say-hello', 'HELLO comes first'
        elif frame.version != frames.VERSION:
            reason, detail = 'wrong-version', f'version {frames.VERSION} is spoken here'
            frame = Record(nonce=0, nodes=[])
        elif frame.cluster != self.cluster:
            reason, detail = 'wrong-cluster', f'this is {self.cluster!r}, not {frame.cluster!r}'
        elif frame.to != self.pid:
            reason, detail = 'wrong-pid', f'this is {self.pid}, not {frame.to}'
        if reason:
            self._refuse(connection, frame.nonce, EVERYBODY, reason, detail)
            for one in frame.nodes:
                self.tell('turned-away', pid=one.pid, reason=reason, detail=detail)
            return
        self._greeted.add(connection)
        records = [self._admit(connection, frame.nonce, one) for one in frame.nodes]
        reports = [record.report() for record in records if record is not None]
        if reports or not frame.nodes:
            self._answer(connection, 'welcome', nonce=frame.nonce, pid=self.pid, features=0,
                         incarnation=self.incarnation, max_message_bytes=MESSAGE_BYTES_MAX,
                         reports=reports)

    def _admit(self, connection: bytes, nonce: int, one: Record) -> Incoming | None:
        """The record of a sender that greets, or None where it is refused."""
        record = self._records.get(one.pid)
        if one.pid not in self._links:
            self._turn_away(connection, nonce, one.pid, 'not-a-member', 'not a peer of mine')
            return None
        if record and record.incarnation != one.incarnation:
            self._turn_away(record.connection, 0, one.pid, 'superseded', 'a newer process is here')
            record = None
        if record and record.epoch > one.epoch:
            self._turn_away(connection, nonce, one.pid, 'superseded', 'an epoch of the past')
            return None
        if record is None or record.epoch < one.epoch:
            record = Incoming(one.pid, one.incarnation, one.epoch, next(self._to_epochs))
            self._records[one.pid] = record
        self._turned_away.discard((connection, one.pid))
        record.connection = connection
        record.known(one.settled)
        return record

    def _turn_away(self, connection: bytes, nonce: int, pid: int, reason: str, why: str) -> None:
        self._turned_away.add((connection, pid))
        self._refuse(connection, nonce, pid, reason, why)
        self.tell('turned-away', pid, reason=reason, detail=why)

    def _take(self, connection: bytes, run: Record) -> None:
        record = self._records.get(run.pid)
        if record is None or record.connection != connection:
            if (connection, run.pid) not in self._turned_away:
                self._turned_away.add((connection, run.pid))
                detail = 'this connection has no such session'
                self._refuse(connection, 0, EVERYBODY, 'say-hello', detail)
            return
        if (run.epoch, run.to_epoch) != (record.epoch, record.to_epoch):
            return
        before = record.settled
        for number, entry, msg in record.accept(run):
            life = record.incarnation.hex()
            envelope = Envelope(record.pid, life, entry.msg_id, entry.re, msg)
            self.inbox.put(Arrival(record, number, entry.size, envelope))
        if record.gap or record.settled != before:
            self._unreported.add(record)

    def _settle(self) -> None:
        while self._settled:
            arrival = self._settled.popleft()
            arrival.record.settle(arrival.number, arrival.size)
            self._unreported.add(arrival.record)

    def _report(self) -> None:
        """Acknowledges what has been settled since, and tells of gaps."""
        unreported, self._unreported = self._unreported, set()
        for record in unreported:
            if self._records.get(record.pid) is record:
                self._answer(record.connection, 'ack', reports=[record.report()])
