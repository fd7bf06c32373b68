"""``corridor calibrate``: an office's own Time Release Study becomes the parameters of a border side."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from exchange.errors import CorridorError
from scenarios.printing import table_console
from scenarios.progress import steps
from scenarios.scenario import Scenario, ScenarioError, load_scenario
from scenarios.trs.estimating import BLOCK, Estimate, durations, estimate
from scenarios.trs.fitting import QUANTILES, Fit
from scenarios.trs.fragment import Fragment, as_yaml
from scenarios.trs.picture import picture
from scenarios.trs.reading import FORMS, TrsError, read_study

GOOD, BAD, WRONG = 0, 1, 2
CAVEATS = (
    "A wait is not work: T2 to T3 and the waits within T3 to T9 come from queues, which a scenario makes itself.",
    "The capacity seen is the most at work at one time among the cases of the file; other traffic may have used more.",
)


def calibrate_command(
    trs: Path,
    *,
    side: str | None,
    scenario: str | None,
    timezone: str | None,
    arm: str | None,
    all_traffic: bool,
    family: str,
    out: Path,
    json_output: bool,
) -> int:
    """Fit a border side to the stamps in ``trs``, write it to ``out`` with a picture beside it; return the exit code.

    0 good, 1 lines of the file could not be used, 2 wrong use or an unreadable file.
    """
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        loaded = None if scenario is None else load_scenario(scenario)
        if side is not None and side.rpartition("-")[2] not in ("entry", "exit"):
            raise TrsError(f"--side {side}: name office and direction, as 99612020-entry")
        if loaded is not None and (side is None or side not in loaded.sides):
            raise TrsError(f"--scenario needs the --side to calibrate: one of {', '.join(loaded.sides)}")
        zone = timezone or (loaded.sides[side].timezone if loaded is not None and side is not None else None)
        with steps(error) as bar:
            task = bar.add_task(f"reading {trs}")
            study = read_study(trs, timezone=zone, arm=arm, side=side)
            bar.update(task, description=f"fitting distributions to {trs}: {study.counted}")
            found = estimate(study, zone or "UTC", family)
        maker = Fragment(found)
        tree = _tree(maker, loaded, side, zone or "UTC", all_traffic)
        about = [f"Made by 'corridor calibrate' from {study.file}: {study.counted}."]
        about += [*CAVEATS, *maker.notes]
        if loaded is not None:
            about.append(f"Lay it over the scenario: corridor run {scenario} --set @{out}")
        panels = [(name, hours, fitted[0]) for name, hours, fitted in durations(found) if fitted]
        _write(out, as_yaml(tree, about))
        _write(out.with_suffix(".svg"), picture(panels, f"{study.file}: {side or 'border side'}"))
    except (ScenarioError, CorridorError) as problem:
        error.print(str(problem), markup=False)
        return WRONG
    if json_output:
        json.dump(_as_json(found, maker, tree), sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    else:
        _show(found, maker, out)
    return BAD if study.problems else GOOD


def _tree(maker: Fragment, scenario: Scenario | None, side: str | None, zone: str, all_traffic: bool) -> dict[str, Any]:
    if scenario is not None and side is not None:
        return maker.of_side(scenario, scenario.sides[side], all_traffic=all_traffic)
    if all_traffic:
        maker.notes.append("--all-traffic tells a scenario's side its arrivals; a whole side has no background traffic")
    return maker.whole_side(side or "OFFICE-entry", zone, f"As stamped in {maker.found.study.file}")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise TrsError(f"{path}: cannot be written: {error.strerror or error}") from error


def _show(found: Estimate, maker: Fragment, out: Path) -> None:
    console = table_console()
    study = found.study
    console.print(f"{study.file}: {study.counted}", markup=False, soft_wrap=True)
    for text in study.problems[:20]:
        console.print(f"  {text}", markup=False, soft_wrap=True)
    if len(study.problems) > 20:
        console.print(f"  … and {len(study.problems) - 20} more", markup=False)
    console.print()
    console.print(_fits_table(found))
    console.print(_shares_table(found))
    traffic = found.traffic
    rate = "–" if traffic.a_day is None else f"{traffic.a_day:.2f}"
    spread = "too few days" if traffic.spread is None else f"{traffic.spread * 100:.0f} %"
    blocks = ", ".join(f"{n * BLOCK:02d}–{(n + 1) * BLOCK:02d} {w:.2f}" for n, w in enumerate(traffic.profile))
    console.print(f"Arrivals: {traffic.vehicles} vehicles, {rate} a day, spread of days {spread}", markup=False)
    console.print(f"Local day, weights: {blocks}", markup=False, soft_wrap=True)
    for text in (*CAVEATS, *maker.notes):
        console.print(f"Note: {text}", markup=False, soft_wrap=True)
    console.print(f"Written: {out} and {out.with_suffix('.svg')}", markup=False, soft_wrap=True)


def _fits_table(found: Estimate) -> Table:
    table = _table("Durations, hours: best fit by maximum likelihood; observed and fitted quantiles")
    table.add_column("What")
    for head in ("Timed", "Fit", "Distance\n(KS)", *(f"{q * 100:.0f} %\nobs. / fit" for q in QUANTILES)):
        table.add_column(head, justify="right")
    for name, _, fitted in durations(found):
        for number, fit in enumerate(fitted):
            pairs = (f"{a:.2f} / {b:.2f}" for a, b in zip(fit.observed, fit.fitted, strict=True))
            counted = "" if number else f"{fit.count}" + (f" + {fit.zeros} of 0 h" if fit.zeros else "")
            table.add_row(name if not number else "", counted, fit.text, fit.distance_text, *pairs)
    return table


def _shares_table(found: Estimate) -> Table:
    table = _table("Controls: share of cases, and most at work at one time")
    for head in ("Form", "Cases", "Share", "95 % interval", "At once"):
        table.add_column(head, justify="left" if head == "Form" else "right")
    for form in FORMS:
        rate = found.rates[form]
        span = f"{rate.low * 100:.1f} to {rate.high * 100:.1f} %"
        table.add_row(
            form, f"{rate.count} of {rate.total}", f"{rate.share * 100:.1f} %", span, str(found.at_once[form])
        )
    return table


def _table(title: str) -> Table:
    return Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", header_style="bold", pad_edge=False
    )


def _as_json(found: Estimate, maker: Fragment, tree: Mapping[str, Any]) -> dict[str, Any]:
    traffic = found.traffic
    return {
        "file": found.study.file,
        "cases": len(found.study.cases),
        "lines": found.study.lines,
        "problems": list(found.study.problems),
        "durations": {name: [_fit_json(fit) for fit in fitted] for name, _, fitted in durations(found)},
        "per_unit": {form: {"fixed": part.fixed, "each": part.each} for form, part in found.per_unit.items()},
        "shares": {
            form: {"count": rate.count, "total": rate.total, "share": rate.share, "ci95": [rate.low, rate.high]}
            for form, rate in found.rates.items()
        },
        "at_once": dict(found.at_once),
        "arrivals": {
            "vehicles": traffic.vehicles,
            "days": traffic.days,
            "a_day": traffic.a_day,
            "spread": traffic.spread,
            "profile": list(traffic.profile),
        },
        "notes": [*CAVEATS, *maker.notes],
        "fragment": tree,
    }


def _fit_json(fit: Fit) -> dict[str, Any]:
    return {
        "is": fit.text,
        "kind": fit.distribution.kind,
        "numbers": list(fit.distribution.numbers),
        "count": fit.count,
        "zeros": fit.zeros,
        "distance": fit.distance,
        "criterion": fit.criterion,
        "quantiles": {
            f"{q:g}": {"observed": a, "fitted": b} for q, a, b in zip(QUANTILES, fit.observed, fit.fitted, strict=True)
        },
    }


__all__ = ["calibrate_command"]
