"""The binary frames of the long connection: `pbbp2.Frame`, written and read by hand.

Nothing here knows what a frame is for; `longlink` does.
"""

from dataclasses import dataclass

CONTROL, DATA = 0, 1

VARINT, BYTES = 0, 2
#: Field numbers: three integers and the method are required, even when they are zero.
SEQ_ID, LOG_ID, SERVICE, METHOD, HEADERS, PAYLOAD_ENCODING, PAYLOAD_TYPE, PAYLOAD, LOG_ID_NEW = range(1, 10)
REQUIRED = {SEQ_ID, LOG_ID, SERVICE, METHOD}


class FrameError(Exception):
    """These bytes are no frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    method: int
    headers: tuple[tuple[str, str], ...]
    payload: bytes = b""
    service: int = 0
    seq_id: int = 0
    log_id: int = 0
    log_id_new: str = ""

    def header(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        return dict(self.headers).get(name, "")


def encode(frame: Frame) -> bytes:
    """The frame as bytes."""
    out = bytearray()
    for number, value in (
        (SEQ_ID, frame.seq_id),
        (LOG_ID, frame.log_id),
        (SERVICE, frame.service),
        (METHOD, frame.method),
    ):
        out += _tag(number, VARINT) + _varint(value)
    for key, value_text in frame.headers:
        pair = _field(1, key.encode()) + _field(2, value_text.encode())
        out += _field(HEADERS, pair)
    if frame.payload:
        out += _field(PAYLOAD, frame.payload)
    if frame.log_id_new:
        out += _field(LOG_ID_NEW, frame.log_id_new.encode())
    return bytes(out)


def decode(data: bytes) -> Frame:
    """Read a frame. Raises FrameError."""
    numbers: dict[int, int] = {}
    headers: list[tuple[str, str]] = []
    texts: dict[int, bytes] = {}
    for number, value in _fields(data):
        if isinstance(value, int):
            numbers[number] = value
        elif number == HEADERS:
            pair = {key: text for key, text in _fields(value) if isinstance(text, bytes)}
            headers.append((pair.get(1, b"").decode(), pair.get(2, b"").decode()))
        else:
            texts[number] = value
    if not numbers.keys() >= REQUIRED:
        raise FrameError(f"required fields are missing: {sorted(REQUIRED - numbers.keys())}")
    return Frame(
        method=numbers[METHOD],
        headers=tuple(headers),
        payload=texts.get(PAYLOAD, b""),
        service=numbers[SERVICE],
        seq_id=numbers[SEQ_ID],
        log_id=numbers[LOG_ID],
        log_id_new=texts.get(LOG_ID_NEW, b"").decode(),
    )


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    found: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _read_varint(data, at)
            found.append((number, value))
        elif kind == BYTES:
            length, at = _read_varint(data, at)
            if at + length > len(data):
                raise FrameError("a field ends after the frame")
            found.append((number, data[at : at + length]))
            at += length
        else:
            raise FrameError(f"wire type {kind}")
    return found


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
    raise FrameError("the frame ends within a number")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _tag(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _field(number: int, value: bytes) -> bytes:
    return _tag(number, BYTES) + _varint(len(value)) + value
