"""``corridor keys``: make keys and certificates for demos, show them, rotate them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.table import Table

from exchange.certificates import TrustError, wall_clock
from exchange.errors import CorridorError
from exchange.keyring import CA_KEY, MEMBERS, Held, held, make, rotate
from exchange.ledger import parse_time
from exchange.members import OPERATOR, role
from exchange.messages import format_time
from scenarios.printing import table_console

GOOD, BAD, WRONG = 0, 1, 2


def make_command(
    folder: Path,
    members: Sequence[str],
    urls: Sequence[str],
    *,
    scenario: str | None,
    days: int,
    force: bool,
    json_output: bool,
) -> int:
    """Make keys for ``members`` and those of ``scenario``; ``urls`` are ``ID=URL``. Return the exit code."""
    try:
        wanted: dict[str, str | None] = dict.fromkeys(members)
        if scenario is not None:
            wanted |= dict.fromkeys(_of_scenario(scenario))
        wanted |= _urls(urls, wanted)
        if not wanted:
            raise TrustError("say for whom: --member KZ, as often as needed, or --scenario NAME")
        made = make(folder, wanted, life=timedelta(days=days), force=force)
    except (CorridorError, OSError) as error:
        return _complain(error)
    services = [one.id for one in made if role(one.id) == "service"]
    if json_output:
        _print({"folder": str(folder), "members": str(folder / MEMBERS), "made": sorted(wanted), "of": len(made)})
        return GOOD
    print(f"Made signing keys and certificates, good for {days} days, of {', '.join(sorted(wanted))}.")
    print(f"  {folder / MEMBERS}  tells all {len(made)} members; it holds no secret, so give it to every partner")
    print(f"  {folder}/<member>/  signing.pem, tls-key.pem, tls-cert.pem: each belongs to its member alone")
    print(f"  {folder / CA_KEY}  signs certificates: keep it here")
    if services:
        one = made.url(services[0])
        port = (urlsplit(one).port if one else None) or 8641
        print(
            f"Next: corridor node {services[0]} --port {port} --members {folder / MEMBERS} --keys {folder} "
            f"--store sqlite:///{services[0].lower()}.db"
        )
    return GOOD


def show_command(folder: Path, *, json_output: bool) -> int:
    """Print what is in ``folder``; 1 if a member has no key, or no certificate, that is good now."""
    now = wall_clock()
    try:
        rows = held(folder, now)
    except (CorridorError, OSError) as error:
        return _complain(error)
    good = {(row.member, row.kind) for row in rows if row.state in ("current", "old", "missing")}
    lacking = sorted({(row.member, row.kind) for row in rows} - good)
    if json_output:
        _print({"folder": str(folder), "held": [_as_json(row) for row in rows]})
        return BAD if lacking else GOOD
    table = Table(header_style="bold", pad_edge=False)
    for title in ("Member", "What", "Id", "Good until", "State"):
        table.add_column(title, no_wrap=True)
    for row in rows:
        until = f"{row.until:%Y-%m-%d %H:%M} UTC" if row.until is not None else "no end"
        name = row.name if row.kind == "key" else f"SHA-256 {row.name[:16]}…"
        table.add_row(row.member, row.kind, name, until, row.state)
    table_console().print(table)
    for member, kind in lacking:
        print(f"{member} has no {kind} that is good now: corridor keys rotate {folder} {member}")
    return BAD if lacking else GOOD


def rotate_command(
    folder: Path, member: str, *, overlap_days: int, at: str | None, revoke: bool, json_output: bool
) -> int:
    """Renew the keys of ``member``; return the exit code."""
    try:
        start = _time(at)
        rotate(folder, member, at=start, overlap=timedelta(days=overlap_days), revoke=revoke)
        rows = [row for row in held(folder, wall_clock()) if row.member == member]
    except (CorridorError, OSError) as error:
        return _complain(error)
    if json_output:
        _print({"folder": str(folder), "held": [_as_json(row) for row in rows]})
        return GOOD
    if revoke:
        print(f"{member} has a new key and certificate; the old ones are good no more.")
    else:
        end = start + timedelta(days=overlap_days)
        print(f"{member} has a new key and certificate; its old key is good until {end:%Y-%m-%d %H:%M} UTC.")
    print(f"Next: 1. give {folder / MEMBERS} to all partners and start their nodes anew")
    print(f"      2. start the node of {member} anew: it signs with the new key from then on")
    return GOOD


def _of_scenario(name: str) -> list[str]:
    from scenarios.parties import members
    from scenarios.scenario import load_scenario

    scenario = load_scenario(name)
    services = list(scenario.services)
    return [*services, *(f"{country}.{OPERATOR}" for country in services), *members(scenario)]


def _urls(given: Sequence[str], wanted: dict[str, str | None]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for one in given:
        member, equals, url = one.partition("=")
        if not equals or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise TrustError(f"--url {one}: write ID=URL, as KZ=https://127.0.0.1:8641")
        if member not in wanted:
            raise TrustError(f"--url {one}: {member} is not among the members to make: --member {member}")
        found[member] = url
    return found


def _time(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return parse_time(text)
    except ValueError as error:
        raise TrustError(f"--at {text}: write a time as 2026-01-01T00:00:00Z") from error


def _as_json(row: Held) -> dict[str, Any]:
    until = None if row.until is None else format_time(row.until)
    return {"member": row.member, "kind": row.kind, "id": row.name, "until": until, "state": row.state}


def _print(value: dict[str, Any]) -> None:
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False)
    print()


def _complain(error: Exception) -> int:
    print(f"corridor keys: {error}", file=sys.stderr)
    return WRONG


__all__ = ["make_command", "rotate_command", "show_command"]
