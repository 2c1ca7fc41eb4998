"""Messages as one MessagePack value, with the extensions of section 5 of docs/wire.md."""

import struct
from typing import Any

import msgpack

SAFE = 2**53 - 1
UNDECODABLE = (ValueError, OverflowError, TypeError)
MESSAGE_VALUES_MAX = 2**16
DEPTH_MAX = 100


class TooComplex(ValueError):
    """Raised for a message with more than MESSAGE_VALUES_MAX keys and values."""


class Token:
    """A JavaScript value without a Python equivalent; compare with `is`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


UNDEFINED = Token('undefined')
INVALID_DATE = Token('invalid-date')


class BigInt(int):
    """An integer that is a `bigint` in JavaScript although it fits into a number."""


def encode_message(message: Any) -> bytes:
    """Encodes a message; raises TypeError for an unsupported type. A datetime needs a time zone."""
    return bytes(msgpack.packb(message, default=_extended, strict_types=True, datetime=True))


def decode_message(body: bytes) -> Any:
    """Decodes exactly one value; raises TooComplex or one of `UNDECODABLE` otherwise."""
    options = {'ext_hook': _plain, 'object_pairs_hook': _with_text_keys, 'strict_map_key': False}
    try:
        message = msgpack.unpackb(body, timestamp=3, **options)
    except OverflowError:  # a date outside of Python's range is a msgpack.Timestamp
        message = msgpack.unpackb(body, timestamp=0, **options)
    if (values := count_values(message)) > MESSAGE_VALUES_MAX:
        raise TooComplex(f'{values} keys and values; this node accepts {MESSAGE_VALUES_MAX}')
    return message


def count_values(message: Any, depth: int = 0) -> int:
    """Counts the keys and values of a message; raises ValueError if it is nested too deep."""
    if not isinstance(message, (dict, list, tuple)):
        return 1
    if depth == DEPTH_MAX:
        raise ValueError(f'more than {DEPTH_MAX} levels of arrays and maps')
    if isinstance(message, dict):
        if '__proto__' in message:
            raise ValueError('the key __proto__')
        return 1 + len(message) + sum(count_values(one, depth + 1) for one in message.values())
    return 1 + sum(count_values(one, depth + 1) for one in message)


def _extended(value: Any) -> Any:
    if value is UNDEFINED:
        return msgpack.ExtType(0, b'\0')
    if value is INVALID_DATE:
        return msgpack.ExtType(2, b'\0')
    if isinstance(value, BigInt):
        small = -SAFE <= value <= SAFE
        return msgpack.ExtType(1, struct.pack('>q', value)) if small else int(value)
    if isinstance(value, tuple):
        return list(value)
    kinds: tuple[type[Any], ...] = (dict, list, str, int, float)
    for kind in kinds:  # strict_types passes subclasses, too
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f'cannot encode {value!r}')


def _plain(code: int, data: bytes) -> Any:
    if code == 1 and len(data) == 8:
        return BigInt(struct.unpack('>q', data)[0])
    if code in (0, 2) and data == b'\0':
        return INVALID_DATE if code else UNDEFINED
    raise ValueError(f'unknown extension {code} of {len(data)} bytes')


def _with_text_keys(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    for key, _ in pairs:
        if not isinstance(key, str):
            raise ValueError(f'expected a text key, got {key!r}')
    return dict(pairs)
