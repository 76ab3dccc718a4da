"""Width and height of a film, from its header alone: ISO base media (MP4, MOV) and WebM."""

from collections.abc import Iterator
from typing import BinaryIO

#: Boxes and elements that are looked into on the way to the track's size.
_BOXES = frozenset({b"moov", b"trak"})
_SEGMENT, _TRACKS, _TRACK, _VIDEO = 0x18538067, 0x1654AE6B, 0xAE, 0xE0
_WIDTH, _HEIGHT = 0xB0, 0xBA
#: More parts than this are no header any more.
_PARTS = 200
#: Nor do they lie deeper than this.
_DEPTH = 5

Size = tuple[int, int]


def mp4_size(file: BinaryIO) -> Size:
    """The size of the first track that has one; (0, 0) where none tells."""
    file.seek(0, 2)
    for name, start, end in _boxes(file, 0, file.tell()):
        if name == b"tkhd":
            file.seek(start)
            header = file.read(end - start)[-8:]  # the last two fields, 16.16 fixed point
            size = (int.from_bytes(header[:2], "big"), int.from_bytes(header[4:6], "big"))
            if all(size):
                return size
    return (0, 0)


def _boxes(file: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[tuple[bytes, int, int]]:
    """(name, start of content, end) of every box, those inside moov and trak too."""
    for _ in range(_PARTS):
        if start + 8 > end:
            return
        file.seek(start)
        head = file.read(16)
        length, name, content = int.from_bytes(head[:4], "big"), head[4:8], start + 8
        if length == 1:
            length, content = int.from_bytes(head[8:16], "big"), start + 16
        stop = end if length == 0 else min(start + length, end)
        if stop < content:
            return
        yield name, content, stop
        if name in _BOXES and depth < _DEPTH:
            yield from _boxes(file, content, stop, depth + 1)
        start = stop


def webm_size(file: BinaryIO) -> Size:
    """The size of the first picture track; (0, 0) where none tells."""
    file.seek(0, 2)
    found: dict[int, int] = {}
    for name, start, end in _elements(file, 0, file.tell()):
        if name in (_WIDTH, _HEIGHT):
            file.seek(start)
            found.setdefault(name, int.from_bytes(file.read(min(end - start, 8)), "big"))
        if len(found) == 2:
            break
    return (found.get(_WIDTH, 0), found.get(_HEIGHT, 0))


def _elements(file: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """(id, start of content, end) of every element, those on the way to a track's picture too."""
    for _ in range(_PARTS):
        file.seek(start)
        head = file.read(12)
        name, used = _number(head, keep_marker=True)
        length, more = _number(head[used:], keep_marker=False)
        if not used or not more or start >= end:
            return
        content = start + used + more
        unknown = length == (1 << (7 * more)) - 1
        stop = end if unknown else min(content + length, end)
        yield name, content, stop
        if name in (_SEGMENT, _TRACKS, _TRACK, _VIDEO) and depth < _DEPTH:
            yield from _elements(file, content, stop, depth + 1)
        start = stop


def _number(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """An EBML number and how many bytes it took; 0 bytes where there is none."""
    if not data or not data[0]:
        return 0, 0
    width = 9 - data[0].bit_length()
    value = int.from_bytes(data[:width], "big")
    if not keep_marker:
        value &= (1 << (7 * width)) - 1
    return value, width if len(data) >= width else 0
