"""Frames: bytes to records and back, by the tables in section 3 of docs/wire.md."""

import struct
from types import SimpleNamespace
from typing import Any, Iterator

VERSION = 1
ALL_SESSIONS = 0xFFFFFFFF
REFUSALS = ('wrong-cluster', 'wrong-version', 'not-a-member', 'wrong-pid', 'superseded',
            'hello-required')
REJECTIONS = ('undecodable', 'too-large', 'malformed')
ENTRIES_MAX = 4096
SEPARATE_PART_BYTES = 32 * 1024
HAS_RE, HAS_SEPARATE_PART = 1, 2

# A field is `name:layout`. A layout is a format of `struct`, `text`, or `count*record`: records
# after their count, or without `count` up to the end of the frame.
FRAMES = {
    'hello': (1, 'version:H nonce:Q cluster:text to:I features:I offers:H*offer'),
    'join': (2, 'nonce:Q offers:H*offer'),
    'leave': (3, 'sessions:H*session'),
    'welcome': (4, 'nonce:Q pid:I incarnation:8s features:I max_message_bytes:I reports:H*report'),
    'refused': (5, 'nonce:Q pid:I reason:B detail:text final_state:B*end'),
    'data': (6, 'batches:*batch'),
    'ack': (7, 'reports:H*report'),
    'ping': (8, 'token:Q report:B'),
    'pong': (9, 'token:Q'),
    'bye': (10, 'reports:H*report'),
}
RECORDS = {
    'offer': 'pid:I incarnation:8s epoch:I settled:Q',
    'report': 'pid:I epoch:I to_epoch:I settled:Q received:Q credit:I gap:B rejections:I*rejection',
    'rejection': 'sequence:Q reason:B detail:text',
    'end': 'incarnation:8s epoch:I to_epoch:I settled:Q',
    'session': 'pid:I epoch:I',
    'batch': 'pid:I epoch:I to_epoch:I settled:Q first:Q entries:entries',
}
NAMES = {number: name for name, (number, _) in FRAMES.items()}


def name_of(names: tuple[str, ...], code: int) -> str:
    """Returns the name of a reason; newer peers may send unknown codes."""
    return names[code] if code < len(names) else f'reason {code}'


class FrameError(ValueError):
    """Raised for bytes that are not a frame."""


class Record(SimpleNamespace):
    """A frame or a part of one; its attributes are the fields of its table."""


class Entry(Record):
    """An encoded envelope: `msg_id`, `re` or None, and `body`, or None if the frame lacks it."""

    @property
    def size(self) -> int:
        """The bytes that it takes from the credit."""
        return 13 + (self.re is not None) * 8 + len(self.body or b'')


def encode(name: str, **fields: Any) -> list[bytes]:
    """Returns the parts of a frame: the first one, then one per large body."""
    number, layouts = FRAMES[name]
    parts = [b'']
    pieces = [struct.pack('>B', number)]
    _write(layouts, Record(**fields), pieces, parts)
    return [b''.join(pieces), *parts[1:]]


def decode(parts: list[bytes]) -> tuple[str, Record]:
    """Returns the name and the fields of a frame; raises FrameError if it is malformed."""
    try:
        reader = Reader(parts[0], iter(parts[1:]))
        name = NAMES.get(reader.number('B'), '')
        if name not in FRAMES:
            raise FrameError('unknown frame type')
        if name == 'hello' and parts[0][1:3] != struct.pack('>H', VERSION):
            return name, Record(version=reader.number('H'))  # other versions may have other fields
        frame = reader.record(FRAMES[name][1])
    except (struct.error, UnicodeDecodeError) as error:
        raise FrameError(str(error)) from error
    if reader.at < len(parts[0]):
        raise FrameError(f'{len(parts[0]) - reader.at} bytes follow the frame')
    return name, frame


class Reader:
    """Reads the fields of a frame."""

    def __init__(self, data: bytes, separate_parts: Iterator[bytes]) -> None:
        self.data, self.separate_parts, self.at = data, separate_parts, 0

    def number(self, layout: str) -> Any:
        """Reads a number in this format of `struct`."""
        value, = struct.unpack_from('>' + layout, self.data, self.at)
        self.at += struct.calcsize('>' + layout)
        return value

    def take(self, count: int) -> bytes:
        """Reads `count` bytes."""
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
        count, is_list, name = layout.partition('*')
        if not is_list:
            return self.number(layout)
        if count:
            return [self.record(RECORDS[name]) for _ in range(self.number(count))]
        records = []
        while self.at < len(self.data):
            records.append(self.record(RECORDS[name]))
        return records

    def entries(self) -> list[Entry]:
        """Reads the entries of a batch."""
        count, size, _ = (self.number('I') for _ in range(3))
        self.number('B')  # `urgent`: this node sends every acknowledgement at once.
        end = self.at + size
        entries = [self.entry() for _ in range(min(count, ENTRIES_MAX + 1))]
        if self.at != end or not 1 <= count <= ENTRIES_MAX:
            raise FrameError(f'{count} entries do not take {size} bytes')
        return entries

    def entry(self) -> Entry:
        """Reads an entry, whose body may be a separate part."""
        length, flags, msg_id = self.number('I'), self.number('B'), self.number('Q')
        re = self.number('Q') if flags & HAS_RE else None
        body = next(self.separate_parts, None) if flags & HAS_SEPARATE_PART else self.take(length)
        is_complete = body is not None and len(body) == length
        return Entry(msg_id=msg_id, re=re, body=body if is_complete else None)


def _write(layouts: str, record: Record, pieces: list[bytes], parts: list[bytes]) -> None:
    for name, layout in (field.split(':') for field in layouts.split()):
        value = getattr(record, name)
        count, is_list, kind = layout.partition('*')
        if layout == 'text':
            data = value.encode()[:0xFFFF]
            pieces.append(struct.pack('>H', len(data)) + data)
        elif layout == 'entries':
            pieces.append(_entries(value, parts))
        elif not is_list:
            pieces.append(struct.pack('>' + layout, value))
        else:
            pieces.append(struct.pack('>' + count, len(value)) if count else b'')
            for one in value:
                _write(RECORDS[kind], one, pieces, parts)


def _entries(entries: list[Entry], parts: list[bytes]) -> bytes:
    pieces, before = [], len(parts)
    for entry in entries:
        separate = len(entry.body) >= SEPARATE_PART_BYTES
        flags = separate * HAS_SEPARATE_PART + (entry.re is not None) * HAS_RE
        pieces.append(struct.pack('>IBQ', len(entry.body), flags, entry.msg_id))
        if entry.re is not None:
            pieces.append(struct.pack('>Q', entry.re))
        (parts if separate else pieces).append(entry.body)
    data = b''.join(pieces)
    urgent = 1  # A caller may wait for the receipt.
    return struct.pack('>IIIB', len(entries), len(data), len(parts) - before, urgent) + data
