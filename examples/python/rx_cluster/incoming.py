"""A session as its receiver sees it, without sockets and clocks: docs/wire.md, 2 and 4."""

from dataclasses import dataclass, field
from typing import Any

from .frames import REJECTIONS, Entry, Record
from .messages import UNDECODABLE, decode_message

WINDOW_BYTES = 8 * 2**20
MESSAGE_BYTES_MAX = 16 * 2**20
REJECTIONS_MAX = 1000


@dataclass(eq=False)
class Incoming:
    """The record of one sender."""

    pid: int
    incarnation: bytes
    epoch: int
    to_epoch: int
    connection: bytes = b''
    received: int = 0
    settled: int = 0
    held: int = 0
    gap: bool = False
    rejections: dict[int, Record] = field(default_factory=dict)

    def report(self) -> Record:
        """Where the session stands; tells of a gap once."""
        gap, self.gap = self.gap, False
        return Record(pid=self.pid, epoch=self.epoch, to_epoch=self.to_epoch,
                      settled=self.settled, received=self.received, credit=WINDOW_BYTES,
                      gap=gap, rejections=list(self.rejections.values()))

    def known(self, settled: int) -> None:
        """The sender knows of everything up to here, so rejections need not be repeated."""
        for number in [n for n in self.rejections if n <= min(settled, self.settled)]:
            del self.rejections[number]

    def accept(self, run: Record) -> list[tuple[int, Entry, Any]]:
        """Takes the entries that are next; returns number, entry and message of each."""
        self.known(run.settled)
        if self.held > 2 * WINDOW_BYTES or len(self.rejections) > REJECTIONS_MAX:
            return []
        if run.first > self.received + 1:
            self.gap = True
            return []
        self.gap, taken = False, []
        for number, entry in enumerate(run.entries, run.first):
            if number <= self.received:
                continue
            self.received = number
            if entry.body is None:
                self._reject(number, 'malformed', 'its body is not in the frame')
            elif len(entry.body) > MESSAGE_BYTES_MAX:
                self._reject(number, 'too-large', f'{len(entry.body)} bytes')
            else:
                try:
                    taken.append((number, entry, decode_message(entry.body)))
                    self.held += entry.size
                except UNDECODABLE as error:
                    self._reject(number, 'undecodable', str(error)[:200])
        return taken

    def settle(self, number: int, size: int) -> None:
        """The inbox has taken this one."""
        self.settled = number
        self.held -= size
        self._pass_rejected()

    def _reject(self, number: int, reason: str, detail: str) -> None:
        code = REJECTIONS.index(reason)
        self.rejections[number] = Record(sequence=number, reason=code, detail=detail)
        self._pass_rejected()

    def _pass_rejected(self) -> None:
        while self.settled + 1 in self.rejections:
            self.settled += 1
