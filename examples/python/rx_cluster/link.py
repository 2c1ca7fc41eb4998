"""A link: the way to one peer, a DEALER for each connection; sections 1 and 4 of docs/wire.md."""

import random
import secrets
import time
from typing import TYPE_CHECKING, Any

import zmq
from zmq.utils.monitor import recv_monitor_message

from . import frames
from .frames import EVERYBODY, REFUSALS, Record, name_of
from .outgoing import NEW, WELCOMED, Outgoing

if TYPE_CHECKING:
    from .node import Node

DIAL_S, SILENCE_S, IMPATIENCE_S, PONG_S, GONE_S = 5.0, 3.0, 1.0, 3.0, 60.0
BACKOFF_FIRST_S, BACKOFF_MAX_S, SUPERSEDED_S = 0.01, 2.0, 30.0
NEVER = float('inf')
NEVER_MS = 2**30  # libzmq may add as much again at random, which must not overflow
LOST = (zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_CONNECT_RETRIED
        | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
        | zmq.EVENT_HANDSHAKE_FAILED_AUTH)


class Link:
    """Dials, asks to be let in, writes what the session gives, and dials again."""

    def __init__(self, node: 'Node', pid: int, endpoint: str) -> None:
        self.node, self.pid, self.endpoint = node, pid, endpoint
        self.session = Outgoing(node.pid, node.incarnation)
        self.state, self.since = 'connecting', time.monotonic()
        self._dealer: Any = None
        self._monitor: Any = None
        self._backoff = BACKOFF_FIRST_S
        self._dial_at, self._give_up_at, self._ask_at, self._ping_at = 0.0, NEVER, NEVER, NEVER
        self._token = 0
        self._pinged_at = 0.0

    def due(self) -> float:
        """When `tick` has something to do."""
        if self._dealer is None:
            return self._dial_at
        return min(self._give_up_at, self._ask_at, self._next_ping())

    def tick(self, now: float) -> None:
        """Reads what has come, does what is due, and writes what may be written."""
        if self._dealer is not None:
            self._read(now)
        while self._dealer is not None and self._monitor.poll(0):
            self._hear_of(recv_monitor_message(self._monitor)['event'], now)
        if self.state != 'up' and now >= self.since + GONE_S:
            self.session.give_up('peer-gone')
        if now >= self.due():
            self._act(now)
        while (run := self.session.write()) is not None:
            self._post('data', runs=[run])
        self.tell_fates()

    def tell_fates(self) -> None:
        """Tells what became of letters."""
        fates, self.session.fates = self.session.fates, []
        for letter, reason, outcome, detail in fates:
            letter.tell(reason, outcome, detail)

    def leave(self) -> None:
        """Ends the session, and closes when that is written."""
        if self.session.state == WELCOMED:
            session = Record(pid=self.node.pid, epoch=self.session.epoch)
            self._post('leave', sessions=[session])
        if self._dealer is not None:
            self._close(linger=1000)
        self.session.give_up('closed', queue_too=True)
        self.tell_fates()

    def _act(self, now: float) -> None:
        if self._dealer is None:
            self._dial(now)
        elif now >= self._give_up_at:
            self._hang_up(now)
        elif now >= self._ask_at:
            self._ask()
        elif self._token:
            self._become('busy', now)
            self._ping_at, self._give_up_at = NEVER, self._pinged_at + GONE_S
        else:
            self._token, self._pinged_at = _random(), now
            self._ping_at = now + PONG_S
            self.session.ping()
            self._post('ping', token=self._token, report=1)

    def _next_ping(self) -> float:
        """When to ping, or to miss the answer."""
        if self._token or self._ping_at == NEVER:
            return self._ping_at
        return self._ping_at - (SILENCE_S - IMPATIENCE_S) * self.session.waiting

    def _dial(self, now: float) -> None:
        self._dealer = self.node.socket(zmq.DEALER)
        self._dealer.setsockopt(zmq.RECONNECT_IVL, NEVER_MS)
        self._monitor = self._dealer.get_monitor_socket(LOST | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self._dealer.connect(self.endpoint)
        for one in (self._dealer, self._monitor):
            self.node.poller.register(one, zmq.POLLIN)
        self._give_up_at, self._ask_at, self._ping_at, self._token = now + DIAL_S, NEVER, NEVER, 0

    def _hang_up(self, now: float) -> None:
        self._close(linger=0)
        self.session.state = NEW
        self._become('down', now)
        self._dial_at = now + self._pause()

    def _close(self, linger: int) -> None:
        for one in (self._dealer, self._monitor):
            self.node.poller.unregister(one)
        self._dealer.disable_monitor()
        self._monitor.close()
        self._dealer.close(linger)
        self._dealer = self._monitor = None

    def _pause(self) -> float:
        pause, self._backoff = self._backoff, min(2 * self._backoff, BACKOFF_MAX_S)
        return pause * random.uniform(0.5, 1.0)

    def _become(self, state: str, now: float) -> None:
        if state == self.state:
            return
        if self.state == 'up':
            self.since = now
        self.state = state
        self.node.tell('link', pid=self.pid, state=state)

    def _hear_of(self, event: int, now: float) -> None:
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._ping_at = now + SILENCE_S
            self._ask(hello=True)
            return
        self._read(now)  # what has arrived before the line broke
        if self._dealer is not None:
            self._hang_up(now)

    def _read(self, now: float) -> None:
        while self._dealer is not None:
            try:
                parts = self._dealer.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            if not self._token:
                self._ping_at = now + SILENCE_S
            self._hear(*self.node.decode(parts), now)

    def _hear(self, name: str, frame: Record, now: float) -> None:
        session = self.session
        if name == 'welcome' and session.welcome(frame):
            self._backoff, self._give_up_at = BACKOFF_FIRST_S, NEVER
            self._become('up', now)
        elif name == 'ack':
            for report in frame.reports:
                session.acknowledged(report)
        elif name == 'refused' and frame.pid in (self.node.pid, EVERYBODY):
            if session.refused(frame):
                self._refused(name_of(REFUSALS, frame.reason), frame, now)
        elif name == 'pong' and frame.token == self._token:
            self._token, self._ping_at, self._give_up_at = 0, now + SILENCE_S, NEVER
            if session.state == WELCOMED:
                self._become('up', now)
            if session.pong():
                self._ask()
        elif name == 'bye':
            for report in frame.reports:
                session.bye(report)
            self._hang_up(now)

    def _refused(self, reason: str, frame: Record, now: float) -> None:
        self._give_up_at = NEVER
        if reason == 'say-hello':
            self._ask(hello=frame.pid == EVERYBODY)
            return
        self.node.tell('refused', pid=self.pid, reason=reason, detail=frame.detail)
        self._become('down', now)
        if frame.pid == EVERYBODY:
            self._hang_up(now)
        else:
            self._ask_at = now + (SUPERSEDED_S if reason == 'superseded' else self._pause())

    def _ask(self, hello: bool = False) -> None:
        self._ask_at, nonce = NEVER, _random()
        fields = {'nonce': nonce, 'nodes': [self.session.greet(nonce)]}
        if hello:
            fields |= {'version': frames.VERSION, 'cluster': self.node.cluster, 'to': self.pid}
        self._post('hello' if hello else 'join', features=0, **fields)

    def _post(self, name: str, **fields: Any) -> None:
        """Writes a frame; it cannot block, since what is outstanding is bounded by the credit."""
        self._dealer.send_multipart(frames.encode(name, **fields), zmq.NOBLOCK)


def _random() -> int:
    return 1 + secrets.randbelow(2**53 - 1)
