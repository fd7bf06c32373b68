"""``corridor outbox``: what waits for a node's partners, what was given up, and sending it again.

It asks a node that runs, with its operator's credential, or looks into the store of one that does not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from exchange.errors import CorridorError
from exchange.limits import Limits
from scenarios.commands.ledger import BAD, GOOD, print_json, run, store_url


class OutboxError(CorridorError):
    """A node's outbox cannot be seen or changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Whose outbox it is: the ``target`` is the address of the node or its store; ``keys`` hold its operator's key."""

    target: str
    node: str
    keys: Path | None


class _Outbox(Protocol):
    async def rows(self, state: str | None, partner: str | None, limit: int) -> Mapping[str, Any]: ...
    async def requeue(self, message_id: str) -> None: ...


class _AtNode:
    """The outbox of a node that runs."""

    def __init__(self, client: Any, node: str, operator: str) -> None:
        self._client, self._node, self._operator = client, node, operator

    async def rows(self, state: str | None, partner: str | None, limit: int) -> Mapping[str, Any]:
        asked = {"state": state, "partner": partner, "limit": str(limit)}
        path = "/outbox?" + urlencode({name: value for name, value in asked.items() if value is not None})
        return self._answer(*await self._client.read(self._node, self._operator, path, datetime.now(UTC)))

    async def requeue(self, message_id: str) -> None:
        path = f"/outbox/{quote(message_id, safe='')}/requeue"
        self._answer(*await self._client.order(self._node, self._operator, path, datetime.now(UTC)))

    def _answer(self, status: int, body: bytes) -> Mapping[str, Any]:
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise OutboxError(f"{self._node} answered {status}, and not as a node answers")
        if status != 200:
            raise OutboxError(f"{self._node} answered {status}: {answer.get('detail')}")
        return answer


class _InStore:
    """The outbox in the store of a node that does not run."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def rows(self, state: str | None, partner: str | None, limit: int) -> Mapping[str, Any]:
        from nodes.api.operating import outbox_json

        rows = await self._store.outbox(state, recipient=partner, limit=limit)
        return {"messages": [outbox_json(row) for row in rows], "lanes": []}

    async def requeue(self, message_id: str) -> None:
        from exchange.store import Writes
        from nodes.api.operating import REQUEUED, requeued

        found = await self._store.outbox(message_id=message_id)
        if not found:
            raise OutboxError(f"no message {message_id} in the outbox")
        if found[0].state not in REQUEUED:
            raise OutboxError(f"message {message_id} is {found[0].state}; only what is dead, rejected or lost")
        row = requeued(found[0], datetime.now(UTC).replace(microsecond=0), Limits())
        await self._store.write(Writes(outbox_changes=[row]))


@asynccontextmanager
async def _opened(where: Where, *, reading: bool) -> AsyncIterator[_Outbox]:
    if not where.target.startswith(("http://", "https://")):
        from exchange.store import open_store

        store = await open_store(store_url(where.target), where.node, reading=reading)
        try:
            yield _InStore(store)
        finally:
            await store.close()
        return
    from exchange.http import Client
    from exchange.members import OPERATOR, Members
    from exchange.trust import client_context
    from scenarios.live.credentials import Credentials

    if where.keys is None:
        raise OutboxError("a running node answers its operator only: --keys DIR, the folder that 'corridor keys' made")
    found = Members.load(where.keys / "members.yaml")
    if where.node not in found:
        raise OutboxError(f"{where.keys / 'members.yaml'} has no member {where.node}")
    here = [replace(one, url=where.target) if one.id == where.node else one for one in found]
    members = Members(here, found.authorities)
    own = Credentials.load(where.keys, f"{where.node}.{OPERATOR}", members)
    tls = None if own.identity is None else client_context(own.identity, members)
    async with Client(members, lambda _: own.key, tls=None if tls is None else lambda _: tls) as client:
        yield _AtNode(client, where.node, own.member)


def list_command(where: Where, *, state: str | None, partner: str | None, limit: int, json_output: bool) -> int:
    """Print the rows of an outbox; return 0, 1 if a message is dead or rejected among them, 2 if it cannot be read."""
    return run(_list(where, state, partner, limit, json_output), "outbox list")


async def _list(where: Where, state: str | None, partner: str | None, limit: int, json_output: bool) -> int:
    async with _opened(where, reading=True) as outbox:
        found = await outbox.rows(state, partner, limit)
    if json_output:
        print_json(found)
    else:
        _tell(where.node, found, limit)
    return BAD if any(row["state"] in ("dead", "rejected") for row in found["messages"]) else GOOD


def _tell(node: str, found: Mapping[str, Any], limit: int) -> None:
    from rich.table import Table

    from scenarios.printing import table_console

    console = table_console()
    rows: Sequence[Mapping[str, Any]] = found["messages"]
    if not rows:
        console.print(f"{node}: no such message in the outbox")
    else:
        table = Table(title=f"Outbox of {node}", title_justify="left")
        for name in ("message", "partner", "state", "due", "until", "tries", "what was last said"):
            table.add_column(name, no_wrap=name != "what was last said", overflow="fold")
        for row in rows:
            tries = str(row["attempts"])
            table.add_row(
                row["message"], row["partner"], row["state"], row["due"], row["until"] or "", tries, row["detail"] or ""
            )
        console.print(table)
        if len(rows) == limit:
            console.print(f"the first {limit}; --limit shows more")
    for lane in found["lanes"]:
        closed = f", closed until {lane['closed_until']} after {lane['failures']} failures"
        console.print(f"{lane['partner']}: {lane['messages']} waiting{closed if lane['failures'] else ''}")


def requeue_command(where: Where, message_ids: Sequence[str]) -> int:
    """Have messages sent again that are dead, rejected or lost; return 0, or 2 at the first that cannot be."""
    return run(_requeue(where, message_ids), "outbox requeue")


async def _requeue(where: Where, message_ids: Sequence[str]) -> int:
    async with _opened(where, reading=False) as outbox:
        for message_id in message_ids:
            await outbox.requeue(message_id)
            print(f"{message_id} will be sent again", file=sys.stdout)
    return GOOD


__all__ = ["OutboxError", "Where", "list_command", "requeue_command"]
