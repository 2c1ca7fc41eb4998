"""Frames: bytes to records and back, after the tables in section 3 of docs/wire.md; no state."""

import struct
from types import SimpleNamespace
from typing import Any, Iterator

VERSION = 1
EVERYBODY = 0xFFFFFFFF
REFUSALS = ('wrong-cluster', 'wrong-version', 'not-a-member', 'wrong-pid', 'superseded',
            'say-hello')
REJECTIONS = ('undecodable', 'too-large', 'malformed')
ENTRIES_MAX = 4096
OWN_PART_BYTES = 32 * 1024
HAS_RE, HAS_OWN_PART = 1, 2

# A field is `name:layout`: a letter of `struct`, `text`, or records after their count, or to
# the end.
FRAMES = {
    'hello': (1, 'version:H nonce:Q cluster:text to:I features:I nodes:H*node'),
    'join': (2, 'nonce:Q nodes:H*node'),
    'leave': (3, 'sessions:H*session'),
    'welcome': (4, 'nonce:Q pid:I incarnation:8s features:I max_message_bytes:I reports:H*report'),
    'refused': (5, 'nonce:Q pid:I reason:B detail:text known:B*end'),
    'data': (6, 'runs:*run'),
    'ack': (7, 'reports:H*report'),
    'ping': (8, 'token:Q report:B'),
    'pong': (9, 'token:Q'),
    'bye': (10, 'reports:H*report'),
}
RECORDS = {
    'node': 'pid:I incarnation:8s epoch:I settled:Q',
    'report': 'pid:I epoch:I to_epoch:I settled:Q received:Q credit:I gap:B rejections:I*rejection',
    'rejection': 'sequence:Q reason:B detail:text',
    'end': 'incarnation:8s epoch:I to_epoch:I settled:Q',
    'session': 'pid:I epoch:I',
    'run': 'pid:I epoch:I to_epoch:I settled:Q first:Q entries:entries',
}
NAMES = {number: name for name, (number, _) in FRAMES.items()}


def name_of(names: tuple[str, ...], code: int) -> str:
    """The name of a reason; there may be more in time to come."""
    return names[code] if code < len(names) else f'reason {code}'


class FrameError(ValueError):
    """Bytes that are no frame."""


class Record(SimpleNamespace):
    """A frame, or a part of one, with the fields that its table has."""


class Entry(Record):
    """An envelope in a frame: `msg_id`, `re` or None, and `body`, or None where it is missing."""

    @property
    def size(self) -> int:
        """What it costs of the credit."""
        return 13 + (self.re is not None) * 8 + len(self.body or b'')


def encode(name: str, **fields: Any) -> list[bytes]:
    """Writes a frame; its first part, and those of large bodies."""
    number, layouts = FRAMES[name]
    parts = [b'']
    pieces = [struct.pack('>B', number)]
    _write(layouts, Record(**fields), pieces, parts)
    return [b''.join(pieces), *parts[1:]]


def decode(parts: list[bytes]) -> tuple[str, Record]:
    """Reads a frame: its name and its fields; raises FrameError where there is none."""
    try:
        reader = Reader(parts[0], iter(parts[1:]))
        name = NAMES.get(reader.number('B'), '')
        if name not in FRAMES:
            raise FrameError('there is no such frame')
        if name == 'hello' and parts[0][1:3] != struct.pack('>H', VERSION):
            return name, Record(version=reader.number('H'))  # the rest may be anything
        frame = reader.record(FRAMES[name][1])
    except (struct.error, UnicodeDecodeError) as error:
        raise FrameError(str(error)) from error
    if reader.at < len(parts[0]):
        raise FrameError(f'{len(parts[0]) - reader.at} bytes are left over')
    return name, frame


class Reader:
    """Reads one field after the other."""

    def __init__(self, data: bytes, own_parts: Iterator[bytes]) -> None:
        self.data, self.own_parts, self.at = data, own_parts, 0

    def number(self, layout: str) -> Any:
        """Reads what one letter of `struct` stands for."""
        value, = struct.unpack_from('>' + layout, self.data, self.at)
        self.at += struct.calcsize('>' + layout)
        return value

    def take(self, count: int) -> bytes:
        """Reads so many bytes."""
        if len(self.data) < self.at + count:
            raise FrameError(f'{self.at + count - len(self.data)} bytes are missing')
        self.at += count
        return self.data[self.at - count:self.at]

    def record(self, layouts: str) -> Record:
        """Reads a record."""
        fields = (field.split(':') for field in layouts.split())
        return Record(**{name: self.field(layout) for name, layout in fields})

    def field(self, layout: str) -> Any:
        """Reads one field."""
        if layout == 'text':
            return self.take(self.number('H')).decode()
        if layout == 'entries':
            return self.entries()
        count, several, name = layout.partition('*')
        if not several:
            return self.number(layout)
        if count:
            return [self.record(RECORDS[name]) for _ in range(self.number(count))]
        records = []
        while self.at < len(self.data):
            records.append(self.record(RECORDS[name]))
        return records

    def entries(self) -> list[Entry]:
        """Reads the envelopes of a run."""
        count, size, _ = (self.number('I') for _ in range(3))
        self.number('B')  # Acknowledgements are never delayed here, urgent or not.
        end = self.at + size
        entries = [self.entry() for _ in range(min(count, ENTRIES_MAX + 1))]
        if self.at != end or not 1 <= count <= ENTRIES_MAX:
            raise FrameError(f'{count} entries do not take {size} bytes')
        return entries

    def entry(self) -> Entry:
        """Reads an envelope, whose body may be a part of its own."""
        length, flags, msg_id = self.number('I'), self.number('B'), self.number('Q')
        re = self.number('Q') if flags & HAS_RE else None
        body = next(self.own_parts, None) if flags & HAS_OWN_PART else self.take(length)
        whole = body is not None and len(body) == length
        return Entry(msg_id=msg_id, re=re, body=body if whole else None)


def _write(layouts: str, record: Record, pieces: list[bytes], parts: list[bytes]) -> None:
    for name, layout in (field.split(':') for field in layouts.split()):
        value = getattr(record, name)
        count, several, kind = layout.partition('*')
        if layout == 'text':
            data = value.encode()[:0xFFFF]
            pieces.append(struct.pack('>H', len(data)) + data)
        elif layout == 'entries':
            pieces.append(_entries(value, parts))
        elif not several:
            pieces.append(struct.pack('>' + layout, value))
        else:
            pieces.append(struct.pack('>' + count, len(value)) if count else b'')
            for one in value:
                _write(RECORDS[kind], one, pieces, parts)


def _entries(entries: list[Entry], parts: list[bytes]) -> bytes:
    pieces, before = [], len(parts)
    for entry in entries:
        own = len(entry.body) >= OWN_PART_BYTES
        flags = own * HAS_OWN_PART + (entry.re is not None) * HAS_RE
        pieces.append(struct.pack('>IBQ', len(entry.body), flags, entry.msg_id))
        if entry.re is not None:
            pieces.append(struct.pack('>Q', entry.re))
        (parts if own else pieces).append(entry.body)
    data = b''.join(pieces)
    urgent = 1  # Every envelope has a receipt, and somebody may wait for it.
    return struct.pack('>IIIB', len(entries), len(data), len(parts) - before, urgent) + data
