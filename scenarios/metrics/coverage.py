"""Coverage: the probability that an irregular consignment would be found, from the controls it would get.

It is computed for every consignment, irregular or not, because counts of a run are far too small to compare
arms by. Finds at different sides are independent *given* how well the irregularity is concealed; taking
repeated scans as independent without that would overstate coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What controls find. All figures are probabilities or shares (0–1) and come from the scenario file.

    ``found`` is the chance of a find: grade of concealment → form of control → probability. ``grades`` is the
    share of each grade; the shares sum to one. ``on_the_way`` is the share of irregularities that arise after
    departure, spread evenly over the ways to the entry sides. ``seal_check`` is the chance that a side of
    entry sees it on the seals of a consignment that was opened on the way.
    """

    grades: Mapping[str, float]
    found: Mapping[str, Mapping[str, float]]
    on_the_way: float
    seal_check: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlsGot:
    """The controls of one consignment, in the order of its journey.

    ``departure`` holds the forms made before it left, ``sides`` for every side it came to whether it is an
    entry side and the forms made there. ``entries`` is the number of entry sides of its route: a seized
    consignment comes to fewer.
    """

    departure: Collection[str]
    sides: Sequence[tuple[bool, Collection[str]]]
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """What alerts between services do to a consignment whose services hear of them.

    ``share`` of what is irregular at departure is warned of and gets a control of ``form`` at its first entry side.
    ``called``: this consignment was warned of itself, so that such a control there is not owed to chance.
    """

    share: float
    called: bool
    form: str = "physical"


def coverage(got: ControlsGot, detection: Detection, warned: Warned | None = None) -> float:
    """Return the probability (0–1) that an irregularity of this consignment would be found.

    An alert is raised because goods are irregular, so what it finds counts by the share of the irregular that are
    ``warned`` of, for every consignment alike, and not by the few that happened to be.
    """
    if warned is None:
        return _coverage(got, got, detection)
    if warned.called:
        got = _with_first_entry(got, lambda forms: frozenset(forms) - {warned.form})
    controlled = _with_first_entry(got, lambda forms: frozenset(forms) | {warned.form})
    return (1.0 - warned.share) * _coverage(got, got, detection) + warned.share * _coverage(controlled, got, detection)


def _with_first_entry(got: ControlsGot, changed: Callable[[Collection[str]], Collection[str]]) -> ControlsGot:
    """Return ``got`` with the forms made at the first entry side changed, if the consignment came to one."""
    sides = list(got.sides)
    first = next((number for number, (entry, _) in enumerate(sides) if entry), None)
    if first is not None:
        sides[first] = (True, changed(sides[first][1]))
    return replace(got, sides=sides)


def _coverage(departed: ControlsGot, got: ControlsGot, detection: Detection) -> float:
    """Return the probability of a find, with what is irregular at departure controlled as ``departed`` says."""
    on_the_way = detection.on_the_way if got.entries else 0.0
    total = 0.0
    for grade, share in detection.grades.items():
        table = detection.found[grade]
        misses = [_miss(forms, table) for _, forms in got.sides]
        controlled = misses if departed is got else [_miss(forms, table) for _, forms in departed.sides]
        before = 1.0 - _product(controlled) * _miss(departed.departure, table)
        way = sum(
            1.0 - _missed_on_the_way(got.sides, misses, number, detection.seal_check)
            for number in range(1, got.entries + 1)
        )
        total += share * (1.0 - on_the_way) * before
        if got.entries:
            total += share * on_the_way * way / got.entries
    return total


def _missed_on_the_way(
    sides: Sequence[tuple[bool, Collection[str]]], misses: Sequence[float], number: int, seal_check: float
) -> float:
    """Return the chance that nobody finds what arises on the way to entry side ``number`` (1 …)."""
    missed, entries = 1.0, 0
    for (entry, _), miss in zip(sides, misses, strict=True):
        entries += entry
        if entries >= number:
            missed *= miss * (1.0 - seal_check if entry else 1.0)
    return missed


def _miss(forms: Collection[str], table: Mapping[str, float]) -> float:
    return _product([1.0 - table.get(form, 0.0) for form in sorted(set(forms))])


def _product(factors: Sequence[float]) -> float:
    result = 1.0
    for factor in factors:
        result *= factor
    return result


__all__ = ["ControlsGot", "Detection", "Warned", "coverage"]
