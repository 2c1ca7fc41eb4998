"""A node: its ROUTER, its links, and the thread that uses all of its sockets."""

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
from .frames import ANY_LISTENER, FEATURES, HAS_KEYS, HAS_TRUE_PID, PIDS_MAX, REFUSALS, REPORTS_MAX
from .frames import Entry, Record
from .inbox import Arrival, Envelope, Inbox
from .inbound_session import MESSAGE_BYTES_MAX, InboundSession
from .link import Link
from .messages import MESSAGE_VALUES_MAX, count_values, encode_message
from .outbound_session import ESTABLISHED, Delivery

QUEUE_MAX = 100_000
EPOCH_LEAP_MAX = 2**20
UNKNOWN_INCARNATION = bytes(8)
READ_MAX = 256
# They bound what peers make this node hold that never read, never finish the handshake or send
# parts without end. With ROUTER_MANDATORY an answer to a lost connection is an error.
ROUTER_OPTIONS = {zmq.ROUTER_MANDATORY: 1, zmq.SNDHWM: 4096, zmq.RCVHWM: 256,
                  zmq.MAXMSGSIZE: MESSAGE_BYTES_MAX + 2**20, zmq.HANDSHAKE_IVL: 2000}
LOOPBACK = regex.compile(r'ipc://|tcp://(127\.|localhost:|\[::1\]:)')


class DeadLetter(Exception):
    """An envelope without a receipt: `outcome` is `not-delivered` or `unknown`."""

    def __init__(self, reason: str, outcome: str, detail: str) -> None:
        super().__init__(': '.join(filter(None, (reason, detail))))
        self.reason, self.outcome = reason, outcome


class Receipt(Future[int]):
    """Resolves when the envelope is delivered; otherwise its exception is a DeadLetter."""

    def __init__(self, pid: int, msg_id: int) -> None:
        super().__init__()
        self.pid, self.msg_id = pid, msg_id

    def resolve(self, reason: str | None, outcome: str, detail: str) -> None:
        """Sets the result or the exception."""
        if reason is None:
            self.set_result(self.msg_id)
        else:
            self.set_exception(DeadLetter(reason, outcome, detail))


class Node:
    """A node with fixed peers. Any thread may call `send` and `close`."""

    def __init__(self, pid: int, bind: str, peers: dict[int, str], *, cluster: str = 'default',
                 on_event: Callable[[dict[str, Any]], None] = lambda event: None,
                 insecure: bool = False) -> None:
        if not insecure and not LOOPBACK.match(bind):
            raise ValueError(f'{bind} is not loopback: any host could join; allow it by insecure')
        self.pid, self.cluster, self.incarnation = pid, cluster, os.urandom(8)
        self.inbox = Inbox(self._on_settled)
        self.poller = zmq.Poller()
        self._on_event = on_event
        self._last_events: dict[tuple[str, int | None], dict[str, Any]] = {}
        self._context = zmq.Context()
        self._router = self.socket(zmq.ROUTER)
        for option, value in ROUTER_OPTIONS.items():
            self._router.setsockopt(option, value)
        self._router.bind(bind)
        self.endpoint = self._router.getsockopt_string(zmq.LAST_ENDPOINT)
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_sender.setblocking(False)
        for one in (self._router, self._wake_receiver):
            self.poller.register(one, zmq.POLLIN)
        self._msg_ids, self._to_epochs = itertools.count(1000), itertools.count(1)
        self._submitted: deque[tuple[int, Delivery]] = deque()
        self._settled: deque[Arrival] = deque()
        self._inbound: dict[int, InboundSession] = {}
        self._unreported: set[InboundSession] = set()
        self._handshaken: set[bytes] = set()  # connections after their HELLO
        self._refused_sessions: set[tuple[bytes, int]] = set()
        self._links = {to: Link(self, to, endpoint) for to, endpoint in peers.items()}
        self._close_by: float | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f'node-{pid}', daemon=True)
        self._thread.start()

    def __enter__(self) -> 'Node':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, pid: int, msg: Any, re: int | None = None,
             headers: dict[str, str] | None = None) -> Receipt:
        """Sends a message; raises TypeError or ValueError if it cannot be sent, or queue.Full."""
        return self._submit(pid, msg, re, headers, is_error=False)

    def send_error(self, pid: int, re: int, code: str, message: str,
                   headers: dict[str, str] | None = None) -> Receipt:
        """Replies to a request that its handler has failed."""
        return self._submit(pid, {'code': code, 'message': message}, re, headers, is_error=True)

    def _submit(self, pid: int, msg: Any, re: int | None, headers: dict[str, str] | None,
                is_error: bool) -> Receipt:
        if len(self._links[pid].session.queue) + len(self._submitted) >= QUEUE_MAX:
            raise queue.Full(f'{QUEUE_MAX} envelopes are queued')
        values, body = count_values(msg), encode_message(msg)
        entry = Entry(msg_id=next(self._msg_ids), re=re, body=body, is_error=is_error,
                      headers=frames.encode_headers(headers or {}))
        receipt = Receipt(pid, entry.msg_id)
        self._submitted.append((pid, Delivery(entry, receipt.resolve, values)))
        self._wake()
        if self._closed:
            self._fail_submitted()
        return receipt

    def close(self, timeout: float = 5.0) -> None:
        """Waits up to `timeout` seconds for acknowledgements, then closes the connections."""
        self._close_by = self._close_by or time.monotonic() + timeout
        self._wake()
        self._thread.join()

    def socket(self, kind: int) -> zmq.Socket:
        """Returns a socket without a send limit that detects vanished hosts."""
        created = self._context.socket(kind)
        created.setsockopt(zmq.SNDHWM, 0)
        created.setsockopt(zmq.HEARTBEAT_IVL, 3000)
        created.setsockopt(zmq.HEARTBEAT_TIMEOUT, 6000)
        created.setsockopt(zmq.HEARTBEAT_TTL, 9000)
        return created

    def emit(self, event: str, pid: int | None, **fields: Any) -> None:
        """Emits an event, unless it equals the last such event of this peer."""
        if self._last_events.get((event, pid)) != fields:
            self._last_events[event, pid] = fields
            self._on_event({'event': event, 'pid': pid, **fields})
        if event == 'link' and fields['state'] == 'up':
            self._last_events.pop(('refused-by-peer', pid), None)

    def decode(self, parts: list[bytes]) -> tuple[str, Record]:
        """Decodes a frame; emits `bad-frame` if it is malformed."""
        try:
            return frames.decode(parts)
        except frames.FrameError as error:
            self.emit('bad-frame', None, detail=str(error))
            return '', Record()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # a wake-up is pending, or the thread has ended
            self._wake_sender.send(b'!')

    def _on_settled(self, arrival: Arrival) -> None:
        self._settled.append(arrival)
        self._wake()

    def _run(self) -> None:
        while not self._is_done():
            now = time.monotonic()
            due = min((link.due() for link in self._links.values()), default=now + 60)
            wait = min(due, self._close_by or due, now + 60) - now
            if self._wake_receiver.fileno() in dict(self.poller.poll(max(0, wait * 1000) + 1)):
                self._wake_receiver.recv(4096)
            while self._submitted:
                pid, delivery = self._submitted.popleft()
                self._links[pid].session.queue.append(delivery)
            self._read()
            self._settle_arrivals()
            for link in self._links.values():
                link.tick(time.monotonic())
            self._send_acks()
        self._shut_down()

    def _is_done(self) -> bool:
        if self._close_by is None:
            return False
        sessions = [link.session for link in self._links.values()]
        is_busy = any(one.has_unsettled and one.state == ESTABLISHED for one in sessions)
        return not (is_busy or self._submitted) or time.monotonic() >= self._close_by

    def _shut_down(self) -> None:
        for link in self._links.values():
            link.leave()
        self.inbox.close()
        self._settle_arrivals()
        for connection in self._handshaken:
            mine = [one for one in self._inbound.values() if one.connection == connection]
            self._send_reports(connection, 'bye', mine)
        self._router.close(linger=1000)
        self._context.term()
        self._wake_receiver.close()
        self._wake_sender.close()
        self._closed = True
        self._fail_submitted()

    def _fail_submitted(self) -> None:
        while self._submitted:
            self._submitted.popleft()[1].on_result('closed', 'not-delivered', '')

    def _read(self) -> None:
        for _ in range(READ_MAX):
            try:
                connection, *parts = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            name, frame = self.decode(parts)
            if name in ('hello', 'join'):
                self._on_handshake(connection, name, frame)
            elif name == 'data':
                for batch in frame.batches:
                    self._on_batch(connection, batch)
            elif name == 'leave':
                for one in frame.sessions:
                    session = self._inbound.get(one.pid)
                    if session and (session.connection, session.epoch) == (connection, one.epoch):
                        del self._inbound[one.pid]
            elif name == 'ping':
                if frame.report == 1:
                    sessions = [r for r in self._inbound.values() if r.connection == connection]
                    self._send_reports(connection, 'ack', sessions)
                self._send(connection, 'pong', token=frame.token)

    def _send(self, connection: bytes, name: str, **fields: Any) -> None:
        """Sends a frame. What a caller does not read is lost: its PING finds out."""
        with contextlib.suppress(zmq.ZMQError):
            self._router.send_multipart([connection, *frames.encode(name, **fields)], zmq.NOBLOCK)

    def _send_reports(self, connection: bytes, name: str, sessions: list[InboundSession]) -> None:
        """Sends the reports of sessions, in as many frames as they need; no frame for none."""
        for at in range(0, len(sessions), REPORTS_MAX):
            reports = [one.report() for one in sessions[at:at + REPORTS_MAX]]
            self._send(connection, name, reports=reports)

    def _refuse(self, connection: bytes, nonce: int, pids: list[int], reason: str,
                detail: str) -> None:
        """Refuses these nodes of a caller, or all for none."""
        if reason == 'wrong-version':
            self._send(connection, reason, nonce=0, all=frames.ALL, reason=frames.WRONG_VERSION,
                       detail=detail, flags=0)
            return
        true_pid = [self.pid] if reason == 'wrong-pid' else []
        self._send(connection, 'refused', nonce=nonce, reason=REFUSALS.index(reason),
                   detail=detail, flags=HAS_TRUE_PID * len(true_pid), pids=pids,
                   true_pid=true_pid, final_state=[])

    def _on_handshake(self, connection: bytes, name: str, frame: Record) -> None:
        reason = detail = ''
        if name == 'join':
            if connection not in self._handshaken:
                self._refuse(connection, 0, [], 'hello-required', 'send HELLO before JOIN')
                return
        elif frame.version != frames.VERSION:
            reason, detail = 'wrong-version', f'this node supports version {frames.VERSION}'
            frame = Record(nonce=0, offers=[])
        elif frame.cluster != self.cluster:
            reason, detail = 'wrong-cluster', f'this is {self.cluster!r}, not {frame.cluster!r}'
        elif frame.to not in (self.pid, ANY_LISTENER):
            reason, detail = 'wrong-pid', f'this is {self.pid}, not {frame.to}'
        elif frame.flags & HAS_KEYS:
            reason, detail = 'key-required', 'this node has no key'
        if reason:
            self._refuse(connection, frame.nonce, [], reason, detail)
            for one in frame.offers:
                self.emit('refused-peer', pid=one.pid, reason=reason, detail=detail)
            return
        self._handshaken.add(connection)
        offers = list({one.pid: one for one in reversed(frame.offers)}.values())  # the first counts
        non_members = [one.pid for one in offers if one.pid not in self._links]
        if non_members:
            self._refuse_sessions(connection, frame.nonce, non_members, 'not-a-member',
                                  'not a peer of this node')
        sessions = [self._admit(connection, frame.nonce, one) for one in offers
                    if one.pid in self._links]
        reports = [session.report() for session in sessions if session is not None]
        if reports or not frame.offers:
            self._send(connection, 'welcome', nonce=frame.nonce, pid=self.pid, features=FEATURES,
                       incarnation=self.incarnation if reports else UNKNOWN_INCARNATION,
                       max_message_bytes=MESSAGE_BYTES_MAX, max_message_values=MESSAGE_VALUES_MAX,
                       reports=reports)

    def _admit(self, connection: bytes, nonce: int, one: Record) -> InboundSession | None:
        """Returns the session for an offer of a member, or None if it is refused."""
        session = self._inbound.get(one.pid)
        if session and session.incarnation != one.incarnation:
            if session.connection != connection:
                self._refuse_sessions(session.connection, 0, [one.pid], 'superseded',
                                      'a newer process of this pid has connected')
            session = None
        if session and not 0 <= one.epoch - session.epoch <= EPOCH_LEAP_MAX:
            self._refuse_sessions(connection, nonce, [one.pid], 'superseded',
                                  f'its epoch is {session.epoch}')
            return None
        if session is None or session.epoch < one.epoch:
            session = InboundSession(one.pid, one.incarnation, one.epoch, next(self._to_epochs))
            self._inbound[one.pid] = session
        self._refused_sessions.discard((connection, one.pid))
        session.connection = connection
        session.prune_rejections(one.settled)
        return session

    def _refuse_sessions(self, connection: bytes, nonce: int, pids: list[int], reason: str,
                         detail: str) -> None:
        for at in range(0, len(pids), PIDS_MAX):
            self._refuse(connection, nonce, pids[at:at + PIDS_MAX], reason, detail)
        for pid in pids:
            self._refused_sessions.add((connection, pid))
            self.emit('refused-peer', pid, reason=reason, detail=detail)

    def _on_batch(self, connection: bytes, batch: Record) -> None:
        session = self._inbound.get(batch.pid)
        if session is None or session.connection != connection:
            if (connection, batch.pid) not in self._refused_sessions:
                self._refused_sessions.add((connection, batch.pid))
                detail = 'this connection has no such session'
                self._refuse(connection, 0, [], 'hello-required', detail)
            return
        if (batch.epoch, batch.to_epoch) != (session.epoch, session.to_epoch):
            return
        before = session.settled
        for sequence, entry, msg in session.accept(batch):
            incarnation = session.incarnation.hex()
            error = {key: msg[key] for key in ('code', 'message')} if entry.is_error else None
            msg = None if entry.is_error else msg
            envelope = Envelope(session.pid, incarnation, entry.msg_id, entry.re, msg,
                                frames.decode_headers(entry.headers), error)
            self.inbox.put(Arrival(session, sequence, entry.size, envelope))
        if session.gap or session.settled != before:
            self._unreported.add(session)

    def _settle_arrivals(self) -> None:
        while self._settled:
            arrival = self._settled.popleft()
            arrival.session.settle(arrival.sequence, arrival.size)
            self._unreported.add(arrival.session)

    def _send_acks(self) -> None:
        """Acknowledges settled entries and reports gaps."""
        unreported, self._unreported = self._unreported, set()
        for session in unreported:
            if self._inbound.get(session.pid) is session:
                self._send_reports(session.connection, 'ack', [session])
