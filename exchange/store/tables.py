"""The tables of a node's store. Times are UTC text (``YYYY-MM-DDTHH:MM:SSZ``), so that they sort and compare.

``entries`` is the ledger and the only truth; the others are what a node needs to go on where it stopped,
written in the same transaction as the entries they follow from.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.types import TypeEngine

FORMAT = "2"
"""Version of this layout, kept in ``about``. 2: ``messages`` keeps the signature."""

metadata = MetaData()


def _words(length: int) -> TypeEngine[str]:
    """Return text that sorts by its code points everywhere, whatever language a server is set to."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


about = Table(
    "about",
    metadata,
    Column("name", _words(20), primary_key=True),
    Column("value", _words(200), nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", _words(64), nullable=False),
    Column("kind", _words(20), nullable=False),
    Column("case", _words(35), nullable=False),
    Column("at", _words(20), nullable=False),
    Column("sender", _words(37)),
    Column("message_id", _words(36)),
    Column("sha256", _words(64)),
    Column("data", Text, nullable=False),
    Index("entries_by_case", "case", "position"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _words(36), primary_key=True),
    Column("sender", _words(37), primary_key=True),
    Column("recipient", _words(37), nullable=False),
    Column("case", _words(35), nullable=False),
    Column("sha256", _words(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("signature", Text),
)

accepted = Table(
    "accepted",
    metadata,
    Column("id", _words(36), primary_key=True),
    Column("sender", _words(37), primary_key=True),
    Column("sha256", _words(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("replies", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", _words(36), primary_key=True),
    Column("sender", _words(37), nullable=False),
    Column("recipient", _words(37), nullable=False),
    Column("case", _words(35), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("since", _words(20), nullable=False),
    Column("due", _words(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", _words(10), nullable=False),
    Column("settled", _words(20)),
    Column("receipt", Text),
    Column("detail", Text),
    Column("until", _words(20)),
    Column("trace", _words(55)),
    Index("outbox_by_state", "state", "recipient", "due"),
)

timers = Table(
    "timers",
    metadata,
    Column("due", _words(20), primary_key=True),
    Column("case", _words(35), primary_key=True),
    Column("purpose", _words(100), primary_key=True),
)

images = Table(
    "images",
    metadata,
    Column("sha256", _words(64), primary_key=True),
    Column("media_type", _words(100), nullable=False),
    Column("size", Integer, nullable=False),
)

image_parts = Table(
    "image_parts",
    metadata,
    Column("sha256", _words(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

image_cases = Table(
    "image_cases",
    metadata,
    Column("sha256", _words(64), primary_key=True),
    Column("case", _words(35), primary_key=True),
)

IMAGE_TABLES = (images, image_parts, image_cases)
"""Inspection images, which stores of this format that are older than these tables get when they are opened."""

refusals = Table(
    "refusals",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", _words(20), nullable=False),
    Column("member", _words(37), nullable=False),
    Column("sha256", _words(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", _words(50), nullable=False),
    Column("text", Text, nullable=False),
)
