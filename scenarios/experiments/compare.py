"""An experiment from its plan to its folder: trials run and stored, statistics, tables, report.

::

    manifest.json         what anyone needs to repeat it
    scenario.json         the scenario with all that was set; a scenario file itself
    trials.log            every finished replication, appended at once: what --resume goes on with
    comparison.json       the statistics
    summary.json          of the scenario as it stands, what a run of the same replications says (REPORTED at most)
    report.json           what the report needs beside these
    replications.parquet  measures.parquet  consignments.parquet  stays.parquet  events.parquet
                          (CSV and JSON lines without pyarrow)
    report.html           the report
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.experiments.gathering import Gathering
from scenarios.experiments.manifest import check_same, make_manifest, repeat_command, scenario_content
from scenarios.experiments.plan import Plan, Point
from scenarios.experiments.ready import run_ready
from scenarios.experiments.rows import columns
from scenarios.experiments.runner import MOST, REPORTED, CompareError, Runner, Settings, Watch
from scenarios.experiments.statistics import half_widths, summarise_figures, summarise_point
from scenarios.experiments.store import TrialStore
from scenarios.experiments.tables import write_tables
from scenarios.experiments.variation import frontier_rows, ranking, sweep_rows
from scenarios.metrics import summarise
from scenarios.numerals import fixed, percent
from scenarios.parties import what_if
from scenarios.report.stations import resource_title
from scenarios.run import default_run_id
from scenarios.scenario.arms import arms_about
from scenarios.workers import Pool, processors

if TYPE_CHECKING:
    from scenarios.report.material import Material

CROWDED = 0.9
"""Utilisation beyond which the hours depend on how long a run is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an experiment came to, and where it lies."""

    summary: Mapping[str, Any]
    folder: Path
    files: tuple[str, ...]


def experiment_folder(plan: Plan, out: Path) -> Path:
    """Return the folder of an experiment: the same for the same scenario content and seed."""
    scenario = plan.base.scenario
    return out / scenario.id / f"compare-{scenario.digest[:10]}-{plan.seed}"


def compare(
    plan: Plan, settings: Settings, *, out: Path = Path("out"), resume: bool = False, watch: Watch | None = None
) -> Outcome:
    """Run the experiment and leave it in :func:`experiment_folder`.

    ``resume``: go on with what is stored there. Raise CorridorError if it cannot be run, or must not be mixed with
    what is there.
    """
    from scenarios.report.compare import render
    from scenarios.report.compare_words import no_help
    from scenarios.report.material import as_json

    folder = experiment_folder(plan, out)
    manifest = make_manifest(
        plan, {"replications": settings.replications, "precision": settings.precision, "events": settings.events}
    )
    started = time.monotonic()
    _prepare(folder, manifest, resume=resume)
    with TrialStore(folder / "trials.log") as store, _rarely_collected():
        _write_json(folder / "manifest.json", manifest | {"finished": False})
        _write_json(folder / "scenario.json", scenario_content(plan.base.scenario))
        runner = Runner(plan, settings, store, manifest["program_digest"], watch)
        with _pool(settings) as pool:
            counts = runner.run(pool)
        readings = runner.readings(counts)
        summary = _summary(plan, settings, readings)
        summary["run"] = {"wall_seconds": round(time.monotonic() - started, 3), "trials": len(store)}
        gathering = Gathering(plan, runner.ready, runner.keys(counts))
        try:
            tables = write_tables(folder, columns(plan.sides), gathering.rows())
            summary["figures"] = summarise_figures(gathering.figures)
            of_run, material = _as_a_run(plan, runner, counts[plan.base.scenario.digest], readings)
            summary["no_help"] = no_help(of_run)
            _write_json(folder / "comparison.json", summary)
            _write_json(folder / "summary.json", of_run)
            about = {"scenario_digest": plan.base.scenario.digest, "seed": plan.seed, "run_id": of_run["run_id"]}
            _write_json(folder / "report.json", as_json(material, about))
            _write(folder / "report.html", render(plan.base.scenario, summary, of_run, material))
            _write_json(folder / "manifest.json", manifest | {"finished": True})
        except OSError as error:
            raise CompareError(
                f"{folder}: cannot write the results: {error.strerror or error}; every finished replication is kept in "
                "trials.log: make room and go on with --resume"
            ) from error
    return Outcome(
        summary=summary,
        folder=folder,
        files=(
            "report.html",
            "comparison.json",
            "summary.json",
            *tables,
            "manifest.json",
            "scenario.json",
            "report.json",
            "trials.log",
        ),
    )


def _as_a_run(plan: Plan, runner: Runner, count: int, readings: Mapping[str, Any]) -> tuple[dict[str, Any], Material]:
    """Return the summary that a run of the first REPORTED replications has, and the material of its report.

    The spread of hours is that of all replications.
    """
    from scenarios.report.journeys import Traced
    from scenarios.report.material import gather, spread

    scenario = plan.base.scenario
    trials = [runner.whole((scenario.digest, number)) for number in range(min(count, REPORTED))]
    summary = summarise(
        scenario,
        [measures for trial in trials for measures in trial.measures],
        run_id=default_run_id(scenario, plan.seed),
        seed=plan.seed,
        transport="memory",
        what_if=what_if(scenario),
        wall_seconds=0.0,
        twins=[measures for trial in trials for measures in trial.twins],
    )
    hours = {
        arm: np.concatenate([run.hours["border_hours"] for run in runs])
        for arm, runs in readings[scenario.digest].items()
    }
    first = {measures.arm: measures for measures in trials[0].measures}
    runs = [Traced(arm=run.arm, consignments=first[run.arm].consignments, events=run.events) for run in trials[0].runs]
    return summary, gather(scenario, runs, spread(hours))


@contextmanager
def _rarely_collected() -> Iterator[None]:
    """Let the garbage collector look rarely: millions of objects come, stay, and hardly ever lie in cycles."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 100, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _prepare(folder: Path, manifest: dict[str, Any], *, resume: bool) -> None:
    """Make the folder ready: as it is if it is gone on with, without earlier trials if not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CompareError(f"{folder}: cannot be made a folder: {error.strerror or error}") from error
    known, trials = folder / "manifest.json", folder / "trials.log"
    if any(folder.iterdir()) and not known.exists():
        raise CompareError(f"{folder} holds something that is no experiment: name another folder with --out")
    before = _read_json(known) if known.exists() else None
    if resume:
        if before is None:
            raise CompareError(f"{folder}: there is nothing to go on with: leave --resume away")
        check_same(before, manifest, str(folder))
    elif before is not None and not before.get("finished") and trials.exists() and trials.stat().st_size:
        raise CompareError(
            f"{folder}: an experiment was stopped here: go on with it (--resume), name another folder with --out, "
            "or delete it"
        )
    elif trials.exists():
        with TrialStore(trials):  # nobody is at work there
            pass
        trials.unlink()


def _pool(settings: Settings) -> Any:
    if settings.cluster is not None:
        from scenarios.experiments.cluster import ClusterPool

        return ClusterPool(run_ready, settings.cluster)
    return Pool(run_ready, settings.workers or processors())


def _summary(plan: Plan, settings: Settings, readings: Mapping[str, Any]) -> dict[str, Any]:
    summaries = {digest: summarise_point(found, plan.seed) for digest, found in readings.items()}
    scenario = plan.base.scenario

    def of(point: Point) -> dict[str, Any]:
        return summaries[point.scenario.digest]

    def readings_of(point: Point) -> Any:
        return readings[point.scenario.digest]

    base = of(plan.base)
    compared = next((name for name in ("recognition", "advance") if name in base["saved"]), None)
    widest = max(half_widths(readings_of(plan.base)).values(), default=0.0)
    reached = None if settings.precision is None else widest <= settings.precision
    about = {arm: subject for arm, subject in arms_about(scenario).items() if arm in base["arms"]}
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "scenario_digest": scenario.digest,
        "seed": plan.seed,
        "sets": list(plan.sets),
        "repeat": repeat_command(plan, settings.replications, settings.precision, settings.events),
        **({"arms_about": about} if about else {}),
        "method": {
            "replications": base["replications"],
            "pairing": "common random numbers",
            "intervals": "95 %: Student's t over replications for means, bootstrap of replications for p50, p90 and sd",
            "precision": settings.precision,
            "half_width_share": None if widest == float("inf") else round(widest, 6),
            "precision_reached": reached,
            "warm_up_hours": scenario.warm_up_hours,
        },
        "arms": base["arms"],
        "saved": base["saved"],
        "flows": {flow.id: {"title": flow.title, **base["flows"].get(flow.id, {})} for flow in scenario.flows},
        "warm_up": base["warm_up"],
        "sweeps": [sweep_rows(sweep, of) for sweep in plan.sweeps],
        "ranking": [] if compared is None else ranking(plan.sweeps, readings_of, compared),
        "frontier": [] if compared is None else frontier_rows(plan.frontier, of, compared),
        "compared": compared,
        "warnings": list(_warnings(plan, of, reached, settings)),
    }


def _warnings(plan: Plan, of: Callable[[Point], Any], reached: bool | None, settings: Settings) -> Iterator[str]:
    if plan.base.scenario.illustrative is not None:
        yield f"Illustrative: {plan.base.scenario.illustrative}"
    if reached is False:
        yield f"The precision of {percent(settings.precision, 1)} was not reached within {MOST} replications."
    drift = of(plan.base)["warm_up"]
    if drift["ci95"] is not None and drift["ci95"][0] > 0:
        later = fixed(drift["difference"], 2)
        yield (
            f"Later vehicles stand {later} h longer than earlier ones: more come than can pass, or the warm-up is too "
            "short."
        )
    for sweep in plan.sweeps:
        for values in sweep.same:
            yield f"{sweep.title}: {' and '.join(values)} come to the same scenario, so their figures are the same."
    for point in plan.points:
        busiest = max((arm["busiest"] for arm in of(point)["arms"].values()), key=lambda b: b["utilisation_mean"])
        if busiest["utilisation_mean"] > CROWDED:
            side, _, name = busiest["resource"].partition(" ")
            where = f"{resource_title(name)} at {point.scenario.sides[side].title}"
            yield (
                f"{point.label}: {where} is used to {percent(busiest['utilisation_mean'])}; hours there "
                "depend on how long the run is and must not be compared with others."
            )


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    _write(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        text = f"{path}: cannot be read ({error}): delete the folder, or name another with --out"
        raise CompareError(text) from None
    return content


__all__ = ["Outcome", "compare", "experiment_folder"]
