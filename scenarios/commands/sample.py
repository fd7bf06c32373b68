"""``corridor sample``: write valid messages, of our own set, of any schema or of a pack."""

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


def _foreign(path: Path, alone: bool, root: str | None, kind: Kind) -> tuple[str, Callable[[int], bytes]]:
    from exchange.generation import make_pack_document, read_pack, root_of

    pack = read_pack(path, alone=alone)
    tag = root_of(pack, root)
    return tag.rpartition("}")[2], lambda seed: make_pack_document(pack, tag, kind=kind, seed=seed)


def sample_command(
    code: str | None,
    *,
    schema: Path | None,
    pack: Path | None,
    root: str | None,
    version: str | None,
    kind: Kind,
    seed: int,
    count: int,
    out: Path | None,
) -> int:
    """Write ``count`` messages of ``code``, or of ``schema`` or ``pack`` beginning with ``root``; return the exit code.

    With ``schema`` or ``pack`` the root element may be given as ``code``, too.

    They go to standard output (one only), to the file ``out`` (one only, if its name ends in .xml), or into the
    folder ``out`` as NAME-KIND-SEED.xml. The seeds are ``seed``, ``seed`` + 1 … 0 written, 2 wrong use: nothing or
    two things asked for, no such message or schema, or nothing valid can be made of it.
    """
    from exchange.generation import CannotMake, SchemaRefused

    other = schema or pack
    if schema is not None and pack is not None:
        return _complain("--schema and --pack exclude each other; name one")
    if other is None and root is not None:
        return _complain("--root goes with --schema or --pack; a message of the set is named by its code")
    if other is not None and version is not None:
        return _complain("--schema-version is for our own message set; leave it out with --schema or --pack")
    if other is not None and code is not None and root is not None:
        return _complain(f"the root element is named twice, {code} and --root {root}; name it once")
    if other is None and code is None:
        return _complain("name a message (corridor sample AAR), a schema (--schema FILE.xsd) or a pack (--pack FOLDER)")
    into_file = out is not None and out.suffix.lower() == ".xml" and not out.is_dir()
    if count > 1 and (out is None or into_file):
        return _complain(f"{count} messages need a folder: give --out FOLDER")
    try:
        if other is not None:
            name, make = _foreign(other, schema is not None, root or code, kind)
        else:
            name, make = _own(str(code), version, kind)
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
