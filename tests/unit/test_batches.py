"""Several messages in one body: written and read again, and what is no batch is said with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.batches import Part, read_batch, write_batch

PARTS = st.lists(
    st.builds(
        Part,
        data=st.binary(min_size=1, max_size=200),
        signature=st.text(max_size=100),
        trace=st.none() | st.text(max_size=60),
        attempt=st.integers(1, 1000),
    ),
    min_size=1,
    max_size=8,
)


@given(PARTS)
def test_what_is_written_is_read_again(parts: list[Part]) -> None:
    assert read_batch(write_batch(parts), 8) == parts


@given(PARTS, st.data())
def test_a_cut_batch_is_never_read_as_whole(parts: list[Part], data: st.DataObject) -> None:
    body = write_batch(parts)
    cut = data.draw(st.integers(0, len(body) - 1))
    try:
        found = read_batch(body[:cut], 8)
    except ValueError:
        return
    assert found == parts[: len(found)] and len(found) < len(parts)


@given(st.binary(max_size=300))
def test_any_bytes_are_parts_or_a_sentence(body: bytes) -> None:
    try:
        assert read_batch(body, 8)
    except ValueError as error:
        assert "batch" in str(error) or "part" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "at least one message"),
        (b"{}\n", "part 1 at byte 0: the line needs signature"),
        (b"[" * 5000, "no line of at most 4096 bytes"),
        (b"[" * 4000 + b"\n", "no JSON object"),
        (b'{"signature": "a", "size": 3}\nab', "3 bytes are announced, 2 have come"),
        (b'{"signature": "a", "size": true}\na', "size, a number"),
        (b'{"signature": "a", "size": -1}\na', "size, a number"),
        (b'{"signature": "a", "size": 1, "trace": 5}\na', "trace is a text"),
        (b'{"signature": "a", "size": 1}\na' * 9, "at most 8 messages"),
        (b'{"signature": "a", "size": 1}\nab', "part 2 at byte 31"),
    ],
)
def test_what_is_wrong_is_said(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_batch(body, 8)
