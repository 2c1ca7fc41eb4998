"""Frames: bytes to records and back, by the tables in section 3 of docs/wire.md."""

import struct
from types import SimpleNamespace
from typing import Any, Iterator

VERSION = 2
ANY_LISTENER = 0xFFFFFFFF
PID_MAX = 2**31 - 1
SAFE = 2**53 - 1
HEADERS, ERROR_REPLIES = 1, 2
FEATURES = HEADERS | ERROR_REPLIES
HAS_KEYS = 1
REFUSALS = ('wrong-cluster', 'wrong-version', 'not-a-member', 'wrong-pid', 'superseded',
            'hello-required', 'not-proven', 'key-required')
WRONG_VERSION = REFUSALS.index('wrong-version')
REJECTIONS = ('undecodable', 'too-large', 'malformed', 'too-complex')
HAS_FINAL_STATE, HAS_TRUE_PID = 1, 2
PIDS_MAX, REPORTS_MAX, BATCHES_MAX, ENTRIES_MAX = 1024, 4096, 4096, 4096
ENTRY_BYTES_MIN = 13
SEPARATE_PART_BYTES = 32 * 1024
HAS_RE, HAS_SEPARATE_PART, HAS_HEADERS, IS_ERROR = 1, 2, 4, 8
HEADERS_MAX, HEADER_BYTES_MAX = 32, 8 * 1024

# A field is `name:layout`. A layout is a format of `struct`, `text`, `pid`, `listener`, a list or
# an option. A list is `count*item` or `*item`: items after their count, or up to the end of the
# frame. An option is `bit?item`: a list of one item if this bit of the field `flags` is set.
FRAMES = {
    'hello': (1, 'version:H nonce:Q cluster:text to:listener features:I endpoint:text flags:B '
                 'offers:H*offer'),
    'join': (2, 'nonce:Q offers:H*offer'),
    'leave': (3, 'sessions:H*session'),
    'welcome': (4, 'nonce:Q pid:pid incarnation:8s features:I max_message_bytes:I '
                   'max_message_values:I reports:H*report'),
    'wrong-version': (5, 'nonce:Q all:I reason:B detail:text flags:B'),  # in every version
    'refused': (5, 'nonce:Q reason:B detail:text flags:B pids:H*pid true_pid:2?pid '
                   'final_state:1?end'),
    'data': (6, 'batches:*batch'),
    'ack': (7, 'reports:H*report'),
    'ping': (8, 'token:Q report:B'),
    'pong': (9, 'token:Q'),
    'bye': (10, 'reports:H*report'),
}
ALL = 0xFFFFFFFF
EXTENSIBLE = ('hello', 'welcome')
RECORDS = {
    'offer': 'pid:pid incarnation:8s epoch:I settled:Q',
    'report': 'pid:pid epoch:I to_epoch:I settled:Q received:Q credit:I reply_credit:I gap:B '
              'rejections:I*rejection',
    'rejection': 'sequence:Q reason:B detail:text',
    'end': 'incarnation:8s epoch:I to_epoch:I settled:Q',
    'session': 'pid:pid epoch:I',
    'batch': 'pid:pid epoch:I to_epoch:I settled:Q first:Q entries:entries',
}
COUNTS_MAX = {'offer': PIDS_MAX, 'session': PIDS_MAX, 'pid': PIDS_MAX, 'report': REPORTS_MAX}
NAMES = {number: name for name, (number, _) in FRAMES.items()}


def name_of(names: tuple[str, ...], code: int) -> str:
    """Returns the name of a reason; newer peers may send unknown codes."""
    return names[code] if code < len(names) else f'reason {code}'


class FrameError(ValueError):
    """Raised for bytes that are not a frame."""


class Record(SimpleNamespace):
    """A frame or a part of one; its attributes are the fields of its table."""


class Entry(Record):
    """An encoded envelope: `msg_id`, `re` or None, `headers`, `is_error`, and `body`.

    `headers` are encoded, without their count of bytes; empty for none. `body` is None if the entry
    is malformed.
    """

    @property
    def size(self) -> int:
        """The bytes that it takes from the credit."""
        headers = 2 + len(self.headers) if self.headers else 0
        return ENTRY_BYTES_MIN + (self.re is not None) * 8 + headers + len(self.body or b'')

    @property
    def features(self) -> int:
        """The features that its receiver needs."""
        return bool(self.headers) * HEADERS | self.is_error * ERROR_REPLIES


MALFORMED = Entry(msg_id=0, re=None, headers=b'', is_error=False, body=None)


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
        reader = Reader(parts[0], parts[1:])
        name = NAMES.get(reader.number('B'), '')
        if name not in FRAMES:
            raise FrameError('unknown frame type')
        if name == 'hello' and parts[0][1:3] != struct.pack('>H', VERSION):
            return name, Record(version=reader.number('H'))  # other versions may have other fields
        if name == 'refused' and parts[0][9:14] == struct.pack('>IB', ALL, WRONG_VERSION):
            frame = reader.record(FRAMES['wrong-version'][1])
            frame.pids = frame.true_pid = frame.final_state = []
        else:
            frame = reader.record(FRAMES[name][1])
    except (struct.error, UnicodeDecodeError) as error:
        raise FrameError(str(error)) from error
    if reader.at < len(parts[0]) and name not in EXTENSIBLE:
        raise FrameError(f'{len(parts[0]) - reader.at} bytes follow the frame')
    if reader.parts:
        raise FrameError(f'{len(reader.parts)} parts follow the frame')
    return name, frame


def encode_headers(headers: dict[str, str]) -> bytes:
    """Encodes headers; raises ValueError if there are too many."""
    data = b''.join(map(_text, (text for item in headers.items() for text in item)))
    if len(headers) > HEADERS_MAX or len(data) > HEADER_BYTES_MAX or '__proto__' in headers:
        raise ValueError(f'{len(headers)} headers of {len(data)} bytes')
    return data


def decode_headers(data: bytes) -> dict[str, str]:
    """Decodes headers; raises FrameError or UnicodeDecodeError if they are malformed."""
    headers: dict[str, str] = {}
    reader, count = Reader(data, []), 0
    while reader.at < len(data):
        key, count = reader.text(), count + 1
        headers[key] = reader.text()
    if count > HEADERS_MAX or len(data) > HEADER_BYTES_MAX or '__proto__' in headers:
        raise FrameError(f'{count} headers of {len(data)} bytes')
    return headers


class Reader:
    """Reads the fields of a frame."""

    def __init__(self, data: bytes, parts: list[bytes]) -> None:
        self.data, self.parts, self.at = data, parts, 0

    def number(self, layout: str) -> Any:
        """Reads a number in this format of `struct`."""
        value, = struct.unpack_from('>' + layout, self.data, self.at)
        if layout == 'Q' and value > SAFE:
            raise FrameError(f'{value} is over 2^53 - 1')
        self.at += struct.calcsize('>' + layout)
        return value

    def take(self, count: int) -> bytes:
        """Reads `count` bytes."""
        if len(self.data) < self.at + count:
            raise FrameError(f'{self.at + count - len(self.data)} bytes are missing')
        self.at += count
        return self.data[self.at - count:self.at]

    def text(self) -> str:
        """Reads a text."""
        return self.take(self.number('H')).decode()

    def record(self, layouts: str) -> Record:
        """Reads a record."""
        record = Record()
        for name, layout in (field.split(':') for field in layouts.split()):
            setattr(record, name, self.field(layout, record))
        return record

    def field(self, layout: str, record: Record) -> Any:
        """Reads one field of a record."""
        if layout == 'text':
            return self.text()
        if layout in ('pid', 'listener'):
            return self.pid(or_any=layout == 'listener')
        if layout == 'entries':
            return self.entries(record)
        if '?' in layout:
            bit, _, item = layout.partition('?')
            return [self.item(item)] if record.flags & int(bit) else []
        if '*' in layout:
            return list(self.items(*layout.split('*')))
        return self.number(layout)

    def pid(self, or_any: bool = False) -> int:
        """Reads a pid, or the number that stands for any listener."""
        value = self.number('I')
        if value > PID_MAX and not (or_any and value == ANY_LISTENER):
            raise FrameError(f'the pid {value} is too large')
        return value

    def item(self, name: str) -> Any:
        """Reads an item of a list."""
        return self.pid() if name == 'pid' else self.record(RECORDS[name])

    def items(self, count: str, name: str) -> Iterator[Any]:
        """Reads a list."""
        if count:
            number = self.number(count)
            if number > COUNTS_MAX.get(name, number):
                raise FrameError(f'{number} items')
            yield from (self.item(name) for _ in range(number))
            return
        for _ in range(BATCHES_MAX):
            yield self.item(name)
            if self.at == len(self.data):
                return

    def entries(self, batch: Record) -> list[Entry]:
        """Reads the entries of a batch. From the first malformed one on, all are malformed."""
        count, size, parts = (self.number('I') for _ in range(3))
        self.number('B')  # `urgent`: this node sends every acknowledgement at once.
        if not 1 <= count <= ENTRIES_MAX or count * ENTRY_BYTES_MIN > size:
            raise FrameError(f'{count} entries do not take {size} bytes')
        if parts > min(count, len(self.parts)):
            raise FrameError(f'{parts} separate bodies of {count} entries')
        if batch.first <= batch.settled:
            raise FrameError(f'the entry {batch.first} is settled')
        reader = Reader(self.take(size), self.parts[:parts])
        self.parts = self.parts[parts:]
        entries: list[Entry] = []
        try:
            while len(entries) < count:
                entries.append(reader.entry())
        except (FrameError, struct.error, UnicodeDecodeError):
            entries += [MALFORMED] * (count - len(entries))
        return entries

    def entry(self) -> Entry:
        """Reads an entry, whose body may be a separate part."""
        length, flags, msg_id = self.number('I'), self.number('B'), self.number('Q')
        re = self.number('Q') if flags & HAS_RE else None
        headers = self.take(self.number('H')) if flags & HAS_HEADERS else b''
        decode_headers(headers)
        is_error = bool(flags & IS_ERROR)
        if not flags & HAS_SEPARATE_PART:
            body = self.take(length)
        elif not self.parts or len(self.parts[0]) != length:
            raise FrameError('the part is missing, or has another length')
        else:
            body, *self.parts = self.parts
        return Entry(msg_id=msg_id, re=re, headers=headers, is_error=is_error, body=body)


def _write(layouts: str, record: Record, pieces: list[bytes], parts: list[bytes]) -> None:
    for name, layout in (field.split(':') for field in layouts.split()):
        value = getattr(record, name)
        if layout == 'text':
            pieces.append(_text(value))
        elif layout == 'entries':
            pieces.append(_entries(value, parts))
        elif isinstance(value, list):
            count, _, item = layout.replace('?', '*').partition('*')
            pieces.append(struct.pack('>' + count, len(value)) if count.isalpha() else b'')
            for one in value:
                _write('pid:pid' if item == 'pid' else RECORDS[item],
                       Record(pid=one) if item == 'pid' else one, pieces, parts)
        else:
            number = 'I' if layout in ('pid', 'listener') else layout
            pieces.append(struct.pack('>' + number, value))


def _text(value: str) -> bytes:
    data = value.encode()
    if len(data) > 0xFFFF:
        raise ValueError(f'a text of {len(data)} bytes')
    return struct.pack('>H', len(data)) + data


def _entries(entries: list[Entry], parts: list[bytes]) -> bytes:
    pieces, before = [], len(parts)
    for entry in entries:
        separate = len(entry.body) >= SEPARATE_PART_BYTES
        flags = (separate * HAS_SEPARATE_PART + (entry.re is not None) * HAS_RE
                 + bool(entry.headers) * HAS_HEADERS + entry.is_error * IS_ERROR)
        pieces.append(struct.pack('>IBQ', len(entry.body), flags, entry.msg_id))
        if entry.re is not None:
            pieces.append(struct.pack('>Q', entry.re))
        if entry.headers:
            pieces.append(struct.pack('>H', len(entry.headers)) + entry.headers)
        (parts if separate else pieces).append(entry.body)
    data = b''.join(pieces)
    urgent = 1  # A caller may wait for the receipt.
    return struct.pack('>IIIB', len(entries), len(data), len(parts) - before, urgent) + data
