"""``corridor why``: why goods were stopped or let pass, from a finished run or from a node's ledger."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from exchange.errors import CorridorError
from scenarios.commands.ledger import GOOD, print_json, run, store_url

REASONS = "reasons.jsonl"
PLACES = {"DEPARTURE": "departure", "EXIT": "exit", "ENTRY": "entry", "DESTINATION": "destination"}
FORMS = {
    "DOCUMENTARY": "documents",
    "WEIGHING": "weighing",
    "SCAN": "scan",
    "PHYSICAL": "physical inspection",
    "ANY": "goods",
}
EXTENTS = {
    "CAPTURE_AND_CHECK": "captured and checked",
    "CHECK": "checked",
    "MATCH": "matched only",
    "DISCHARGE": "discharged",
    "FULL": "",
}
Line = Mapping[str, Any]


class WhyError(CorridorError):
    """The question cannot be answered from what was named."""


def why_command(source: str, case: str | None, *, arm: str | None, node: str | None, json_output: bool) -> int:
    """Print why the goods of ``case`` were stopped or let pass; without a case how often each reason stood.

    ``source``: the folder of a run, or with ``node`` the store of that node. Return 0, or 2 if there is no answer.
    """
    here = Path(source).is_dir()

    async def answer() -> int:
        lines = _from_run(Path(source), arm, node) if here else await _from_ledger(source, arm, node, case)
        if case is None:
            found = _counts(lines)
            print_json(found) if json_output else _tell_counts(found)
        else:
            mine = _of_case(lines, case)
            print_json(mine) if json_output else _tell(mine)
        return GOOD

    return run(answer(), "why")


def _from_run(folder: Path, arm: str | None, node: str | None) -> list[Line]:
    if not (folder / REASONS).is_file():
        raise WhyError(f"{folder} holds no {REASONS}: name the folder of a finished run, out/<scenario>/<run id>")
    if node is not None:
        raise WhyError("--node goes with a node's ledger; a run holds the reasons of all its nodes")
    return list(read_reasons(folder, arm))


def read_reasons(folder: Path, arm: str | None = None) -> Iterable[Line]:
    """Yield the lines of a run's reasons, of one arm if given. Raise WhyError for a line that cannot be read."""
    path, arms = folder / REASONS, set()
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                line = json.loads(text)
                arms.add(line["arm"])
            except (ValueError, KeyError, TypeError):
                raise WhyError(f"{path}, line {number}: not a reason; make the run again") from None
            if arm in (None, line["arm"]):
                yield line
    if arm is not None and arm not in arms:
        raise WhyError(f"{folder}: the run has no arm {arm}; it has {', '.join(sorted(arms)) or 'none'}")


async def _from_ledger(source: str, arm: str | None, node: str | None, case: str | None) -> list[Line]:
    """Return the lines of one case from a store, or of all its latest cases."""
    if node is None:
        raise WhyError(f"{source} is no folder of a run; for a node's ledger say whose it is: --node RU")
    if arm is not None:
        raise WhyError("--arm goes with a run; a node's ledger knows no arms")
    from exchange.references import strip_run
    from exchange.store import open_store
    from nodes.case import Case
    from nodes.reasons import stops

    opened = await open_store(store_url(source), node, reading=True)
    try:
        known = [row.case for row in await opened.cases(100_000)]
        wanted = [ucr for ucr in known if case in (None, ucr, strip_run(ucr))]
        if case is not None and not wanted:
            raise _unknown(case, [strip_run(ucr) for ucr in known])
        lines: list[Line] = []
        for ucr, entries in (await opened.entries_of(wanted)).items():
            folded = Case(ucr, node)
            for entry in entries:
                folded.fold(entry)
            lines += [{"case": strip_run(ucr), "service": node, **stop} for stop in stops(folded)]
        return lines
    finally:
        await opened.close()


def _of_case(lines: Sequence[Line], case: str) -> list[Line]:
    from exchange.references import strip_run

    mine = [line for line in lines if line["case"] in (case, strip_run(case))]
    if not mine:
        raise _unknown(case, [str(line["case"]) for line in lines])
    return mine


def _unknown(case: str, known: Sequence[str]) -> WhyError:
    names = sorted(set(known))
    near = difflib.get_close_matches(case, names, n=3) or names[:3]
    hint = f"; nearest are {', '.join(near)}" if near else ""
    return WhyError(f"nothing of a case {case} is known among {len(names)} cases{hint}")


def _tell(lines: Sequence[Line]) -> None:
    from scenarios.printing import table_console

    console = table_console()
    shown: set[str] = set()
    for line in lines:
        arm = line.get("arm")
        if arm is not None and arm not in shown:
            shown.add(arm)
            console.print(f"\n{line['case']}, arm {arm}", markup=False, soft_wrap=True)
        for text in sentences(line):
            console.print(text, markup=False, soft_wrap=True, highlight=False)


def sentences(line: Line) -> Iterable[str]:
    """Yield what a line says, as sentences for a customs officer."""
    where = f"{line['arrived']}  {line['service']} {line['office']}, {PLACES[line['presentation']]}"
    stopped = "kept" in line or any(reason["form"] != "DOCUMENTARY" for reason in line["controls"])
    yield f"{where}: {'stopped' if stopped else 'not stopped' if line['controls'] else 'passed without any control'}"
    for reason in line["controls"]:
        extent = EXTENTS.get(reason.get("extent", ""), "")
        what = FORMS[reason["form"]] + (f" {extent}" if extent else " ordered")
        yield f"    {what}: {reason['text']}{_clause(reason)}"
    for reason in line["passed"]:
        what = "not selected" if reason["form"] == "ANY" else f"{FORMS[reason['form']]} waived"
        yield f"    {what}: {reason['text']}{_clause(reason)}"
    if "slot" in line:
        yield f"    slot {line['slot']['number']}: {line['slot']['text']}{_clause(line['slot'])}"
    for reason in line["refused"]:
        yield f"    not recognised, {FORMS[reason['form']]}: {reason['text']}{_clause(reason)}"
    for reason in line.get("kept", ()):
        yield f"    kept, {FORMS[reason['form']]} (act {reason['act']}): {reason['text']}{_clause(reason)}"
    went_on = line.get("onward", {})
    for change in went_on.get("reloaded", ()):
        yield f"    {change['text']}{_clause(change)}"
    if "mrn" in went_on:
        yield f"    went on under MRN {went_on['mrn']} of {line['service']}"


def _clause(reason: Line) -> str:
    """Return rule, clause and message of a reason in brackets."""
    parts = []
    if "rule" in reason:
        parts.append(f"rule {reason['rule']}")
    if "pix" in reason:
        parts.append(str(reason["pix"]))
    if "agreement" in reason:
        parts.append(f"agreement {reason['agreement']}" + (f", {reason['term']}" if "term" in reason else ""))
    if "message" in reason:
        parts.append(f"message {reason['code']} {reason['message']} of {reason['by']}")
    return f" [{'; '.join(parts)}]" if parts else ""


def _counts(lines: Sequence[Line]) -> dict[str, Any]:
    from scenarios.metrics.stops import counted

    arms = dict.fromkeys(str(line.get("arm", "ledger")) for line in lines)
    return {arm: counted(line for line in lines if line.get("arm", "ledger") == arm) for arm in arms}


def _tell_counts(found: Mapping[str, Any]) -> None:
    from rich.table import Table

    from scenarios.printing import table_console

    console = table_console()
    for part, title in {
        "controls": "Controls ordered, by reason",
        "passed": "What let goods pass",
        "refused": "Results of other services not recognised, by reason",
        "kept": "Goods kept, by what a control found",
    }.items():
        table = Table(title=title, title_justify="left")
        table.add_column("side")
        table.add_column("reason")
        for arm in found:
            table.add_column(arm, justify="right")
        rows = sorted({(side, why) for arm in found.values() for side, reasons in arm[part].items() for why in reasons})
        for side, why in rows:
            table.add_row(side, why, *(str(found[arm][part].get(side, {}).get(why, 0)) for arm in found))
        if rows:
            console.print(table)


__all__ = ["WhyError", "read_reasons", "sentences", "why_command"]
