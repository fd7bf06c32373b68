"""What a run or an experiment left in its folder, read again: all that its report is made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from scenarios.report.material import FORMAT, Material, from_json

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

Json = Mapping[str, Any]
NEEDED = ("summary.json", "scenario.json", "report.json")
"""The files that a report is made from; an experiment's ``comparison.json`` beside them."""


class ReportError(CorridorError):
    """A report cannot be made from what was named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A finished run or experiment. ``experiment``: its statistics, None of a run; ``content``: ``scenario.json``."""

    folder: Path
    scenario: Scenario
    content: Json
    summary: Json
    material: Material
    experiment: Json | None

    @property
    def made_by(self) -> str:
        """Return the command that left it."""
        return "run" if self.experiment is None else "compare"

    def render(self) -> str:
        """Return the report, the same bytes as were left. Raise ReportError if something is not as it was left."""
        from jinja2 import UndefinedError

        from scenarios.report import compare, page

        try:
            if self.experiment is None:
                return page.render(self.scenario, self.summary, self.material)
            return compare.render(self.scenario, self.experiment, self.summary, self.material)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, UndefinedError) as error:
            raise ReportError(
                f"{self.folder}: what it holds is not what this version of Corridor leaves ({error!s:.120}): it was "
                f"changed, or comes from another version; make it again with {again(self.summary, self.made_by)}"
            ) from None


def open_left(folder: Path) -> Left:
    """Return what lies in ``folder``. Raise ReportError, in words, if that is no whole run or experiment."""
    from scenarios.scenario import ScenarioError, load_scenario

    _check(folder)
    summary, content, kept = (_read(folder / name) for name in NEEDED)
    experiment = _read(folder / "comparison.json") if (folder / "manifest.json").exists() else None
    made_by = "run" if experiment is None else "compare"
    if kept.get("format") != FORMAT:
        raise ReportError(
            f"{folder} was left by another version of Corridor: its report.json has format {kept.get('format')!r}, "
            f"this version reads {FORMAT}; make it again with {again(summary, made_by)}"
        )
    try:
        scenario = load_scenario(folder / "scenario.json")
    except ScenarioError as error:
        raise ReportError(
            f"{folder}: its scenario.json was changed, or left by another version of Corridor: {error}"
        ) from None
    about = kept.get("about", {})
    told = {"scenario_digest": scenario.digest, "seed": summary.get("seed"), "run_id": summary.get("run_id")}
    for key, value in told.items():
        if about.get(key) != value:
            raise ReportError(
                f"{folder}: its files are not of one run ({key}: {about.get(key)} in report.json, {value} in "
                f"{'scenario' if key == 'scenario_digest' else 'summary'}.json): copy the whole folder again"
            )
    try:
        material = from_json(kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(
            f"{folder / 'report.json'}: is not as it was left ({error!s:.120}): copy the whole folder again"
        ) from None
    return Left(
        folder=folder, scenario=scenario, content=content, summary=summary, material=material, experiment=experiment
    )


def again(summary: Json, made_by: str) -> str:
    """Return the command that makes it again."""
    seed = f" --seed {summary['seed']}" if isinstance(summary.get("seed"), int) else ""
    return f"'corridor {made_by} {summary.get('scenario', 'SCENARIO')}{seed}'"


def _check(folder: Path) -> None:
    """Raise ReportError if ``folder`` lacks what a report is made from."""
    if not folder.is_dir():
        said = "is a file" if folder.exists() else "does not exist"
        raise ReportError(f"{folder} {said}: name the folder of a finished run, out/<scenario>/<run id>")
    manifest = folder / "manifest.json"
    if manifest.exists() and not _read(manifest).get("finished"):
        raise ReportError(f"{folder}: this experiment is not finished: go on with 'corridor compare … --resume'")
    names = (*NEEDED, "comparison.json") if manifest.exists() else NEEDED
    missing = [name for name in names if not (folder / name).is_file()]
    if not missing:
        return
    if not manifest.exists() and not (folder / "summary.json").exists() and not (folder / "report.html").exists():
        inside = sorted(place.parent.name for place in folder.glob("*/summary.json"))[:5]
        hint = f"; there are runs inside it: {', '.join(inside)}" if inside else ""
        raise ReportError(f"{folder} holds no run: name the folder of a finished run, out/<scenario>/<run id>{hint}")
    if {"scenario.json", "report.json"} <= {*missing}:
        summary = _read(folder / "summary.json") if (folder / "summary.json").is_file() else {}
        raise ReportError(
            f"{folder} was left by an older version of Corridor, or copied in part: it has no "
            f"{' and no '.join(missing)}; copy the whole folder, or make it again with {again(summary, 'run')}"
        )
    raise ReportError(f"{folder} was copied in part: it has no {' and no '.join(missing)}; copy the whole folder again")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReportError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        text = f"{path}: is not whole ({error!s:.80}): it was copied in part or changed; copy the whole folder again"
        raise ReportError(text) from None
    if not isinstance(content, dict):
        raise ReportError(f"{path}: is not what a run leaves: copy the whole folder again")
    return content


__all__ = ["NEEDED", "Left", "ReportError", "again", "open_left"]
