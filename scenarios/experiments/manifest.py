"""The manifest of an experiment: what anyone needs to repeat it."""

from __future__ import annotations

import platform
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from shlex import quote
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from exchange.messages import VERSION
from exchange.messages.base import format_time
from scenarios.metrics.outline import own_version

if TYPE_CHECKING:
    from scenarios.experiments.plan import Plan
    from scenarios.scenario import Scenario

LIBRARIES = ("numpy", "pydantic", "simpy", "pyarrow", "distributed")
_ENDINGS = (".py", ".yaml", ".csv", ".json", ".xsd")


class ManifestError(CorridorError):
    """An experiment cannot go on as it was begun."""


@lru_cache(maxsize=1)
def program_digest() -> str:
    """Return the SHA-256 over program and data, so that results of two versions are never mixed."""
    digest = sha256()
    for package in ("schemas", "exchange", "nodes", "scenarios"):
        _add(digest, files(package), package)
    return digest.hexdigest()


def _add(digest: Any, folder: Traversable, name: str) -> None:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            _add(digest, entry, f"{name}/{entry.name}")
        elif entry.name.endswith(_ENDINGS):
            digest.update(f"{name}/{entry.name}\0".encode() + sha256(entry.read_bytes()).digest())


def scenario_content(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario as plain JSON, which is a scenario file too (JSON is YAML) with the same digest.

    Where its services run, and at what pace, is left out: an experiment has nodes of its own.
    """
    content = scenario.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"elsewhere", "pace", "time_limit"}
    )
    content["start"] = format_time(scenario.start)
    return content


def make_manifest(plan: Plan, settings: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest as plain JSON; ``settings`` are those of the command."""
    return {
        "scenario": plan.base.scenario.id,
        "scenario_file": "scenario.json",
        "scenario_digest": plan.base.scenario.digest,
        "seed": plan.seed,
        "sets": list(plan.sets),
        "arms": list(plan.arms),
        "sweeps": {sweep.key: [dict(point.turned)[sweep.key] for point in sweep.points] for sweep in plan.sweeps},
        "frontier": [dict(point.turned) for point in plan.frontier],
        "points": [{"turned": dict(p.turned), "scenario_digest": p.scenario.digest} for p in plan.points],
        "settings": settings,
        "repeat": repeat_command(plan, settings["replications"], settings["precision"], settings["events"]),
        "program_digest": program_digest(),
        "versions": {
            "corridor": own_version(),
            "messages": f"PIX {VERSION}",
            "python": platform.python_version(),
            **{name: found for name in LIBRARIES if (found := _installed(name)) is not None},
        },
    }


def repeat_command(plan: Plan, replications: int, precision: float | None, events: str) -> str:
    """Return the command that makes the same experiment again from its ``scenario.json``, sweeps and all.

    What was set stands in that file. Where a ``precision`` decided on the number of replications, it does so again.
    """
    number = f"--replications {replications}" if precision is None else f"--precision {precision * 100:.10g}%"
    parts = ["corridor compare scenario.json", f"--seed {plan.seed}", number]
    for sweep in plan.sweeps:
        values = ",".join(dict(point.turned)[sweep.key] for point in sweep.points)
        parts.append(f"--sweep {quote(f'{sweep.key}={values}')}")
    parts += ["--frontier"] if plan.frontier else []
    parts += ["--events all"] if events == "all" else []
    return " ".join(parts)


def check_same(before: dict[str, Any], now: dict[str, Any], where: str) -> None:
    """Raise ManifestError if results stored under ``before`` must not be mixed with those of ``now``."""
    for key, what in (("program_digest", "program"), ("scenario_digest", "scenario"), ("seed", "seed")):
        if before.get(key) != now[key]:
            raise ManifestError(
                f"{where}: was begun with another {what} ({before.get(key)}; now {now[key]}), so its replications "
                "cannot be gone on with: name another folder with --out, or delete this one and leave --resume away"
            )
    events = before.get("settings", {}).get("events")
    if events != now["settings"]["events"]:
        raise ManifestError(f"{where}: was begun with the events of {events}: go on with --events {events}")


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


__all__ = ["ManifestError", "check_same", "make_manifest", "program_digest", "repeat_command", "scenario_content"]
