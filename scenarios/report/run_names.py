"""What runs are called where they stand beside each other: their scenario, and what tells them from the others."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from scenarios.report.left import Left

Changed = Callable[[Sequence[Left]], list[dict[str, Any]]]
MOST = 2
"""Values of the scenario file that a name tells; more are counted."""
LONGEST = 30
"""Characters of a value that a name tells."""


def run_names(runs: Sequence[Left], changed: Changed) -> list[str]:
    """Return a name for each of ``runs``, each another.

    Runs of one scenario are told apart by what differs: values that most of them do not have, seed, replications,
    command, arms, version. The scenario comes first where there are several. What nothing tells apart has the end of
    its folder's path. ``changed``: gives the keys that differ between runs of one scenario, with a value for each.
    """
    of = [run.scenario.id for run in runs]
    titles = _short({run.scenario.id: run.scenario.title for run in runs})
    names = [""] * len(runs)
    for scenario in titles:
        places = [place for place, one in enumerate(of) if one == scenario]
        mine = [runs[place] for place in places]
        for place, told in zip(places, _differing(mine, changed), strict=True):
            head = [titles[scenario]] if len(titles) > 1 or len(runs) == 1 else []
            names[place] = ", ".join([*head, *told]) or "no value changed"
    ends = _path_ends(runs) if len({*names}) < len(names) else names
    named = [f"{name} ({end})" if names.count(name) > 1 else name for name, end in zip(names, ends, strict=True)]
    return [name[:1].upper() + name[1:] for name in named]


def _short(titles: Mapping[str, str]) -> dict[str, str]:
    """Return titles up to their colon, where that tells them apart as well."""
    short = {key: title.partition(":")[0] for key, title in titles.items()}
    return short if len({*short.values()}) == len(titles) else dict(titles)


def _differing(runs: Sequence[Left], changed: Changed) -> list[list[str]]:
    """Return, for each run, what tells it from the others of its scenario; nothing where there is one alone."""
    if len(runs) == 1:
        return [[]]
    told = _values(runs, changed(runs))
    for tell in (_seed, _replications, _made_by, _arms, _version):
        column = [tell(run) for run in runs]
        if len({*column}) > 1:
            told = [[*before, one] for before, one in zip(told, column, strict=True)]
    return told


def _values(runs: Sequence[Left], rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return, for each run, the values that most others do not have; keys alike in name and values count as one."""
    alike: dict[tuple[str, tuple[str | None, ...]], list[str]] = {}
    for row in rows:
        if row["key"] != "seed":  # the file's own; that of the run stands in its name anyway
            alike.setdefault((row["key"].rpartition(".")[2], tuple(row["values"])), []).append(row["key"])
    told: list[list[str]] = [[] for _ in runs]
    for (last, values), keys in alike.items():
        words = key_words(keys[0], runs[0]) if len(keys) == 1 else last.replace("_", " ")
        (usual, most), *others = Counter(values).most_common()
        tied = bool(others) and others[0][1] == most
        for place, value in enumerate(values):
            if tied or value != usual:
                told[place].append(f"{words} {'left out' if value is None else value[:LONGEST]}")
    return [one if len(one) <= MOST else [*one[:MOST], f"and {len(one) - MOST} more that differ"] for one in told]


def key_words(key: str, run: Left) -> str:
    """Return a key of the scenario file in words: sides and offices by their titles, points and underscores as spaces.

    Where it stands is left out for an assumption, as is that it is a share.
    """
    head, *rest = key.split(".")
    scenario = run.scenario
    if head == "sides" and len(rest) > 1 and rest[0] in scenario.sides:
        return f"{scenario.sides[rest[0]].title}: {' '.join(rest[1:]).replace('_', ' ')}"
    if head in ("offices", "policies") and len(rest) > 1 and rest[0] in scenario.offices:
        return f"{scenario.offices[rest[0]].title}: {' '.join(rest[1:]).replace('_', ' ')}"
    if head == "assumptions" and rest:
        return rest[0].replace("_", " ")
    return " ".join((head, *rest)).replace("_", " ")


def _seed(run: Left) -> str:
    return f"seed {run.summary['seed']}"


def _replications(run: Left) -> str:
    count = (run.experiment or run.summary)["method"]["replications"]
    return f"{count} replication{'' if count == 1 else 's'}"


def _made_by(run: Left) -> str:
    return "a run" if run.experiment is None else "an experiment"


def _arms(run: Left) -> str:
    return f"arms {' and '.join((run.experiment or run.summary)['arms'])}"


def _version(run: Left) -> str:
    return f"Corridor {run.summary['versions']['corridor']}"


def _path_ends(runs: Sequence[Left]) -> list[str]:
    """Return the shortest ends of the folders' paths that tell them apart; the same folder twice is numbered."""
    parts = [os.path.abspath(run.folder).split(os.sep) for run in runs]
    for depth in range(1, max(map(len, parts)) + 1):
        ends = ["/".join(path[-depth:]) for path in parts]
        if len({*ends}) == len(ends):
            return ends
    return [f"{number}: {path[-1]}" for number, path in enumerate(parts, 1)]


__all__ = ["LONGEST", "MOST", "key_words", "run_names"]
