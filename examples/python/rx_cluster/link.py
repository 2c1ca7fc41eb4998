"""A link to one peer, with a DEALER per connection: sections 1 and 4 of docs/wire.md."""

import random
import secrets
import time
from typing import TYPE_CHECKING, Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from . import frames
from .frames import FEATURES, REFUSALS, Record, name_of
from .outbound_session import NEW, ESTABLISHED, OutboundSession

if TYPE_CHECKING:
    from .node import Node

CONNECT_TIMEOUT_S, PEER_TIMEOUT_S = 5.0, 60.0
IDLE_PING_S, PROBE_TIMEOUT_S, PONG_TIMEOUT_S = 3.0, 1.0, 3.0
BACKOFF_FIRST_S, BACKOFF_MAX_S, SUPERSEDED_S = 0.01, 2.0, 30.0
NEVER = float('inf')
RECONNECT_NEVER_MS = 2**30  # libzmq may double it, which must not overflow
LOST = (zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_CONNECT_RETRIED
        | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
        | zmq.EVENT_HANDSHAKE_FAILED_AUTH)


class Link:
    """Connects, requests its session, sends its batches, and connects again after a failure."""

    def __init__(self, node: 'Node', pid: int, endpoint: str) -> None:
        self.node, self.pid, self.endpoint = node, pid, endpoint
        self.session = OutboundSession(node.pid, node.incarnation)
        self.state, self.since = 'connecting', time.monotonic()
        self._dealer: Any = None
        self._monitor: Any = None
        self._next_delay = BACKOFF_FIRST_S
        self._connect_at, self._deadline, self._request_at, self._ping_at = 0.0, NEVER, NEVER, NEVER
        self._token = 0
        self._pinged_at = 0.0

    def due(self) -> float:
        """Returns the time of the next `tick`."""
        if self._dealer is None:
            return self._connect_at
        return min(self._deadline, self._request_at, self._next_ping())

    def tick(self, now: float) -> None:
        """Reads frames, runs due timers, and sends batches."""
        if self._dealer is not None:
            self._read(now)
        while self._dealer is not None and self._monitor.poll(0):
            self._on_monitor_event(recv_monitor_message(self._monitor)['event'], now)
        if self.state != 'up' and now >= self.since + PEER_TIMEOUT_S:
            self.session.fail_all('peer-timeout')
        if now >= self.due():
            self._act(now)
        while (batch := self.session.next_batch()) is not None:
            self._send('data', batches=[batch])
        if self.session.wants_ping and not self._token and self._dealer is not None:
            self._ping(now)  # behind the entries that were sent again
        self.emit_results()

    def emit_results(self) -> None:
        """Passes results to their deliveries."""
        results, self.session.results = self.session.results, []
        for delivery, reason, outcome, detail in results:
            delivery.on_result(reason, outcome, detail)

    def leave(self) -> None:
        """Sends LEAVE and closes the connection."""
        if self.session.state == ESTABLISHED:
            session = Record(pid=self.node.pid, epoch=self.session.epoch)
            self._send('leave', sessions=[session])
        if self._dealer is not None:
            self._close(linger=1000)
        self.session.fail_all('closed', with_queue=True)
        self.emit_results()

    def _act(self, now: float) -> None:
        if self._dealer is None:
            self._connect(now)
        elif now >= self._deadline:
            self._disconnect(now)
        elif now >= self._request_at:
            self._request()
        elif self._token:
            self._set_state('unresponsive', now)
            self._ping_at, self._deadline = NEVER, self._pinged_at + PEER_TIMEOUT_S
        else:
            self._ping(now)

    def _ping(self, now: float) -> None:
        self._token, self._pinged_at = _random(), now
        self._ping_at = now + PONG_TIMEOUT_S
        self.session.mark_ping()
        self._send('ping', token=self._token, report=1)

    def _next_ping(self) -> float:
        """Returns the time of the next PING, or at which the PONG is overdue."""
        if self._token or self._ping_at == NEVER:
            return self._ping_at
        return self._ping_at - (IDLE_PING_S - PROBE_TIMEOUT_S) * self.session.has_unsettled

    def _connect(self, now: float) -> None:
        self._dealer = self.node.socket(zmq.DEALER)
        self._dealer.setsockopt(zmq.RECONNECT_IVL, RECONNECT_NEVER_MS)
        self._monitor = self._dealer.get_monitor_socket(LOST | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self._dealer.connect(self.endpoint)
        for socket in (self._dealer, self._monitor):
            self.node.poller.register(socket, zmq.POLLIN)
        self._deadline = now + CONNECT_TIMEOUT_S
        self._request_at, self._ping_at, self._token = NEVER, NEVER, 0

    def _disconnect(self, now: float) -> None:
        self._close(linger=0)
        self.session.state = NEW
        self._set_state('down', now)
        self._connect_at = now + self._back_off()

    def _close(self, linger: int) -> None:
        for socket in (self._dealer, self._monitor):
            self.node.poller.unregister(socket)
        self._dealer.disable_monitor()
        self._monitor.close()
        self._dealer.close(linger)
        self._dealer = self._monitor = None

    def _back_off(self) -> float:
        delay, self._next_delay = self._next_delay, min(2 * self._next_delay, BACKOFF_MAX_S)
        return delay * random.uniform(0.5, 1.0)

    def _set_state(self, state: str, now: float) -> None:
        if state == self.state:
            return
        if self.state == 'up':
            self.since = now
        self.state = state
        self.node.emit('link', pid=self.pid, state=state)

    def _on_monitor_event(self, event: int, now: float) -> None:
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._ping_at = now + IDLE_PING_S
            self._request(hello=True)
            return
        self._read(now)  # frames that arrived before the connection broke
        if self._dealer is not None:
            self._disconnect(now)

    def _read(self, now: float) -> None:
        while self._dealer is not None:
            try:
                parts = self._dealer.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            if not self._token:
                self._ping_at = now + IDLE_PING_S
            self._on_frame(*self.node.decode(parts), now)

    def _on_frame(self, name: str, frame: Record, now: float) -> None:
        session = self.session
        if name == 'welcome' and session.on_welcome(frame):
            self._next_delay, self._deadline = BACKOFF_FIRST_S, NEVER
            self._set_state('up', now)
        elif name == 'ack':
            for report in frame.reports:
                session.on_report(report)
        elif name == 'refused' and (not frame.pids or self.node.pid in frame.pids):
            if session.on_refused(frame):
                self._on_refused(name_of(REFUSALS, frame.reason), frame, now)
        elif name == 'pong' and frame.token == self._token:
            self._token, self._ping_at, self._deadline = 0, now + IDLE_PING_S, NEVER
            if session.state == ESTABLISHED:
                self._set_state('up', now)
            if session.on_pong():
                self._request()
        elif name == 'bye':
            for report in frame.reports:
                session.on_bye(report)
            self._disconnect(now)

    def _on_refused(self, reason: str, frame: Record, now: float) -> None:
        self._deadline = NEVER
        if reason == 'hello-required':
            self._request(hello=not frame.pids)
            return
        fields = {'reason': reason, 'detail': frame.detail}
        if frame.true_pid:
            fields['truePid'] = frame.true_pid[0]
        self.node.emit('refused-by-peer', pid=self.pid, **fields)
        self._set_state('down', now)
        if not frame.pids:
            self._disconnect(now)
        else:
            self._request_at = now + (SUPERSEDED_S if reason == 'superseded' else self._back_off())

    def _request(self, hello: bool = False) -> None:
        self._request_at, nonce = NEVER, _random()
        fields = {'nonce': nonce, 'offers': [self.session.offer(nonce)]}
        if hello:
            fields |= {'version': frames.VERSION, 'cluster': self.node.cluster, 'to': self.pid,
                       'features': FEATURES, 'endpoint': self.node.endpoint, 'flags': 0}
        self._send('hello' if hello else 'join', **fields)

    def _send(self, name: str, **fields: Any) -> None:
        """Sends a frame. It does not block, because the credit limits the unacknowledged bytes."""
        self._dealer.send_multipart(frames.encode(name, **fields), zmq.NOBLOCK)


def _random() -> int:
    return 1 + secrets.randbelow(2**53 - 1)
