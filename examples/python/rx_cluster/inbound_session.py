"""The receiving end of a session, without I/O: sections 2 and 4 of docs/wire.md."""

from dataclasses import dataclass, field
from typing import Any

from .frames import REJECTIONS, Entry, Record
from .messages import UNDECODABLE, TooComplex, decode_message

WINDOW_BYTES = 8 * 2**20
REPLY_WINDOW_BYTES = WINDOW_BYTES + 256 * 1024
MESSAGE_BYTES_MAX = 16 * 2**20
REJECTIONS_MAX = 1000


def is_error_reply(entry: Entry, msg: Any) -> bool:
    """Returns whether an entry with the flag of an error has what belongs to it."""
    is_map = entry.re is not None and isinstance(msg, dict)
    return is_map and all(isinstance(msg.get(key), str) for key in ('code', 'message'))


@dataclass(eq=False)
class InboundSession:
    """The receiving end of one sender's session. Invariant: settled <= received."""

    pid: int
    incarnation: bytes
    epoch: int
    to_epoch: int
    connection: bytes = b''
    received: int = 0
    settled: int = 0
    buffered_bytes: int = 0
    gap: bool = False
    rejections: dict[int, Record] = field(default_factory=dict)

    def report(self) -> Record:
        """Returns a session report; each gap is reported once."""
        gap, self.gap = self.gap, False
        return Record(pid=self.pid, epoch=self.epoch, to_epoch=self.to_epoch,
                      settled=self.settled, received=self.received, credit=WINDOW_BYTES,
                      reply_credit=REPLY_WINDOW_BYTES, gap=gap,
                      rejections=list(self.rejections.values()))

    def prune_rejections(self, settled: int) -> None:
        """Forgets the rejections that the sender has processed."""
        for sequence in [n for n in self.rejections if n <= min(settled, self.settled)]:
            del self.rejections[sequence]

    def accept(self, batch: Record) -> list[tuple[int, Entry, Any]]:
        """Accepts the next entries; returns sequence, entry and message of each."""
        self.prune_rejections(batch.settled)
        if self.buffered_bytes > 2 * WINDOW_BYTES or len(self.rejections) > REJECTIONS_MAX:
            return []
        if batch.first > self.received + 1:
            self.gap = True
            return []
        self.gap, accepted = False, []
        for sequence, entry in enumerate(batch.entries, batch.first):
            if sequence <= self.received:
                continue
            self.received = sequence
            if entry.body is None:
                self._reject(sequence, 'malformed', 'the batch lacks it, or its header is wrong')
            elif len(entry.body) > MESSAGE_BYTES_MAX:
                self._reject(sequence, 'too-large', f'{len(entry.body)} bytes')
            else:
                try:
                    msg = decode_message(entry.body)
                except TooComplex as error:
                    self._reject(sequence, 'too-complex', str(error))
                except UNDECODABLE as error:
                    self._reject(sequence, 'undecodable', str(error)[:200])
                else:
                    if entry.is_error and not is_error_reply(entry, msg):
                        self._reject(sequence, 'malformed', 'it lacks re, code or message')
                        continue
                    accepted.append((sequence, entry, msg))
                    self.buffered_bytes += entry.size
        return accepted

    def settle(self, sequence: int, size: int) -> None:
        """Marks an entry as delivered by the inbox."""
        self.settled = sequence
        self.buffered_bytes -= size
        self._settle_rejected()

    def _reject(self, sequence: int, reason: str, detail: str) -> None:
        code = REJECTIONS.index(reason)
        self.rejections[sequence] = Record(sequence=sequence, reason=code, detail=detail)
        self._settle_rejected()

    def _settle_rejected(self) -> None:
        while self.settled + 1 in self.rejections:
            self.settled += 1
