"""``corridor sample``: write valid messages, of our own set or of any schema."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.generation import Kind

GOOD, WRONG = 0, 2


def _complain(text: str) -> int:
    print(f"corridor sample: {text}", file=sys.stderr)
    return WRONG


def _own(code: str, version: str | None, kind: Kind) -> tuple[str, Callable[[int], bytes]]:
    import schemas
    from exchange.generation import make_sample

    wanted = version or schemas.VERSIONS[-1]
    schemas.message_set(wanted)
    return code.upper(), lambda seed: make_sample(code.upper(), wanted, kind=kind, seed=seed)


def _foreign(file: Path, root: str | None, kind: Kind) -> tuple[str, Callable[[int], bytes]]:
    from exchange.generation import make_document, read_schema

    schema = read_schema(file)
    return root or file.stem, lambda seed: make_document(schema, root, kind=kind, seed=seed)


def sample_command(
    code: str | None,
    *,
    schema: Path | None,
    root: str | None,
    version: str | None,
    kind: Kind,
    seed: int,
    count: int,
    out: Path | None,
) -> int:
    """Write ``count`` messages of ``code``, or of ``schema`` beginning with ``root``; return the exit code.

    They go to standard output (one only), to the file ``out`` (one only, if its name ends in .xml), or into the
    folder ``out`` as NAME-KIND-SEED.xml. The seeds are ``seed``, ``seed`` + 1 … 0 written, 2 wrong use: nothing or
    two things asked for, no such message or schema, or nothing valid can be made of it.
    """
    from exchange.generation import CannotMake, SchemaRefused

    if (code is None) == (schema is None):
        return _complain("name a message (corridor sample AAR) or a schema (--schema FILE.xsd), one of the two")
    if root is not None and schema is None:
        return _complain("--root goes with --schema; a message of the set is named by its code")
    into_file = out is not None and out.suffix.lower() == ".xml" and not out.is_dir()
    if count > 1 and (out is None or into_file):
        return _complain(f"{count} messages need a folder: give --out FOLDER")
    try:
        name, make = _own(code, version, kind) if code is not None else _foreign(Path(str(schema)), root, kind)
        made = [(number, make(number)) for number in range(seed, seed + count)]
    except (CannotMake, SchemaRefused, LookupError) as error:
        return _complain(str(error.args[0] if error.args else error))
    if out is None:
        sys.stdout.buffer.write(made[0][1])
        return GOOD
    try:
        if into_file:
            out.write_bytes(made[0][1])
        else:
            out.mkdir(parents=True, exist_ok=True)
            for number, data in made:
                (out / f"{name}-{kind}-{number}.xml").write_bytes(data)
    except OSError as error:
        return _complain(f"{out} cannot be written: {error.strerror or error}")
    return GOOD


__all__ = ["sample_command"]
