"""``corridor ledger``: verify a node's ledger, sign how it ends, show what is in it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange.audit import Audit
    from exchange.members import Members

GOOD, BAD, WRONG = 0, 1, 2


def store_url(store: str) -> str:
    """Return the URL of a store that a user named by its URL or by the path of a SQLite file."""
    return store if "://" in store else f"sqlite:///{store}"


def read_members(members: Path | None, keys: Path | None) -> Members | None:
    """Return the members of the file ``members``, else of ``members.yaml`` in the folder ``keys``; None for neither."""
    from exchange.members import Members

    if members is None and keys is not None:
        members = keys / "members.yaml"
    return None if members is None else Members.load(members)


def run(work: Awaitable[int], command: str) -> int:
    """Return the exit code of ``work``; an error of ours is told in one sentence and gives 2."""
    from exchange.errors import CorridorError

    async def caught() -> int:
        try:
            return await work
        except (CorridorError, OSError) as error:
            print(f"corridor {command}: {error}", file=sys.stderr)
            return WRONG

    return asyncio.run(caught())


def print_json(value: Any) -> None:
    """Print ``value`` as JSON."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


def verify_command(store: str, *, node: str, against: Sequence[str], members: Path | None, json_output: bool) -> int:
    """Check the ledger of ``node``, also against what the sources ``against`` hold of it.

    Return 0 if it is whole, 1 if not, 2 for wrong use: a store or source that cannot be read.
    """
    return run(_verify(store, node, against, members, json_output), "ledger verify")


async def _verify(store: str, node: str, against: Sequence[str], members: Path | None, json_output: bool) -> int:
    from exchange.audit import audit
    from exchange.claims import ClaimError, claims_of
    from exchange.store import open_store

    known = read_members(members, None)
    if against and known is None:
        raise ClaimError("--against needs --members FILE: the keys by which the receipts are proven")
    claims = []
    for source in against:
        assert known is not None
        claims += await claims_of(source, node, known)
    opened = await open_store(store_url(store), node, reading=True)
    try:
        found = await audit(opened, claims)
    finally:
        await opened.close()
    if json_output:
        print_json(_report(node, found))
    else:
        _tell(node, found, against)
    return BAD if found.faults else GOOD


def _report(node: str, found: Audit) -> dict[str, Any]:
    return {
        "node": node,
        "good": not found.faults,
        "entries": found.entries,
        "head": {"position": found.head.position, "hash": found.head.hash},
        "claims": found.claims,
        "faults": [{"position": one.position, "kind": one.kind, "text": one.text} for one in found.faults],
    }


def _tell(node: str, found: Audit, against: Sequence[str]) -> None:
    print(f"Ledger of {node}: {found.entries} entries; it ends at position {found.head.position}")
    print(f"  {found.head.hash}")
    for fault in found.faults:
        print(f"  position {fault.position}: {fault.kind.upper()}: {fault.text}")
    if found.faults:
        positions = len({fault.position for fault in found.faults})
        print(f"BROKEN: {len(found.faults)} faults at {positions} positions")
        return
    if against:
        print(f"WHOLE: every entry and message is as it was written, and {found.claims} statements of others hold")
    else:
        print("WHOLE: every entry and message is as it was written")
        print("  A missing tail, or a chain written anew, shows only against what others hold: see --against")


def checkpoint_command(store: str, *, node: str, keys: Path, members: Path | None, out: Path | None) -> int:
    """Sign how the ledger of ``node`` ends, as compact JWS. Return 0, 1 if the ledger is broken, 2 for wrong use."""
    return run(_checkpoint(store, node, keys, members, out), "ledger checkpoint")


async def _checkpoint(store: str, node: str, keys: Path, members: Path | None, out: Path | None) -> int:
    from exchange.audit import audit
    from exchange.certificates import wall_clock
    from exchange.proofs import Checkpoint
    from exchange.store import open_store
    from scenarios.live.credentials import Credentials

    known = read_members(members, keys)
    assert known is not None
    key = Credentials.load(keys, node, known).key
    opened = await open_store(store_url(store), node, reading=True)
    try:
        found = await audit(opened)
    finally:
        await opened.close()
    if found.faults:
        text = "the ledger is broken and will not be signed; see 'corridor ledger verify'"
        print(f"corridor ledger checkpoint: {text}", file=sys.stderr)
        return BAD
    token = Checkpoint(node=node, head=found.head, time=wall_clock()).sign(key)
    _put(out, token, f"{node} ended at position {found.head.position} ({found.head.hash}): signed in {out}")
    return GOOD


def _put(out: Path | None, token: str, told: str) -> None:
    """Print ``token``, or write it to ``out`` and say so."""
    if out is None:
        print(token)
        return
    out.write_text(token + "\n", encoding="ascii")
    print(told)


def show_command(store: str, *, node: str, case: str | None, limit: int, json_output: bool) -> int:
    """List the cases of a ledger, or the entries of one. Return 0, 1 if there is no such case, 2 for wrong use."""
    return run(_show(store, node, case, limit, json_output), "ledger show")


async def _show(store: str, node: str, case: str | None, limit: int, json_output: bool) -> int:
    from exchange.store import open_store

    opened = await open_store(store_url(store), node, reading=True)
    try:
        if case is None:
            rows = [
                {"case": row.case, "entries": row.entries, "first": _time(row.first), "last": _time(row.last)}
                for row in await opened.cases(limit)
            ]
        else:
            rows = [_entry(one) async for one in opened.entries_with_messages(case)]
    finally:
        await opened.close()
    if case is not None and not rows:
        print(f"corridor ledger show: {node} has no case {case}", file=sys.stderr)
        return BAD
    if json_output:
        print_json(rows)
    else:
        _table(
            rows,
            f"Ledger of {node}: "
            + (
                f"case {case}"
                if case
                else f"the latest {len(rows)} cases" + (" (--limit shows more)" if len(rows) == limit else "")
            ),
        )
    return GOOD


def _time(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _entry(given: Any) -> dict[str, Any]:
    entry, message = given
    row = {"position": entry.position, "at": _time(entry.at), "kind": entry.kind, "message": ""}
    if message is not None:
        header = message.header
        row["message"] = f"{message.CODE} {header.sender} → {header.recipient}"
    return row | {"data": "" if entry.data == "{}" else entry.data, "hash": entry.hash}


def _table(rows: Sequence[dict[str, Any]], title: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from scenarios.printing import table_console

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in rows[0] if rows else ():
        right = isinstance(rows[0][name], int)
        table.add_column(name, justify="right" if right else "left", no_wrap=name != "data", overflow="ellipsis")
    for row in rows:
        cells = {name: value[:12] if name == "hash" else value for name, value in row.items()}
        cells |= {name: value[:60] for name, value in row.items() if name == "data"}
        table.add_row(*(Text(str(value)) for value in cells.values()))
    table_console().print(table)


__all__ = ["checkpoint_command", "print_json", "read_members", "run", "show_command", "store_url", "verify_command"]
