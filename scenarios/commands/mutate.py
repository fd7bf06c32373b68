"""``corridor mutate``: from a valid message to invalid ones, each breaking one thing, with the finding that is due."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange.generation import Mutant, Mutation

GOOD, BAD, WRONG = 0, 1, 2
STDIN = Path("-")


def _complain(text: str) -> int:
    print(f"corridor mutate: {text}", file=sys.stderr)
    return WRONG


def _name(number: int, mutant: Mutant) -> str:
    words = f"{mutant.breaks} {mutant.at.rpartition('/')[2].lstrip('@')}"
    return f"{number:04}-{re.sub(r'[^A-Za-z0-9]+', '-', words)}"


def _entry(name: str, mutant: Mutant) -> dict[str, Any]:
    return {
        "file": f"{name}.xml",
        "breaks": mutant.breaks,
        "at": mutant.at,
        "change": mutant.change,
        "also": list(mutant.also),
        "expected": mutant.expected.as_json(),
    }


def _write(out: Path, made: Mutation, source: str, survivors: set[int]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    entries = []
    for number, mutant in enumerate(made.mutants, start=1):
        name = _name(number, mutant)
        entry = _entry(name, mutant)
        (out / f"{name}.xml").write_bytes(mutant.data)
        (out / f"{name}.json").write_text(json.dumps(entry["expected"], indent=1) + "\n", encoding="utf-8")
        entries.append(entry | {"refused": number not in survivors})
    report = {
        "source": source,
        "mutants": entries,
        "not_broken": [one.as_json() for one in made.not_broken],
        "summary": {"mutants": len(entries), "refused": len(entries) - len(survivors)},
    }
    (out / "mutants.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _made(data: bytes, other: Path | None, alone: bool) -> tuple[Mutation, set[int]]:
    """Return the mutants, and the numbers of those that are not refused as they must be."""
    from exchange.generation import killed, mutate_message, mutate_with_pack, read_pack, refused

    if other is None:
        made = mutate_message(data)
        return made, {number for number, one in enumerate(made.mutants, start=1) if not killed(one)}
    pack = read_pack(other, alone=alone)
    made = mutate_with_pack(data, pack)
    judged = enumerate(((one, pack.validate(one.data)) for one in made.mutants), start=1)
    return made, {number for number, (one, verdict) in judged if not refused(one, verdict)}


def mutate_command(file: Path, *, schema: Path | None, pack: Path | None, out: Path) -> int:
    """Write the mutants of ``file`` (``-`` for standard input) into the folder ``out``; return the exit code.

    Each mutant has its expected finding beside it (the same name, ``.json``); ``mutants.json`` lists them all and what
    could not be broken, with the reason. Without ``schema`` and ``pack`` the file is a message of our own set, and code
    lists and rules are broken too; of a pack, code lists are. 0 all mutants are refused as expected, 1 some are not,
    2 wrong use: the file cannot be read or is not valid itself, the schema cannot be used, or the folder holds
    something already.
    """
    from exchange.generation import CannotMake, SchemaRefused

    if schema is not None and pack is not None:
        return _complain("--schema and --pack exclude each other; name one")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        return _complain(f"{out} is there already and is no empty folder; name another one with --out")
    try:
        data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
        made, survivors = _made(data, schema or pack, schema is not None)
        _write(out, made, "<stdin>" if file == STDIN else file.name, survivors)
    except (CannotMake, SchemaRefused) as error:
        return _complain(f"{file}: {error}")
    except OSError as error:
        return _complain(f"{error.filename or file}: {error.strerror or error}")
    count = len(made.mutants)
    print(f"{count} mutants in {out}: {count - len(survivors)} refused as expected, {len(survivors)} not")
    if made.not_broken:
        print(f"{len(made.not_broken)} things could not be broken; mutants.json says which and why")
    for number in sorted(survivors):
        mutant = made.mutants[number - 1]
        print(f"  not refused as expected: {_name(number, mutant)}.xml ({mutant.change})")
    return BAD if survivors else GOOD


__all__ = ["mutate_command"]
