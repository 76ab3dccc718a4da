"""Pictures on disk: recognised, kept, fetched, made to fit, swept."""

import asyncio
import errno
import io
import os
import random
import resource
import struct
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image

from adapters.media import Guard, MediaStore, recognise
from adapters.media.guard import is_public, system_resolver
from bot.errors import MediaError, Reason
from bot.message import Media

# Pictures to work with


def picture(
    kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object
) -> bytes:
    """A small picture with something in it."""
    image = Image.radial_gradient("L").resize(size).convert(mode)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(size: tuple[int, int], kind: str = "PNG") -> bytes:
    """A picture that cannot be compressed."""
    raw = random.Random(7).randbytes(size[0] * size[1] * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", size, raw).save(file, kind)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb() -> bytes:
    """A PNG of 30 000 × 30 000 pixels in a few bytes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9000)) + chunk(b"IEND", b"")


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def film(brand: bytes = b"isom", size: tuple[int, int] = (1280, 720)) -> bytes:
    sound = box(b"tkhd", bytes(76) + struct.pack(">II", 0, 0))
    sight = box(b"tkhd", bytes(76) + struct.pack(">II", size[0] << 16, size[1] << 16))
    moov = box(b"moov", box(b"mvhd", bytes(100)) + box(b"trak", sound) + box(b"trak", sight))
    return box(b"ftyp", brand + bytes(8)) + box(b"mdat", bytes(5000)) + moov


def element(name: str, data: bytes) -> bytes:
    return bytes.fromhex(name) + (0x10000000 | len(data)).to_bytes(4, "big") + data


def webm(size: tuple[int, int] = (640, 360)) -> bytes:
    video = element(
        "E0", element("B0", size[0].to_bytes(2, "big")) + element("BA", size[1].to_bytes(2, "big"))
    )
    tracks = element("1654AE6B", element("AE", element("D7", b"\1") + video))
    body = element("1549A966", bytes(9)) + tracks
    segment = bytes.fromhex("18538067") + b"\x01" + b"\xff" * 7 + body
    return element("1A45DFA3", element("4282", b"webm")) + segment


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[MediaStore]:
    made = MediaStore(tmp_path / "media", clock=QuickClock())
    yield made
    await made.close()


class QuickClock:
    """Real time that never waits."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


# Recognise


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
    ],
)
def test_a_picture_is_known_by_its_content_not_its_name(tmp_path: Path, kind: str, type_: str) -> None:
    path = tmp_path / "liar.exe"
    path.write_bytes(picture(kind))
    assert recognise(path) == Media(path, type_, path.stat().st_size, 40, 30)


@pytest.mark.parametrize(
    ("content", "type_", "size"),
    [
        (film(), "video/mp4", (1280, 720)),
        (film(b"qt  "), "video/quicktime", (1280, 720)),
        (webm(), "video/webm", (640, 360)),
        (film()[:3000], "video/mp4", (0, 0)),
        (webm()[:40], "video/webm", (0, 0)),
    ],
    ids=["mp4", "mov", "webm", "mp4 cut off", "webm cut off"],
)
def test_films_are_known_too(tmp_path: Path, content: bytes, type_: str, size: tuple[int, int]) -> None:
    (tmp_path / "film").write_bytes(content)
    found = recognise(tmp_path / "film")
    assert (found.type, found.width, found.height) == (type_, *size)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89",
        b"<html><body>Not found</body></html>",
        b"%PDF-1.7 and so on",
        b"\0\0\0\x20ftypavif\0\0\0\0",
        b"\x89PNG\r\n\x1a\n" + b"garbage" * 9,
        b"\xff\xd8\xff" + bytes(50),
        b"RIFF\x10\0\0\0WEBPVP8X",
        b"II*\0" + b"\xff" * 60,
    ],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(MediaError) as caught:
        recognise(tmp_path / "x.png")
    assert caught.value.reason is Reason.BAD_INPUT


@pytest.mark.parametrize("film", [box(b"moov", b""), element("18538067", b"")], ids=["mp4", "webm"])
def test_a_film_nested_without_end_is_read_to_a_depth(tmp_path: Path, film: bytes) -> None:
    for _ in range(1500):
        film = box(b"moov", film) if b"moov" in film else element("18538067", film)
    head = box(b"ftyp", b"isom") if b"moov" in film else element("1A45DFA3", b"")
    (tmp_path / "x").write_bytes(head + film)
    assert recognise(tmp_path / "x").width == 0


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(bomb())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MediaError) as caught:
        recognise(tmp_path / "x.png")
    assert caught.value.reason in (Reason.INPUT_TOO_LARGE, Reason.BAD_INPUT)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50_000  # decoded it takes 2.7 GB


def test_a_file_that_has_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        recognise(tmp_path / "gone.png")
    assert caught.value.reason is Reason.INPUT_GONE


def test_a_picture_on_its_side_has_the_size_it_is_shown_in(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(sideways())
    assert (recognise(tmp_path / "x.jpg").width, recognise(tmp_path / "x.jpg").height) == (30, 40)


def sideways(place: bool = True) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    if place:
        exif.get_ifd(0x8825)[1] = "N"
    return picture("JPEG", exif=exif)


# Keep


async def test_what_is_kept_stands_under_its_name_with_the_right_extension(store: MediaStore) -> None:
    media = await store.keep("job-1", picture("JPEG"))
    assert media.path == store.folder / "job-1.jpg"
    assert recognise(media.path) == media
    assert store.find("job-1") == media
    assert store.find("job-2") is None


async def test_keeping_twice_under_one_name_leaves_the_later_whole(store: MediaStore) -> None:
    await asyncio.gather(*(store.keep("job-1", picture(size=(10 + n, 10))) for n in range(8)))
    await store.keep("job-1", picture(size=(99, 10)))
    assert [path.name for path in store.folder.iterdir()] == ["job-1.png"]
    assert recognise(store.folder / "job-1.png").width == 99


async def test_a_file_is_kept_by_its_path(store: MediaStore, tmp_path: Path) -> None:
    (tmp_path / "mine").write_bytes(picture())
    media = await store.keep("copy", tmp_path / "mine")
    assert media.path.read_bytes() == (tmp_path / "mine").read_bytes()


async def test_what_is_no_picture_is_not_kept(store: MediaStore) -> None:
    with pytest.raises(MediaError):
        await store.keep("x", b"<html>")
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", ".hidden", "图片", "x" * 300, "", "a?b", "a*b"])
async def test_no_name_leads_out_of_the_folder(store: MediaStore, name: str) -> None:
    media = await store.keep(name, picture())
    assert media.path.parent == store.folder
    assert store.find(name) == media


async def test_unusual_names_do_not_meet(store: MediaStore) -> None:
    paths = {(await store.keep(name, picture())).path for name in ("a?b", "a*b", "a_b", "a/b")}
    assert len(paths) == 4


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: the kernel refuses in the same place."""
    store = MediaStore(tmp_path / "media")
    content = noise((400, 400))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(MediaError) as caught:
            await store.keep("big", content)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.reason is Reason.DISK_FULL
    assert list(store.folder.iterdir()) == []
    await store.close()


async def test_a_device_without_space_is_said() -> None:
    """/dev/full answers every write as a full disk does."""
    with (
        pytest.raises(OSError, match="No space") as caught,
        Path("/dev/full").open("wb", buffering=0) as file,
    ):
        file.write(b"x")
    assert caught.value.errno == errno.ENOSPC


# Fetch

Answer = Callable[[asyncio.StreamWriter, dict[str, str]], Awaitable[None]]


class PictureServer:
    """A small server with one behaviour per path; remembers who asked for what."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def on(self, path: str, *answers: Answer) -> str:
        """Answer so, the last one again and again."""
        self.answers[path] = list(answers)
        return self.url(path)

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.strip().split("\r\n")
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}
            path = first.split(" ")[1]
            self.asked.append((path, headers))
            waiting = self.answers[path]
            await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(writer, headers)
            await writer.drain()
        writer.close()


def plain(content: bytes, status: int = 200, kind: str = "image/png", length: int | None = None) -> Answer:
    async def answer(writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        size = len(content) if length is None else length
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode()
        )
        writer.write(content)

    return answer


def elsewhere(location: str, status: int = 302) -> Answer:
    async def answer(writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(f"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


def endless(first: bytes, pause: float) -> Answer:
    async def answer(writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(b"HTTP/1.1 200 X\r\n\r\n" + first)
        while not writer.is_closing():
            writer.write(b"x" * 4096)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def in_blocks(first: bytes, size: int) -> Answer:
    """A large file, of which the server holds one block at a time."""

    async def answer(writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
        writer.write(f"HTTP/1.1 200 X\r\nContent-Length: {size}\r\n\r\n".encode() + first)
        rest = size - len(first)
        while rest:
            block = bytes(min(rest, 1 << 16))
            writer.write(block)
            await writer.drain()
            rest -= len(block)

    return answer


async def dropped(writer: asyncio.StreamWriter, headers: dict[str, str]) -> None:
    writer.close()


@pytest.fixture
async def server() -> AsyncIterator[PictureServer]:
    made = PictureServer()
    listening = await made.start()
    yield made
    listening.close()


@pytest.fixture
async def own(tmp_path: Path, server: PictureServer) -> AsyncIterator[MediaStore]:
    """A store to which the server is one of the operator's own hosts."""
    made = MediaStore(tmp_path / "media", own_hosts=frozenset({server.host}), clock=QuickClock())
    yield made
    await made.close()


async def reason_of(work: Awaitable[object]) -> Reason:
    with pytest.raises(MediaError) as caught:
        await work
    return caught.value.reason


async def test_a_result_is_fetched_and_kept_with_its_link(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", plain(picture("JPEG"), kind="application/octet-stream"))
    media = await own.download(url, "ref-0", link=url, expires=99.0)
    assert media.path == own.folder / "ref-0.jpg"
    assert (media.type, media.width, media.link, media.link_expires) == ("image/jpeg", 40, url, 99.0)
    assert media.path.read_bytes() == picture("JPEG")


@pytest.mark.parametrize("status", [404, 403, 410, 400])
async def test_a_link_that_is_dead_is_said_at_once(
    own: MediaStore, server: PictureServer, status: int
) -> None:
    url = server.on("/a", plain(b"gone", status))
    assert await reason_of(own.download(url, "x")) is Reason.RESULT_GONE
    assert await reason_of(own.download(url, "x", result=False)) is Reason.INPUT_GONE
    assert len(server.asked) == 2
    assert not own.folder.exists()


@pytest.mark.parametrize(
    "fault", [plain(b"", 503), plain(b"", 429), dropped, plain(picture()[:50], length=5000)]
)
async def test_what_fails_in_passing_is_tried_again(
    own: MediaStore, server: PictureServer, fault: Answer
) -> None:
    url = server.on("/a", fault, fault, plain(picture()))
    assert (await own.download(url, "x")).width == 40
    assert len(server.asked) == 3


async def test_what_keeps_failing_is_given_up(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", plain(b"", 502))
    assert await reason_of(own.download(url, "x")) is Reason.NETWORK
    assert len(server.asked) == 3


async def test_a_picture_that_is_cut_off_is_never_kept(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", plain(picture()[:50], length=len(picture())))
    assert await reason_of(own.download(url, "x")) is Reason.NETWORK
    assert list(own.folder.iterdir()) == []


async def test_a_person_s_picture_may_have_15_mb_and_a_result_more(
    own: MediaStore, server: PictureServer
) -> None:
    url = server.on("/large", plain(picture(), length=16_000_000))
    assert await reason_of(own.download(url, "x", result=False)) is Reason.INPUT_TOO_LARGE
    large = server.on("/larger", plain(picture() + b"\0" * 15_500_000))
    assert (await own.download(large, "y")).size > 15_000_000


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_half_a_picture_is_fetched_again_and_at_last_better_than_nothing(
    own: MediaStore, server: PictureServer, kind: str
) -> None:
    whole = noise((60, 60), kind)
    half = plain(whole[: len(whole) // 2])
    url = server.on("/half-then-whole", half, plain(whole))
    assert (await own.download(url, "one")).path.read_bytes() == whole
    url = server.on("/half", half)
    if kind == "WEBP":  # of which half shows nothing at all
        assert await reason_of(own.download(url, "two")) is Reason.GENERATION_FAILED
    else:
        assert (await own.download(url, "two")).size == len(whole) // 2
    assert [path for path, _ in server.asked].count("/half") == 3


async def test_notes_behind_a_picture_do_not_make_it_half_of_one(
    own: MediaStore, server: PictureServer
) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        await own.download(server.on(f"/{kind}", plain(picture(kind) + b"notes of a vendor" * 100)), kind)
    assert len(server.asked) == 3


async def test_a_slow_body_ends_at_the_deadline(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", endless(picture(), 0.01))
    began = time.monotonic()
    assert await reason_of(own.download(url, "x", deadline=0.1)) is Reason.NETWORK
    assert time.monotonic() - began < 1
    assert list(own.folder.iterdir()) == []


async def test_a_huge_body_is_cut_off_at_the_limit(own: MediaStore, server: PictureServer) -> None:
    told = server.on("/told", plain(picture(), length=10**12))
    untold = server.on("/untold", endless(picture(), 0))
    assert await reason_of(own.download(told, "x", result=False, limit=100_000)) is Reason.INPUT_TOO_LARGE
    assert await reason_of(own.download(untold, "x", result=False, limit=100_000)) is Reason.INPUT_TOO_LARGE
    assert await reason_of(own.download(untold, "x", limit=100_000)) is Reason.GENERATION_FAILED
    assert list(own.folder.iterdir()) == []


async def test_a_page_that_says_it_is_a_picture_is_refused_early(
    own: MediaStore, server: PictureServer
) -> None:
    url = server.on("/a", endless(b"<!doctype html><title>Sign in</title> and more", 0.01))
    assert await reason_of(own.download(url, "x", result=False, deadline=5)) is Reason.BAD_INPUT


async def test_a_fetched_bomb_is_refused(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", plain(bomb()))
    assert await reason_of(own.download(url, "x")) is Reason.GENERATION_FAILED
    assert list(own.folder.iterdir()) == []


async def test_redirects_are_followed_and_headers_stay_at_home(
    own: MediaStore, server: PictureServer, tmp_path: Path
) -> None:
    other = PictureServer()
    listening = await other.start()
    far = other.on("/b", plain(picture()))
    both = MediaStore(tmp_path / "m", own_hosts=frozenset({server.host, other.host}), clock=QuickClock())
    url = server.on("/a", elsewhere("/a2"))
    server.on("/a2", elsewhere(far, 307))
    await both.download(url, "x", headers={"Authorization": "Bearer secret"})
    assert [headers.get("authorization") for _, headers in server.asked] == ["Bearer secret"] * 2
    assert other.asked[0][1].get("authorization") is None
    await both.close()
    listening.close()


@pytest.mark.parametrize("where", ["http://xn--/", "http://xn--a/x.png", "http://a..b/", "http://["])
async def test_a_redirect_to_what_is_no_web_address_ends(
    own: MediaStore, server: PictureServer, where: str
) -> None:
    url = server.on("/led", elsewhere(where))
    reason = await reason_of(own.download(url, "x", result=False))
    assert reason in (Reason.BAD_INPUT, Reason.NETWORK)


async def test_a_circle_of_redirects_ends(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", elsewhere("/a"))
    assert await reason_of(own.download(url, "x", result=False)) is Reason.BAD_INPUT
    assert len(server.asked) == 6


async def test_a_redirect_from_an_own_host_to_the_inside_is_refused(
    own: MediaStore, server: PictureServer
) -> None:
    inside = PictureServer()
    listening = await inside.start()
    target = inside.on("/secret", plain(picture()))
    for location in (
        target,
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "//[::1]/",
        "http://x:y@h/",
    ):
        url = server.on("/a", elsewhere(location))
        assert await reason_of(own.download(url, "x", result=False)) is Reason.BAD_INPUT
    assert inside.asked == []
    listening.close()


async def test_a_full_disk_during_a_download_is_said(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", plain(noise((500, 500))))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        assert await reason_of(own.download(url, "x")) is Reason.DISK_FULL
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(own.folder.iterdir()) == []


async def test_many_large_downloads_take_little_memory(own: MediaStore, server: PictureServer) -> None:
    url = server.on("/a", in_blocks(picture(), 8_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await asyncio.gather(*(own.download(url, f"x-{n}") for n in range(12)))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 40_000  # 12 × 8 MB are 96 MB


# The guard


class Names:
    """Names and what they mean, one meaning after the other."""

    def __init__(self, **meanings: Sequence[Sequence[str]]) -> None:
        self.meanings = {name.replace("_", "."): list(answers) for name, answers in meanings.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.meanings:
            raise OSError(errno.ENOENT, "no such name")
        answers = self.meanings[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "2001:db8::1", "", "x",
    ],
)  # fmt: skip
def test_an_address_of_the_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700::6810:84e5", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://pictures.example/a",
        "file:///etc/passwd",
        "http://",
        "not a url",
        "http://user:pass@pictures.example/a",
        "http://127.0.0.1/a",
        "http://[::1]/a",
        "http://[::ffff:169.254.169.254]/a",
        "http://169.254.169.254/latest/meta-data/",
        "gopher://pictures.example",
        "http://\x00",
        "http://pictures.example:99999999/",
        "http://xn--/a",
        "http://[/a",
        "http://pictures example/a",
        "",
    ],
)
async def test_a_forbidden_place_is_refused_before_anything_is_sent(store: MediaStore, url: str) -> None:
    assert await reason_of(store.download(url, "x", result=False)) is Reason.BAD_INPUT


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost", "LOCALHOST."]
)
async def test_another_spelling_of_home_is_seen_through(host: str) -> None:
    guard = Guard(resolve=system_resolver, proxied=False)
    with pytest.raises((MediaError, OSError)):
        await guard.place(f"http://{host}/")


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "xn--", "xn--a.example"])
async def test_a_name_that_can_be_none_is_no_web_address(host: str) -> None:
    guard = Guard(resolve=system_resolver, proxied=False)
    with pytest.raises(MediaError) as caught:
        await guard.place(f"http://{host}/cat.png")
    assert caught.value.reason is Reason.BAD_INPUT


async def test_a_name_with_one_address_inside_is_refused() -> None:
    guard = Guard(resolve=Names(pictures_example=[["93.184.215.14", "10.0.0.1"]]), proxied=False)
    with pytest.raises(MediaError):
        await guard.place("https://pictures.example/a")


async def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    guard = Guard(resolve=Names(pictures_example=[["93.184.215.14", "93.184.215.15"]]), proxied=False)
    place = await guard.place("https://pictures.example:8443/a?b=c")
    assert str(place.url) == "https://93.184.215.14:8443/a?b=c"
    assert (place.host, place.name) == ("pictures.example:8443", "pictures.example")
    assert (await guard.place("https://pictures.example/", attempt=1)).url.host == "93.184.215.15"


async def test_a_name_that_changes_its_meaning_gains_nothing(tmp_path: Path, server: PictureServer) -> None:
    """The address that was looked at is the one that is opened, under the name that was asked for."""
    names = Names(pictures_example=[["127.0.0.1"], ["10.1.2.3"]])
    guard = Guard(resolve=names, allowed=lambda address: address == "127.0.0.1", proxied=False)
    store = MediaStore(tmp_path / "m", guard=guard, clock=QuickClock())
    server.on("/a", plain(picture()))
    url = f"http://pictures.example:{server.port}/a"
    assert (await store.download(url, "x")).width == 40
    assert names.asked == ["pictures.example"]
    assert server.asked[0][1]["host"] == f"pictures.example:{server.port}"
    assert await reason_of(store.download(url, "x", result=False)) is Reason.BAD_INPUT
    await store.close()


async def test_an_own_host_is_own_at_its_port_only() -> None:
    guard = Guard(
        frozenset({"127.0.0.1:8700", "[::1]:9", "home"}), resolve=Names(home=[["10.0.0.1"]]), proxied=False
    )
    assert (await guard.place("http://127.0.0.1:8700/x")).host == ""
    assert (await guard.place("http://[::1]:9/x")).host == ""
    assert (await guard.place("https://home/x")).host == ""
    for url in ("http://127.0.0.1:8701/x", "http://127.0.0.1/x", "http://home:81/", "http://[::1]/"):
        with pytest.raises(MediaError):
            await guard.place(url)


async def test_behind_a_proxy_the_proxy_resolves_but_home_stays_closed() -> None:
    names = Names()
    guard = Guard(resolve=names, proxied=True)
    assert (await guard.place("https://pictures.example/a")).url.host == "pictures.example"
    assert names.asked == []
    for host in ("127.0.0.1", "localhost", "printer", "nas.local", "127.1", "[::1]", "a.localhost"):
        with pytest.raises(MediaError):
            await guard.place(f"http://{host}/")


async def test_a_name_that_is_not_known_is_a_matter_of_the_network(tmp_path: Path) -> None:
    names = Names()
    store = MediaStore(tmp_path, guard=Guard(resolve=names, proxied=False), clock=QuickClock())
    assert await reason_of(store.download("https://nowhere.example/a", "x")) is Reason.NETWORK
    assert len(names.asked) == 3
    await store.close()


async def test_a_shared_client_is_used_and_left_open(tmp_path: Path, server: PictureServer) -> None:
    async with httpx.AsyncClient(headers={"User-Agent": "shared"}) as client:
        store = MediaStore(tmp_path, client, frozenset({server.host}))
        await store.download(server.on("/a", plain(picture())), "x")
        await store.close()
        assert not client.is_closed
    assert server.asked[0][1]["user-agent"] == "shared"


# Fit


async def test_what_fits_is_handed_on_as_it_is(store: MediaStore) -> None:
    media = await store.keep("x", picture())
    assert await store.fit(media, max_bytes=10_000) is media


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "BMP", "TIFF"])
async def test_an_unwelcome_type_becomes_a_welcome_one(store: MediaStore, kind: str) -> None:
    media = replace(await store.keep("x", picture(kind)), link="https://v.example/x", link_expires=5.0)
    fitted = await store.fit(media, max_bytes=10_000)
    assert fitted.type == "image/png"
    assert (fitted.width, fitted.height, fitted.link, fitted.link_expires) == (40, 30, media.link, 5.0)
    assert recognise(fitted.path) == replace(fitted, link="", link_expires=0.0)


async def test_a_large_one_becomes_small_enough(store: MediaStore) -> None:
    media = await store.keep("x", noise((600, 400)))
    for limit in (400_000, 100_000, 20_000):
        fitted = await store.fit(media, max_bytes=limit)
        assert fitted.size == fitted.path.stat().st_size <= limit
        assert fitted.type == "image/jpeg"
        assert abs(fitted.width / fitted.height - 1.5) < 0.05


async def test_a_side_that_is_too_long_is_shortened(store: MediaStore) -> None:
    media = await store.keep("x", picture("JPEG", (900, 300)))
    fitted = await store.fit(media, max_bytes=10**6, max_side=300)
    assert (fitted.width, fitted.height) == (300, 100)


async def test_a_transparent_picture_stays_so_where_it_can(store: MediaStore) -> None:
    image = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    file = io.BytesIO()
    image.save(file, "WEBP")
    media = await store.keep("x", file.getvalue())
    clear = await store.fit(media, max_bytes=10_000)
    flat = await store.fit(media, max_bytes=10_000, types=["image/jpeg"])
    with Image.open(clear.path) as opened:
        assert opened.mode == "RGBA"
    with Image.open(flat.path) as opened:
        assert opened.getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "LA", "RGBA", "CMYK"])
async def test_every_kind_of_colour_can_be_converted(store: MediaStore, mode: str) -> None:
    kind = "TIFF" if mode in ("CMYK", "I;16", "LA") else "PNG"
    image = Image.linear_gradient("L")
    image = (
        image.convert("I;16").point(lambda value: value * 256 + 0) if mode == "I;16" else image.convert(mode)
    )
    file = io.BytesIO()
    image.save(file, kind)
    media = await store.keep("x", file.getvalue())
    fitted = await store.fit(media, max_bytes=10**6, types=["image/jpeg"])
    with Image.open(fitted.path) as opened:
        top, bottom = opened.convert("L").getpixel((9, 5)), opened.convert("L").getpixel((9, 250))
    assert isinstance(top, int)
    assert isinstance(bottom, int)
    assert abs(top - bottom) > 200


async def test_a_photo_is_turned_upright_and_forgets_where_it_was_taken(store: MediaStore) -> None:
    media = await store.keep("x", sideways())
    fitted = await store.fit(media, max_bytes=10**6)
    assert (fitted.width, fitted.height) == (30, 40)
    with Image.open(fitted.path) as opened:
        assert opened.size == (30, 40)
        assert dict(opened.getexif()) == {}


async def test_fitting_twice_makes_one_copy(store: MediaStore) -> None:
    media = await store.keep("x", picture("WEBP"))
    first = await store.fit(media, max_bytes=10**6)
    stamp = first.path.stat().st_mtime_ns
    assert await store.fit(media, max_bytes=10**6) == first
    assert first.path.stat().st_mtime_ns == stamp


async def test_what_cannot_fit_is_said(store: MediaStore) -> None:
    media = await store.keep("x", noise((300, 300)))
    assert await reason_of(store.fit(media, max_bytes=100)) is Reason.INPUT_TOO_LARGE
    clip = await store.keep("y", film())
    assert await store.fit(clip, max_bytes=10**6, types=["video/mp4"]) is clip
    assert await reason_of(store.fit(clip, max_bytes=100, types=["video/mp4"])) is Reason.INPUT_TOO_LARGE


async def test_a_broken_picture_is_said_when_it_is_decoded(store: MediaStore) -> None:
    media = await store.keep("x", noise((60, 60), "JPEG")[:2000])
    assert await reason_of(store.fit(media, max_bytes=1000)) is Reason.BAD_INPUT
    assert [path.name for path in store.folder.iterdir()] == ["x.jpg"]


async def test_a_picture_that_was_swept_is_said(store: MediaStore) -> None:
    media = await store.keep("x", picture("WEBP"))
    media.path.unlink()
    assert await reason_of(store.fit(media, max_bytes=10**6)) is Reason.INPUT_GONE


# Sweep


async def aged(store: MediaStore, **days: float) -> dict[str, Media]:
    kept = {}
    for name, age in days.items():
        kept[name] = await store.keep(name, picture())
        os.utime(kept[name].path, (time.time() - age * 86400,) * 2)
    return kept


def names(store: MediaStore) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


async def test_what_is_too_old_goes(store: MediaStore) -> None:
    await aged(store, old=8, young=6)
    assert await store.sweep((), 7, 10**9) == 1
    assert names(store) == {"young.png"}


async def test_of_too_much_the_oldest_goes_first(store: MediaStore) -> None:
    media = await aged(store, a=4, b=3, c=2, d=1)
    assert await store.sweep((), 7, media["a"].size * 2) == 2
    assert names(store) == {"c.png", "d.png"}


async def test_what_is_still_owed_stays_with_its_copies(store: MediaStore) -> None:
    media = await aged(store, owed=30, free=30)
    copy = await store.fit(media["owed"], max_bytes=10**6, types=["image/jpeg"])
    os.utime(copy.path, (0, 0))
    assert await store.sweep([media["owed"].path], 7, 0) == 1
    assert names(store) == {"owed.png", copy.path.name}


async def test_what_was_left_half_written_goes_after_an_hour(store: MediaStore) -> None:
    store.folder.mkdir(parents=True)
    for name, age in ((".part-1-x", 10), (".part-2-x", 7200)):
        (store.folder / name).write_bytes(b"half")
        os.utime(store.folder / name, (time.time() - age,) * 2)
    assert await store.sweep((), 7, 10**9) == 1
    assert names(store) == {".part-1-x"}


async def test_sweeping_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert await MediaStore(tmp_path / "none").sweep((), 7, 0) == 0
