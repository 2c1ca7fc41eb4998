"""A session as its sender sees it, without sockets and clocks: docs/wire.md, 2 and 4."""

from collections import deque
from dataclasses import dataclass
from typing import Callable

from .frames import ENTRIES_MAX, REFUSALS, REJECTIONS, Entry, Record, name_of

NEW, ASKED, REFUSED, WELCOMED = 'new', 'asked', 'refused', 'welcomed'
FRAME_BYTES = 64 * 1024


@dataclass
class Letter:
    """An envelope on its way, and whom to tell its fate: a reason or None, outcome, detail."""

    entry: Entry
    tell: Callable[[str | None, str, str], None]
    number: int = 0


class Outgoing:
    """One session; `fates` collects what became of letters."""

    def __init__(self, pid: int, incarnation: bytes) -> None:
        self.pid, self.incarnation = pid, incarnation
        self.state, self.nonce = NEW, 0
        self.queue: deque[Letter] = deque()  # not numbered yet
        self.again: deque[Letter] = deque()  # numbered, to be written again
        self.sent: deque[Letter] = deque()  # written on this connection, not settled
        self.outstanding = self.credit = self.largest = 0
        self.fates: list[tuple[Letter, str | None, str, str]] = []
        self.epoch, self._probe = 0, -1
        self._next_epoch()

    @property
    def waiting(self) -> bool:
        """Whether something is outstanding or waits."""
        return bool(self.sent or self.again or self.queue)

    def greet(self, nonce: int) -> Record:
        """Asks, in a HELLO or JOIN with this nonce."""
        self.state, self.nonce, self._probe = ASKED, nonce, -1
        return Record(pid=self.pid, incarnation=self.incarnation, epoch=self.epoch,
                      settled=self.settled)

    def welcome(self, frame: Record) -> bool:
        """Begins or goes on; returns whether the answer was for this session."""
        reports = [r for r in frame.reports if (r.pid, r.epoch) == (self.pid, self.epoch)]
        if self.state != ASKED or frame.nonce != self.nonce or not reports:
            return False
        report, receiver = reports[0], (frame.incarnation, reports[0].to_epoch)
        if receiver != self.receiver or report.settled < self.settled:
            self._bury('peer-restarted', 'unknown')
            self._begin(receiver)
        self.state, self.largest = WELCOMED, frame.max_message_bytes
        self._settle(report)
        self._rewind(report.received)
        return True

    def acknowledged(self, report: Record) -> None:
        """Takes note of a report."""
        if self._concerns(report):
            self._reported = True
            self._settle(report)
            if report.gap:
                self._rewind(report.received)

    def refused(self, frame: Record) -> bool:
        """Stops writing; returns whether the answer was for this session."""
        if self.state not in (ASKED, WELCOMED) or frame.nonce not in (0, self.nonce):
            return False
        for end in frame.known:
            if (self.receiver, self.epoch) == ((end.incarnation, end.to_epoch), end.epoch):
                self._settle(Record(settled=end.settled, received=0, credit=0, rejections=[]))
                self._bury(name_of(REFUSALS, frame.reason), 'not-delivered')
                self._next_epoch()
        self.state = REFUSED
        return True

    def bye(self, report: Record) -> None:
        """Takes back what the receiver, which is closing, has not taken."""
        if self._concerns(report):
            self._settle(report)
            self.queue.extendleft(reversed([*self.sent, *self.again]))
            self._next_epoch()

    def ping(self) -> None:
        """Notes what is written before a PING."""
        self._probe, self._reported = self.sent[-1].number if self.sent else 0, False

    def pong(self) -> bool:
        """Writes again what was lost; returns whether the session must be asked for again."""
        probe, self._probe = self._probe, -1
        if probe < 0 or self.state not in (ASKED, WELCOMED):
            return False
        if self._reported and self.received < probe:
            self._rewind(self.received)
        return not self._reported

    def give_up(self, reason: str, queue_too: bool = False) -> None:
        """Buries what is not acknowledged, and perhaps what was never written."""
        if self.sent or self.again:
            self._bury(reason, 'unknown')
            self._next_epoch()
        while queue_too and self.queue:
            self.fates.append((self.queue.popleft(), reason, 'not-delivered', ''))

    def write(self) -> Record | None:
        """The next run, as far as the credit goes."""
        entries: list[Entry] = []
        size = 0
        while self.state == WELCOMED and size < FRAME_BYTES and len(entries) < ENTRIES_MAX:
            source = self.again or self.queue
            if not source:
                break
            entry = source[0].entry
            if len(entry.body) > self.largest and source is self.queue:
                why = f'{len(entry.body)} bytes, and {self.largest} are taken there'
                self.fates.append((source.popleft(), 'too-large', 'not-delivered', why))
                continue
            if self.outstanding + entry.size > self.credit and (self.sent or not self.credit):
                break
            letter = source.popleft()
            if source is self.queue:
                self.numbered += 1
                letter.number = self.numbered
            self.sent.append(letter)
            self.outstanding += entry.size
            size += entry.size
            entries.append(entry)
        if not entries or self.receiver is None:
            return None
        first = self.sent[-len(entries)].number
        return Record(pid=self.pid, epoch=self.epoch, to_epoch=self.receiver[1],
                      settled=self.settled, first=first, entries=entries)

    def _begin(self, receiver: tuple[bytes, int] | None) -> None:
        self.receiver = receiver  # its incarnation and toEpoch
        self.settled = self.received = self.numbered = self.outstanding = 0
        self._probe, self._reported = -1, False
        self.sent.clear()
        self.again.clear()

    def _concerns(self, report: Record) -> bool:
        session = (self.pid, self.epoch, (self.receiver or (b'', 0))[1])
        return self.state == WELCOMED and (report.pid, report.epoch, report.to_epoch) == session

    def _next_epoch(self) -> None:
        self.epoch += 1
        self._begin(None)

    def _bury(self, reason: str, outcome: str) -> None:
        self.fates += [(letter, reason, outcome, '') for letter in (*self.sent, *self.again)]

    def _settle(self, report: Record) -> None:
        self.credit = report.credit
        self.received = max(self.received, min(report.received, self.numbered))
        self.settled = max(self.settled, min(report.settled, self.numbered))
        rejected = {one.sequence: one for one in report.rejections}
        for source in (self.sent, self.again):
            while source and source[0].number <= self.settled:
                letter = source.popleft()
                self.outstanding -= letter.entry.size if source is self.sent else 0
                one = rejected.get(letter.number)
                if one is None:
                    self.fates.append((letter, None, 'delivered', ''))
                else:
                    why = name_of(REJECTIONS, one.reason)
                    self.fates.append((letter, why, 'not-delivered', one.detail))

    def _rewind(self, received: int) -> None:
        while self.sent and self.sent[-1].number > received:
            letter = self.sent.pop()
            self.outstanding -= letter.entry.size
            self.again.appendleft(letter)
