"""Inspection images in a store: by their SHA-256, each once, written whole or not at all, read in parts."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, insert, select

from exchange.store import tables as t
from exchange.store.holding import Holding
from exchange.store.rows import StoredImage

PART = 262_144
"""Bytes of one part: what a reading of a range takes into memory at least."""


def put_image(holding: Holding, data: bytes, media_type: str, case: str) -> StoredImage:
    """Store an image of ``case`` in one transaction, or nothing; an image that is there already is not written again.

    Raise :class:`exchange.store.LostLock` if another process took over, ``SQLAlchemyError`` for other failures.
    """
    connection = holding.connection
    image = StoredImage(sha256=sha256(data).hexdigest(), media_type=media_type, size=len(data))
    try:
        if find_image(connection, image.sha256) is None:
            row = {"sha256": image.sha256, "media_type": media_type, "size": image.size}
            connection.execute(insert(t.images), [row])
            for number, start in enumerate(range(0, len(data), PART)):
                part = {"sha256": image.sha256, "number": number, "data": data[start : start + PART]}
                connection.execute(insert(t.image_parts), [part])
        if case not in cases_of(connection, image.sha256):
            connection.execute(insert(t.image_cases), [{"sha256": image.sha256, "case": case}])
        holding.fence(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    return image


def find_image(connection: Connection, digest: str) -> StoredImage | None:
    """Return what is known of the image with this SHA-256, or None."""
    c = t.images.c
    row = connection.execute(select(c.sha256, c.media_type, c.size).where(c.sha256 == digest)).first()
    return None if row is None else StoredImage(sha256=row[0], media_type=row[1], size=row[2])


def cases_of(connection: Connection, digest: str) -> list[str]:
    """Return the cases to which an image belongs, sorted."""
    c = t.image_cases.c
    return [row[0] for row in connection.execute(select(c["case"]).where(c.sha256 == digest).order_by(c["case"]))]


def read_image(connection: Connection, digest: str, first: int, last: int) -> bytes:
    """Return the bytes ``first`` to ``last`` (both included) of an image; only the parts that hold them are read."""
    c = t.image_parts.c
    wanted = (c.sha256 == digest) & (c.number >= first // PART) & (c.number <= last // PART)
    rows = connection.execute(select(c.data).where(wanted).order_by(c.number))
    start = first // PART * PART
    return b"".join(bytes(row[0]) for row in rows)[first - start : last - start + 1]


__all__ = ["PART", "cases_of", "find_image", "put_image", "read_image"]
