"""The tables of a node's store. Times are UTC text (``YYYY-MM-DDTHH:MM:SSZ``), so that they sort and compare.

``entries`` is the ledger and the only truth; the others are what a node needs to go on where it stopped,
written in the same transaction as the entries they follow from.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

FORMAT = "1"
"""Version of this layout, kept in ``about``."""

metadata = MetaData()

about = Table(
    "about",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", String(200), nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("case", String(35), nullable=False),
    Column("at", String(20), nullable=False),
    Column("sender", String(37)),
    Column("message_id", String(36)),
    Column("sha256", String(64)),
    Column("data", Text, nullable=False),
    Index("entries_by_case", "case", "position"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sender", String(37), primary_key=True),
    Column("recipient", String(37), nullable=False),
    Column("case", String(35), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

accepted = Table(
    "accepted",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sender", String(37), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("replies", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("sender", String(37), nullable=False),
    Column("recipient", String(37), nullable=False),
    Column("case", String(35), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("since", String(20), nullable=False),
    Column("due", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("settled", String(20)),
    Column("receipt", Text),
    Column("detail", Text),
    Index("outbox_by_state", "state", "due"),
)

timers = Table(
    "timers",
    metadata,
    Column("due", String(20), primary_key=True),
    Column("case", String(35), primary_key=True),
    Column("purpose", String(100), primary_key=True),
)

refusals = Table(
    "refusals",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String(20), nullable=False),
    Column("member", String(37), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", String(50), nullable=False),
    Column("text", Text, nullable=False),
)
