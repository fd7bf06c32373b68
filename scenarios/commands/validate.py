"""``corridor validate``: say of files and folders whether they hold valid messages, and exactly why not."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.validation.checking import Checked, Options, judge
from scenarios.validation.files import STDIN, NothingThere, inputs
from scenarios.validation.formats import FORMATS, QUOTING, Summary, writer
from scenarios.validation.pool import check_all
from scenarios.validation.progress import with_progress
from scenarios.validation.watching import marks, watch

if TYPE_CHECKING:
    from exchange.validation.engines import Engine

GOOD, BAD, WRONG = 0, 1, 2


def _wrong(text: str) -> int:
    print(f"corridor validate: {text}", file=sys.stderr)
    return WRONG


def _note(name: str, note: str) -> None:
    print(f"{name}: {note}", file=sys.stderr)


def _misuse(paths: Sequence[Path], options: Options, form: str, out: Path | None, watching: bool) -> str | None:
    """Return what is wrong with the way the command was called, or None."""
    import schemas

    if form not in FORMATS:
        return f"there is no format {form}; the formats are {', '.join(FORMATS)}"
    if options.pack is not None and options.schema is not None:
        return "--pack and --schema exclude each other; name one"
    other = options.pack or options.schema
    if other is not None and (options.config is not None or options.version is not None):
        return "--config and --schema-version are for our own message set; leave them out with --pack or --schema"
    if options.version is not None and options.version not in schemas.VERSIONS:
        return f"there is no version {options.version} of the message set; there is {', '.join(schemas.VERSIONS)}"
    if watching and (form != "text" or out is not None or STDIN in paths):
        return "--watch writes text to the terminal about files; leave --format, --out and - out"
    if out is not None and not out.absolute().parent.is_dir():
        return f"there is no folder {out.absolute().parent} for {out.name}; make it first"
    if out is not None and out.is_dir():
        return f"{out} is a folder; name the file to write"
    return None


def _written(results: Iterable[Checked], form: str, out: Path | None) -> Summary:
    """Write the results where they belong; a file is replaced only when all is written."""
    write = writer(form)
    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        summary = write(results, sys.stdout)
        sys.stdout.flush()
        return summary
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            summary = write(results, file)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return summary


def validate(
    paths: Sequence[Path],
    *,
    json_output: bool = False,
    rules: bool = True,
    form: str = "text",
    pack: Path | None = None,
    schema: Path | None = None,
    version: str | None = None,
    config: Path | None = None,
    engine: Engine = "lxml",
    watching: bool = False,
    out: Path | None = None,
    progress: bool | None = None,
    workers: int | None = None,
) -> int:
    """Check ``paths`` (files, folders, patterns, ``-`` for standard input) and report on standard output or in
    ``out``; return the exit code.

    0 all valid, 1 some invalid or unreadable, 2 a named path does not exist, there is nothing to check, or options
    do not go together. ``progress``: whether to say on standard error how far it is; by default if there is more than
    one file. ``workers``: processes; as many as processors by default.
    """
    from exchange.errors import CorridorError

    form = "json" if json_output else form
    options = Options(
        rules=rules,
        pack=pack,
        schema=schema,
        version=version,
        config=config,
        engine=engine,
        quote=form in QUOTING,
    )
    misuse = _misuse(paths, options, form, out, watching)
    if misuse is not None:
        return _wrong(misuse)
    try:
        given = inputs(paths)
        verdict_on = judge(options, _note)
    except (NothingThere, CorridorError) as error:
        return _wrong(str(error))
    if not given:
        return _wrong(f"no .xml file in {', '.join(map(str, paths))}")
    before = marks(given) if watching else {}
    results: Iterable[Checked] = check_all(given, options, verdict_on, workers)
    if progress or (progress is None and len(given) > 1):
        results = with_progress(results, len(given), asked=progress is True)
    try:
        summary = _written(results, form, out)
    except BrokenPipeError:
        # Whoever read our output has gone; what was to be said cannot be.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG
    except OSError as error:
        return _wrong(f"cannot write {out or 'to standard output'}: {error.strerror or error}")
    if watching:
        with suppress(KeyboardInterrupt):
            watch(paths, before, verdict_on)
    return BAD if summary.invalid else GOOD


__all__ = ["BAD", "GOOD", "WRONG", "validate"]
