"""The inbox: envelopes that arrived in order, for one consumer."""

import queue
import threading
from dataclasses import dataclass
from typing import Any, Callable, Iterator

from .inbound_session import InboundSession


@dataclass(frozen=True)
class Envelope:
    """An envelope of a peer."""

    pid: int
    incarnation: str
    msg_id: int
    re: int | None
    msg: Any
    headers: dict[str, str]
    """Texts that its sender added; often empty."""
    error: dict[str, str] | None
    """`code` and `message`, if the handler of a request has failed; then `msg` is None."""


@dataclass(frozen=True)
class Arrival:
    """An envelope and its position in its session."""

    session: InboundSession
    sequence: int
    size: int
    envelope: Envelope


class Inbox:
    """An iterator for one consumer. An envelope is settled when the consumer requests the next."""

    def __init__(self, settle: Callable[[Arrival], None]) -> None:
        self._settle, self._lock = settle, threading.Lock()
        self._arrivals: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._current: Arrival | None = None
        self._ended = False

    def put(self, arrival: Arrival) -> None:
        """Adds an arrival."""
        self._arrivals.put(arrival)

    def end(self) -> None:
        """Ends the iteration; may be called by a signal handler."""
        self._ended = True
        self._arrivals.put(None)

    def close(self) -> None:
        """Ends the iteration, and settles the envelope that the consumer has."""
        self.end()
        self._settle_current()

    def _settle_current(self) -> None:
        with self._lock:
            done, self._current = self._current, None
            if done is not None:
                self._settle(done)

    def __iter__(self) -> Iterator[Envelope]:
        while True:
            arrival = self._arrivals.get()
            with self._lock:
                if arrival is None or self._ended:
                    return
                self._current = arrival
            try:
                yield arrival.envelope
            finally:
                self._settle_current()
