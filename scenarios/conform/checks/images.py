"""Images: handed in by the post that made them, kept under their digest, read whole or in parts."""

from __future__ import annotations

from hashlib import sha256

from exchange.http import TIME
from exchange.messages import format_time
from exchange.receipts import credential
from scenarios.conform.check import Book, NotApplicable, expect, expect_status
from scenarios.conform.checks.state import arrived
from scenarios.conform.probe import Probe
from scenarios.conform.requirement import HTTP, IMAGES, requires
from scenarios.conform.wire import Exchange, Headers

BOOK = Book("images", "I")
_SIGN = b"\x89PNG\r\n\x1a\n"


def picture(probe: Probe, ucr: str) -> bytes:
    """Return bytes that nobody has handed in yet: the beginning of a PNG, and the UCR many times."""
    return _SIGN + f"conformance run, {probe.check} {ucr} ".encode() * 20


async def put(probe: Probe, ucr: str, data: bytes, *, under: str = "", who: str = "") -> Exchange:
    """Hand in an image of a case as the post (or ``who``), under its digest (or ``under``)."""
    path = f"/images/{under or sha256(data).hexdigest()}?case={ucr}"
    proof = credential(probe.trust.key(who or probe.cast.post), "PUT", path, probe.now, node=probe.cast.country)
    headers = [("Authorization", proof), ("Content-Type", "image/png")]
    headers += [(TIME, format_time(probe.now))] if probe.stepped else []
    return await probe.wire.ask("PUT", path, headers, data, who=who or probe.cast.post)


async def case_of(probe: Probe) -> str:
    """Return the UCR of goods that have arrived. Raise :class:`NotApplicable` if the node keeps no images."""
    story, _, _ = await arrived(probe)
    answer = await put(probe, story.ucr, picture(probe, "first"))
    if answer.status in (404, 405, 501):
        raise NotApplicable(f"the node takes no images: PUT /images was answered {answer.status}")
    return story.ucr


async def kept(probe: Probe) -> tuple[bytes, str]:
    """Return an image that the node has taken, and its path. Raise :class:`NotApplicable` if it took none."""
    ucr = await case_of(probe)
    data = picture(probe, ucr)
    answer = await put(probe, ucr, data)
    if answer.status not in (200, 201):
        raise NotApplicable(f"the image was answered {answer.status}, see I01")
    return data, f"/images/{sha256(data).hexdigest()}"


async def read(probe: Probe, path: str, who: str = "", more: Headers = ()) -> Exchange:
    """Read an image as the operator (or ``who``)."""
    return await probe.read(path, who or probe.cast.operator, more=more)


@BOOK.check(1, "an image of a post is taken with 201, and again with 200", requires(IMAGES, "Over HTTP"))
async def taken(probe: Probe) -> None:
    ucr = await case_of(probe)
    data = picture(probe, ucr)
    expect_status(await put(probe, ucr, data), 201)
    expect_status(await put(probe, ucr, data), 200)


@BOOK.check(2, "bytes of another digest than the address says are refused with 422", requires(IMAGES, "Over HTTP"))
async def other_digest(probe: Probe) -> None:
    ucr = await case_of(probe)
    expect_status(await put(probe, ucr, picture(probe, ucr), under="0" * 64), 422)


@BOOK.check(3, "an image of somebody else's case is refused with 403", requires(IMAGES, "Over HTTP"))
async def other_case(probe: Probe) -> None:
    await case_of(probe)
    story = probe.story()
    expect_status(await put(probe, story.ucr, picture(probe, story.ucr)), 403)


@BOOK.check(4, "GET gives the image whole, byte by byte, with its type", requires(IMAGES, "Over HTTP"))
async def whole(probe: Probe) -> None:
    data, path = await kept(probe)
    answer = await read(probe, path)
    expect_status(answer, 200)
    expect(answer.body == data, f"{len(answer.body)} other bytes came for the {len(data)} of the image")
    expect(answer.media_type == "image/png", f"the type is {answer.media_type}")


@BOOK.check(5, "a range of it is answered 206 with Content-Range", requires(HTTP, "14.2"))
async def part(probe: Probe) -> None:
    data, path = await kept(probe)
    answer = await read(probe, path, more=[("Range", "bytes=5-24")])
    expect_status(answer, 206)
    expect(answer.body == data[5:25], "the bytes are not those from 5 to 24")
    stated = answer.header("Content-Range")
    expect(stated == f"bytes 5-24/{len(data)}", f"Content-Range is {stated!r}")


@BOOK.check(6, "the rest of it can be had after a line broke", requires(IMAGES, "The way of an image"))
async def rest(probe: Probe) -> None:
    data, path = await kept(probe)
    answer = await read(probe, path, more=[("Range", f"bytes={len(data) - 10}-")])
    expect_status(answer, 206)
    expect(answer.body == data[-10:], "the bytes are not the last ten")


@BOOK.check(7, "a range beyond its end is refused with 416", requires(HTTP, "15.5.17"))
async def beyond(probe: Probe) -> None:
    data, path = await kept(probe)
    answer = await read(probe, path, more=[("Range", f"bytes={len(data)}-")])
    expect_status(answer, 416)
    stated = answer.header("Content-Range")
    expect(stated == f"bytes */{len(data)}", f"Content-Range is {stated!r}")


@BOOK.check(8, "its ETag is the digest, and spares reading it again (304)", requires(IMAGES, "Over HTTP"))
async def known(probe: Probe) -> None:
    data, path = await kept(probe)
    tag = f'"{sha256(data).hexdigest()}"'
    stated = (await read(probe, path)).header("ETag")
    expect(stated == tag, f"ETag is {stated!r}")
    expect_status(await read(probe, path, more=[("If-None-Match", tag)]), 304)


@BOOK.check(9, "an image that is not there is answered 404", requires(IMAGES, "Over HTTP"))
async def unknown(probe: Probe) -> None:
    await case_of(probe)
    expect_status(await read(probe, f"/images/{'0' * 64}"), 404)


@BOOK.check(10, "a service that was not told of an image is answered 404", requires(IMAGES, "Over HTTP"))
async def not_told(probe: Probe) -> None:
    stranger = probe.outsider()
    _, path = await kept(probe)
    expect_status(await read(probe, path, stranger), 404)


@BOOK.check(11, "an image is not given without a credential (401)", requires(IMAGES, "Over HTTP"))
async def bare(probe: Probe) -> None:
    _, path = await kept(probe)
    expect_status(await probe.read(path, probe.cast.operator, bare=True), 401)


__all__ = ["BOOK"]
