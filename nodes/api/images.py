"""Inspection images over HTTP: posts hand them in, the services that were told of them fetch them by Range.

An image is named by the SHA-256 of its bytes, so what is under an address never changes. The service and its operators
read all images; another service those that were announced to it (message IMG). No trader reads any. What a caller may
not see is answered like what does not exist.
"""

from __future__ import annotations

import asyncio
import re
from hashlib import sha256

from aiohttp import web

from exchange.store import Store, StoredImage
from nodes.api.gate import Gate
from nodes.api.problems import Problem
from nodes.api.reads import answer_json
from nodes.imaging import LARGEST
from nodes.memory import Core
from nodes.writer import Writer

CHUNK = 1024 * 1024
"""Bytes of an image that are in memory while it is read out."""
UPLOADS = 4
"""Images that are handed in at once; each is held in memory until it is whole."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Images:
    """Answers GET and PUT of ``/images/{sha256}``. ``patience``: wall seconds in which a body must have come."""

    def __init__(self, gate: Gate, store: Store, writer: Writer, patience: float) -> None:
        self._gate = gate
        self._store = store
        self._writer = writer
        self._patience = patience
        self._uploads = asyncio.Semaphore(UPLOADS)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """``GET /images/{sha256}``: the image, or a range of its bytes."""
        image = await self._for_reader(request, self._gate.reader(request))
        tag = f'"{image.sha256}"'
        headers = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private, immutable"}
        if tag in request.headers.get("If-None-Match", ""):
            return web.Response(status=304, headers=headers)
        first, last = 0, image.size - 1
        status = 200
        text = request.headers.get("Range")
        if text is not None and request.headers.get("If-Range", tag) == tag:
            asked = asked_range(text, image.size)
            if asked is None:
                wrong = f"no bytes {text} in an image of {image.size}; ask for one range, as bytes=0-1048575"
                raise Problem(416, "range", wrong, headers={"Content-Range": f"bytes */{image.size}"})
            status, (first, last) = 206, asked
            headers["Content-Range"] = f"bytes {first}-{last}/{image.size}"
        headers["Content-Type"] = image.media_type
        headers["Content-Length"] = str(last - first + 1)
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        for start in range(first, last + 1, CHUNK):
            await response.write(await self._store.image_bytes(image.sha256, start, min(start + CHUNK - 1, last)))
        await response.write_eof()
        return response

    async def _for_reader(self, request: web.Request, member: str) -> StoredImage:
        digest = request.match_info["sha256"]
        found = await self._store.image(digest) if _DIGEST.fullmatch(digest) else None
        image, cases = found if found is not None else (None, [])

        def see(core: Core) -> bool:
            return any(core.may_see_image(member, case, digest) for case in cases)

        if image is None or not await self._writer.look(cases, see):
            raise Problem(404, "not-found", f"no image {digest[:64]} among those that {member} may see")
        return image

    async def put(self, request: web.Request) -> web.Response:
        """``PUT /images/{sha256}?case=UCR``: a post hands in the image of a control that it made."""
        member = self._gate.reader(request)
        digest, case = request.match_info["sha256"], request.query.get("case", "")
        if not await self._writer.look([case], lambda core: core.may_give_image(member, case)):
            text = f"{member} may hand in images of the cases it is party to, as a post of this service; not of {case}"
            raise Problem(403, "forbidden", f"{text or 'none'} (PUT /images/<sha256>?case=<UCR>)")
        if not request.content_type.startswith("image/"):
            raise Problem(
                415, "media-type", f"an image is handed in as image/png or the like, not {request.content_type}"
            )
        if request.content_length is None:
            raise Problem(411, "length", "say with Content-Length how long the image is")
        if request.content_length > LARGEST:
            raise Problem(413, "too-large", f"an image has at most {LARGEST} bytes")
        async with self._uploads:
            data = await self._body(request)
            found = sha256(data).hexdigest()
            if found != digest:
                raise Problem(422, "digest", f"the SHA-256 of the {len(data)} bytes that came is {found}, not {digest}")
            known = await self._store.image(digest)
            image = await self._store.put_image(data, request.content_type, case)
        return answer_json({"sha256": image.sha256, "size": image.size}, 201 if known is None else 200)

    async def _body(self, request: web.Request) -> bytes:
        data = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                async for part in request.content.iter_chunked(CHUNK):
                    data += part
                    if len(data) > LARGEST:
                        raise Problem(413, "too-large", f"an image has at most {LARGEST} bytes")
        except TimeoutError as error:
            raise Problem(408, "too-slow", "the image did not come", headers={"Connection": "close"}) from error
        return bytes(data)


def asked_range(text: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte (both included) that a Range header asks for (RFC 9110, 14.1.2), or None for none."""
    found = _RANGE.fullmatch(text.strip())
    if found is None or (not found[1] and not found[2]) or len(text) > 60:
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return (size - length, size - 1) if length else None
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    return (first, last) if first <= last else None


__all__ = ["CHUNK", "Images", "asked_range"]
