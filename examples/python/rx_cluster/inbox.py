"""The inbox: what has arrived, and what of it has been taken."""

import queue
import threading
from dataclasses import dataclass
from typing import Any, Callable, Iterator

from .incoming import Incoming


@dataclass(frozen=True)
class Envelope:
    """What a peer sent."""

    pid: int
    incarnation: str
    msg_id: int
    re: int | None
    msg: Any


@dataclass(frozen=True)
class Arrival:
    """An envelope, and the session that it came in."""

    record: Incoming
    number: int
    size: int
    envelope: Envelope


class Inbox:
    """For one consumer, who has taken an envelope when it asks for the next: then it is settled."""

    def __init__(self, settle: Callable[[Arrival], None]) -> None:
        self._settle, self._lock = settle, threading.Lock()
        self._arrivals: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._busy_with: Arrival | None = None
        self._ended = False

    def put(self, arrival: Arrival) -> None:
        """Adds one."""
        self._arrivals.put(arrival)

    def end(self) -> None:
        """Hands out nothing more; may be called by a signal handler."""
        self._ended = True
        self._arrivals.put(None)

    def freeze(self) -> None:
        """Ends, and settles what the consumer is still busy with."""
        self.end()
        self._done()

    def _done(self) -> None:
        with self._lock:
            done, self._busy_with = self._busy_with, None
            if done is not None:
                self._settle(done)

    def __iter__(self) -> Iterator[Envelope]:
        while True:
            arrival = self._arrivals.get()
            with self._lock:
                if arrival is None or self._ended:
                    return
                self._busy_with = arrival
            try:
                yield arrival.envelope
            finally:
                self._done()
