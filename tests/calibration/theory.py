"""The world's queues beside theory and beside Ciw: ``python -m tests.calibration.theory [REPLICATIONS]``.

Prints the tables of docs/theory.md. Every line is a mean over replications, the difference from what was expected, and
the 99 % interval of that difference (Student's t over replications); it agrees if the interval holds zero.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from scenarios.metrics.student import interval
from scenarios.scenario import load_scenario
from scenarios.scenario.figures import Duration
from tests.calibration.alone import Alone, alone, side_of
from tests.calibration.formulas import Theory, mg1, mmc
from tests.calibration.rival import KEY, ROOMY, STATIONS, rival

RATE = 240.0
"""Trucks a day at the borders of theory: 10 an hour."""
DAYS, WARM_UP = 40, 5
RIVAL_DAYS, RIVAL_WARM_UP = 6, 2
_SETS = (*ROOMY, f"warm_up={RIVAL_WARM_UP} d")
PROBABILITY = 0.99
MMC = {"M/M/1": (1, 0.07), "M/M/3": (3, 0.21)}
"""Servers and mean hours of exponential work: used to 70 % both."""
MG1 = {
    "M/D/1": "0.08 h",
    "M/U/1": "U(0, 0.16) h",
    "M/tri/1": "tri(0.02, 0.06, 0.14) h",
    "M/LN/1": "LN(0.06, 0.6) h",
}
MEASURES: dict[str, tuple[Callable[[Alone], float], Callable[[Theory], float]]] = {
    "used": (lambda found: found.busy["desks"], lambda theory: theory.busy),
    "waiting": (lambda found: found.length("desks"), lambda theory: theory.length),
    "wait, h": (lambda found: found.wait("desks"), lambda theory: theory.wait),
    "stay, h": (lambda found: found.stay(), lambda theory: theory.stay),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure of one model: what the world found in each replication, and what was expected there."""

    model: str
    measure: str
    found: tuple[float, ...]
    expected: tuple[float, ...]

    @property
    def span(self) -> tuple[float, float]:
        """Return the interval of the difference, found less expected."""
        both = interval([a - b for a, b in zip(self.found, self.expected, strict=True)], PROBABILITY)
        assert both is not None, "an interval needs two replications"
        return both

    @property
    def agrees(self) -> bool:
        """Return whether the interval holds zero (a difference below a millionth is the computer's)."""
        low, high = self.span
        return low - 1e-6 <= 0.0 <= high + 1e-6


def formula_of(model: str) -> Theory:
    """Return what theory says of a model of MMC or MG1."""
    if model in MMC:
        servers, takes = MMC[model]
        return mmc(RATE / 24, takes, servers)
    duration = Duration.model_validate({"is": MG1[model], "mark": "designed", "source": "compared with theory"})
    return mg1(RATE / 24, duration.value)


def simulated(model: str, replications: int) -> list[Alone]:
    """Return replications of a model of MMC or MG1, as a border side of this world."""
    servers, takes = (MMC[model][0], f"exp({MMC[model][1]}) h") if model in MMC else (1, MG1[model])
    scenario = side_of({"desks": (servers, takes)}, RATE, WARM_UP)
    return [alone(scenario, KEY, number, DAYS) for number in range(replications)]


def against_formula(model: str, runs: Sequence[Alone], theory: Theory) -> list[Line]:
    """Return the lines of a model."""
    return [
        Line(
            model=model,
            measure=measure,
            found=tuple(ours(run) for run in runs),
            expected=(theirs(theory),) * len(runs),
        )
        for measure, (ours, theirs) in MEASURES.items()
    ]


def zabaikalsk(replications: int) -> list[Alone]:
    """Return replications of the road entry of Zabaikalsk with room for all trucks."""
    scenario = load_scenario("green_corridor_ru_cn", _SETS)
    return [alone(scenario, KEY, number, RIVAL_DAYS) for number in range(replications)]


def against_rival(ours: Sequence[Alone], wrong: tuple[str, ...] = ()) -> list[Line]:
    """Return the lines of the road entry of Zabaikalsk beside Ciw; ``wrong``: settings that only Ciw is given."""
    scenario = load_scenario("green_corridor_ru_cn", (*_SETS, *wrong))
    theirs = [rival(scenario, run.arrivals, number, RIVAL_DAYS) for number, run in enumerate(ours)]
    lines = [
        Line(
            model=f"Zabaikalsk {name}",
            measure=measure,
            found=tuple(run.wait(name) if measure == "wait, h" else run.busy[name] for run in ours),
            expected=tuple((run.waits if measure == "wait, h" else run.busy)[name] for run in theirs),
        )
        for name in STATIONS
        for measure in ("used", "wait, h")
    ]
    stay = Line(
        model="Zabaikalsk",
        measure="stay, h",
        found=tuple(run.stay() for run in ours),
        expected=tuple(run.stay for run in theirs),
    )
    return [*lines, stay]


def main(arguments: Sequence[str]) -> int:
    """Print both tables; return 1 if a line does not agree."""
    count = int(arguments[0]) if arguments else 20
    lines = [
        line for model in (*MMC, *MG1) for line in against_formula(model, simulated(model, count), formula_of(model))
    ]
    print(f"{count} replications of {DAYS} days, beside the formulas")
    _print(lines)
    beside = against_rival(zabaikalsk(count))
    print(f"\n{count} replications of {RIVAL_DAYS} days, beside Ciw")
    _print(beside)
    return 0 if all(line.agrees for line in (*lines, *beside)) else 1


def _print(lines: Sequence[Line]) -> None:
    print("| model | measure | here | expected | difference, 99 % interval | agrees |")
    print("|---|---|---|---|---|---|")
    for line in lines:
        low, high = line.span
        print(
            f"| {line.model} | {line.measure} | {fmean(line.found):.4f} | {fmean(line.expected):.4f} | "
            f"{low:+.4f} to {high:+.4f} | {'yes' if line.agrees else 'NO'} |"
        )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
