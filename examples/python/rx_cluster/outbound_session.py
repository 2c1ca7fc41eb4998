"""The sending end of a session, without I/O: sections 2 and 4 of docs/wire.md."""

from collections import deque
from dataclasses import dataclass
from typing import Callable

from .frames import ENTRIES_MAX, FEATURES, REFUSALS, REJECTIONS, Entry, Record, name_of

NEW, REQUESTED, REFUSED, ESTABLISHED = 'new', 'requested', 'refused', 'established'
FRAME_BYTES = 64 * 1024
# The last rewind for a gap: ended by a PONG, or not yet, with a PING in flight or without.
NO_REWIND, REWOUND, PROBED = 'none', 'rewound', 'probed'


@dataclass(eq=False)
class Delivery:
    """An entry, and the callback that gets its result: a reason or None, outcome, detail."""

    entry: Entry
    on_result: Callable[[str | None, str, str], None]
    values: int
    """The keys and values of its message."""
    sequence: int = 0


class OutboundSession:
    """One session; `results` collects the results of deliveries until the link emits them."""

    def __init__(self, pid: int, incarnation: bytes) -> None:
        self.pid, self.incarnation = pid, incarnation
        self.state, self.nonce = NEW, 0
        self.queue: deque[Delivery] = deque()  # without a sequence number
        self.to_resend: deque[Delivery] = deque()  # with a sequence number, to be sent again
        self.sent: deque[Delivery] = deque()  # sent on this connection, not settled
        self.unacked_bytes = self.credit = self.reply_credit = 0
        self.features = self.max_message_bytes = self.max_message_values = 0
        self._gap = NO_REWIND
        self.results: list[tuple[Delivery, str | None, str, str]] = []
        self.epoch, self._sent_before_ping = 0, -1
        self._next_epoch()

    @property
    def has_unsettled(self) -> bool:
        """Whether an entry is not settled."""
        return bool(self.sent or self.to_resend or self.queue)

    @property
    def wants_ping(self) -> bool:
        """Whether a PING must measure when the frames before a rewind have passed."""
        return self._gap == REWOUND

    def offer(self, nonce: int) -> Record:
        """Returns the offer for a HELLO or JOIN with this nonce."""
        self.state, self.nonce, self._sent_before_ping = REQUESTED, nonce, -1
        self._gap = NO_REWIND
        return Record(pid=self.pid, incarnation=self.incarnation, epoch=self.epoch,
                      settled=self.settled)

    def on_welcome(self, frame: Record) -> bool:
        """Starts or resumes the session; returns whether the WELCOME was for it."""
        reports = [r for r in frame.reports if (r.pid, r.epoch) == (self.pid, self.epoch)]
        if self.state != REQUESTED or frame.nonce != self.nonce or not reports:
            return False
        report, receiver = reports[0], (frame.incarnation, reports[0].to_epoch)
        if receiver != self.receiver or report.settled < self.settled:
            self._fail_unacknowledged('peer-restarted', 'unknown')
            self._reset_sequence(receiver)
        self.state, self.features = ESTABLISHED, frame.features & FEATURES
        self.max_message_bytes = frame.max_message_bytes
        self.max_message_values = frame.max_message_values
        self._apply_report(report)
        self._rewind(report.received)
        return True

    def on_report(self, report: Record) -> None:
        """Applies a session report."""
        if self._matches(report):
            self._reported_since_ping = True
            self._apply_report(report)
            if report.gap == 1 and self._gap == NO_REWIND:
                self._rewind(report.received)
                self._gap = REWOUND

    def on_refused(self, frame: Record) -> bool:
        """Stops sending; returns whether the REFUSED was for this session."""
        if self.state not in (REQUESTED, ESTABLISHED) or frame.nonce not in (0, self.nonce):
            return False
        for end in frame.final_state:
            if (self.receiver, self.epoch) == ((end.incarnation, end.to_epoch), end.epoch):
                self._apply_report(Record(settled=end.settled, received=0, credit=0, reply_credit=0,
                                          rejections=[]))
                self._fail_unacknowledged(name_of(REFUSALS, frame.reason), 'not-delivered')
                self._next_epoch()
        self.state = REFUSED
        return True

    def on_bye(self, report: Record) -> None:
        """Queues the unsettled entries again, because the receiver closes."""
        if self._matches(report):
            self._apply_report(report)
            self.queue.extendleft(reversed([*self.sent, *self.to_resend]))
            self._next_epoch()

    def mark_ping(self) -> None:
        """Remembers the entries that are sent before a PING."""
        self._sent_before_ping = self.sent[-1].sequence if self.sent else 0
        self._reported_since_ping = False
        self._gap = PROBED if self._gap == REWOUND else self._gap

    def on_pong(self) -> bool:
        """Rewinds lost entries; returns whether the session must be requested again."""
        sent_before, self._sent_before_ping = self._sent_before_ping, -1
        self._gap = NO_REWIND if self._gap == PROBED else self._gap
        if sent_before < 0 or self.state not in (REQUESTED, ESTABLISHED):
            return False
        if self._reported_since_ping and self.received < sent_before:
            self._rewind(self.received)
        return not self._reported_since_ping

    def fail_all(self, reason: str, with_queue: bool = False) -> None:
        """Fails the unacknowledged entries as in doubt, and optionally the queued ones."""
        if self.sent or self.to_resend:
            self._fail_unacknowledged(reason, 'unknown')
            self._next_epoch()
        while with_queue and self.queue:
            self.results.append((self.queue.popleft(), reason, 'not-delivered', ''))

    def next_batch(self) -> Record | None:
        """Returns the next batch that the credit allows."""
        entries: list[Entry] = []
        size = 0
        while self.state == ESTABLISHED and size < FRAME_BYTES and len(entries) < ENTRIES_MAX:
            delivery = self._next_delivery()
            if delivery is None:
                break
            self.sent.append(delivery)
            self.unacked_bytes += delivery.entry.size
            size += delivery.entry.size
            entries.append(delivery.entry)
        if not entries or self.receiver is None:
            return None
        first = self.sent[-len(entries)].sequence
        return Record(pid=self.pid, epoch=self.epoch, to_epoch=self.receiver[1],
                      settled=self.settled, first=first, entries=entries)

    def _next_delivery(self) -> Delivery | None:
        """Takes what is to be sent next. A reply overtakes queued entries without credit."""
        if self.to_resend:
            # It had credit when it was numbered, and replies behind it wait for it.
            fits = self._fits(self.to_resend[0].entry, self.reply_credit)
            return self.to_resend.popleft() if fits else None
        while self.queue and (why := self._unacceptable(self.queue[0])) is not None:
            self.results.append((self.queue.popleft(), *why))
        if not self.queue:
            return None
        delivery = self.queue[0]
        if delivery.entry.re is None and not self._fits(delivery.entry, self.credit):
            replies = (one for one in self.queue if one.entry.re is not None)
            delivery = next(replies, delivery)
        credit = self.credit if delivery.entry.re is None else self.reply_credit
        if not self._fits(delivery.entry, credit) or self._unacceptable(delivery):
            return None
        self.queue.remove(delivery)
        self.last_sequence += 1
        delivery.sequence = self.last_sequence
        return delivery

    def _fits(self, entry: Entry, credit: int) -> bool:
        """Returns whether credit is left; while nothing is unacknowledged, any entry has it."""
        return self.unacked_bytes + entry.size <= credit or bool(credit and not self.sent)

    def _unacceptable(self, delivery: Delivery) -> tuple[str, str, str] | None:
        """Returns reason, outcome and detail of what the receiver would reject."""
        size, entry = len(delivery.entry.body), delivery.entry
        if size > self.max_message_bytes:
            why = 'too-large', f'{size} bytes; the receiver accepts {self.max_message_bytes}'
        elif delivery.values > self.max_message_values:
            accepted = self.max_message_values
            why = 'too-complex', f'{delivery.values} values; the receiver accepts {accepted}'
        elif entry.features & ~self.features:
            why = 'unsupported', 'the receiver does not have the features that it needs'
        else:
            return None
        return why[0], 'not-delivered', why[1]

    def _reset_sequence(self, receiver: tuple[bytes, int] | None) -> None:
        self.receiver = receiver  # incarnation and toEpoch of the receiver
        self.settled = self.received = self.last_sequence = self.unacked_bytes = 0
        self._sent_before_ping, self._reported_since_ping = -1, False
        self.sent.clear()
        self.to_resend.clear()

    def _matches(self, report: Record) -> bool:
        session = (self.pid, self.epoch, (self.receiver or (b'', 0))[1])
        return self.state == ESTABLISHED and (report.pid, report.epoch, report.to_epoch) == session

    def _next_epoch(self) -> None:
        self.epoch += 1
        self._reset_sequence(None)

    def _fail_unacknowledged(self, reason: str, outcome: str) -> None:
        unacknowledged = (*self.sent, *self.to_resend)
        self.results += [(delivery, reason, outcome, '') for delivery in unacknowledged]

    def _apply_report(self, report: Record) -> None:
        self.credit, self.reply_credit = report.credit, report.reply_credit
        self.received = max(self.received, min(report.received, self.last_sequence))
        self.settled = max(self.settled, min(report.settled, self.last_sequence))
        rejected = {rejection.sequence: rejection for rejection in report.rejections}
        for source in (self.sent, self.to_resend):
            while source and source[0].sequence <= self.settled:
                delivery = source.popleft()
                self.unacked_bytes -= delivery.entry.size if source is self.sent else 0
                rejection = rejected.get(delivery.sequence)
                if rejection is None:
                    self.results.append((delivery, None, 'delivered', ''))
                else:
                    why = name_of(REJECTIONS, rejection.reason)
                    self.results.append((delivery, why, 'not-delivered', rejection.detail))

    def _rewind(self, received: int) -> None:
        while self.sent and self.sent[-1].sequence > received:
            delivery = self.sent.pop()
            self.unacked_bytes -= delivery.entry.size
            self.to_resend.appendleft(delivery)
