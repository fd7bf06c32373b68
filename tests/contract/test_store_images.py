"""Inspection images in every store: each once, whole or not at all, read in parts."""

from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import Connection, text

from exchange.store import Store
from exchange.store.images import PART
from tests.contract.test_store import store

DATA = bytes(range(251)) * (2 * PART // 251 + 3)
DIGEST = sha256(DATA).hexdigest()
__all__ = ["store"]


async def test_an_image_is_stored_once_for_all_its_cases(store: Store) -> None:
    assert await store.image(DIGEST) is None
    for case in ("8CN1", "8CN2", "8CN1"):
        image = await store.put_image(DATA, "image/png", case)
        assert (image.sha256, image.size, image.media_type) == (DIGEST, len(DATA), "image/png")
    found = await store.image(DIGEST)
    assert found is not None and found[1] == ["8CN1", "8CN2"]
    for first, last in ((0, 0), (PART - 1, PART), (PART, 2 * PART), (0, len(DATA) - 1)):
        assert await store.image_bytes(DIGEST, first, last) == DATA[first : last + 1]
    parts = await store._rows(text("SELECT count(*), sum(length(data)) FROM image_parts"))
    assert tuple(parts[0]) == (3, len(DATA))


async def test_an_image_that_cannot_be_written_leaves_nothing(store: Store) -> None:
    def drop(connection: Connection) -> None:
        connection.execute(text("DROP TABLE image_cases"))
        connection.commit()

    await store._run(drop)
    with pytest.raises(Exception, match="image_cases"):
        await store.put_image(DATA, "image/png", "8CN1")
    assert await store._rows(text("SELECT sha256 FROM images")) == []
    assert await store._rows(text("SELECT number FROM image_parts")) == []
