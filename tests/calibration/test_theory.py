"""The world's queues agree with theory and with Ciw within intervals over replications; wrong rates do not."""

from __future__ import annotations

from functools import cache

import pytest

from scenarios.queueing import QueueFigures
from scenarios.scenario.figures import Duration
from tests.calibration import theory
from tests.calibration.alone import Alone
from tests.calibration.formulas import mg1, mmc, second_moment

REPLICATIONS = 8
MODELS = ("M/M/3", "M/LN/1")


@cache
def runs(model: str) -> list[Alone]:
    return theory.simulated(model, REPLICATIONS)


@cache
def zabaikalsk() -> list[Alone]:
    return theory.zabaikalsk(8)


@pytest.mark.parametrize("model", MODELS)
def test_a_border_agrees_with_the_formula(model: str) -> None:
    lines = theory.against_formula(model, runs(model), theory.formula_of(model))
    assert [line for line in lines if not line.agrees] == []
    for line in lines:
        low, high = line.span
        assert (high - low) / 2 < 0.2 * line.expected[0], f"{line.measure}: too wide an interval to say anything"


@pytest.mark.parametrize("model", MODELS)
def test_littles_law_holds_to_the_second_and_in_the_mean(model: str) -> None:
    for run in runs(model):
        queue: QueueFigures = run.queues["desks"]
        assert queue.little
        rate = queue.begun / queue.seconds
        assert queue.length == pytest.approx(rate * queue.wait, rel=0.01)


@pytest.mark.parametrize("wrong", [0.95, 1.05])
def test_a_wrong_service_rate_is_noticed(wrong: float) -> None:
    servers, takes = theory.MMC["M/M/3"]
    lines = theory.against_formula("M/M/3", runs("M/M/3"), mmc(theory.RATE / 24, takes * wrong, servers))
    assert [line.measure for line in lines if line.agrees] == []


def test_a_network_agrees_with_another_library() -> None:
    lines = theory.against_rival(zabaikalsk())
    assert [line for line in lines if not line.agrees] == []
    (stay,) = [line for line in lines if line.measure == "stay, h"]
    low, high = stay.span
    assert high - low < 0.1 * sum(stay.found) / len(stay.found)


def test_desks_that_are_slower_in_the_other_library_are_noticed() -> None:
    lines = theory.against_rival(zabaikalsk(), ("sides.99612020-entry.customs.documents.check=0.315 h",))
    assert ("Zabaikalsk desks", "used") in {(line.model, line.measure) for line in lines if not line.agrees}


def test_the_formulas_know_their_known_cases() -> None:
    """One server: Wq = ρ/(μ−λ). Fixed times wait half as long as exponential ones. Erlang's C(2, 1) = 1/3."""
    assert mmc(10, 0.08, 1).wait == pytest.approx(0.8 / (12.5 - 10))
    assert mmc(1, 1, 2).wait == pytest.approx(1 / 3)
    fixed, exponential = (
        Duration.model_validate({"is": text, "mark": "designed", "source": "a test"}).value
        for text in ("0.08 h", "exp(0.08) h")
    )
    assert mg1(10, exponential).wait == pytest.approx(2 * mg1(10, fixed).wait)
    assert mg1(10, exponential).wait == pytest.approx(mmc(10, 0.08, 1).wait)


@pytest.mark.parametrize("text", ["2 h", "exp(2) h", "LN(2, 0.4) h", "U(1, 3) h", "tri(1, 2, 4) h", "30 min"])
def test_second_moments_are_those_of_the_quantiles(text: str) -> None:
    takes = Duration.model_validate({"is": text, "mark": "designed", "source": "a test"}).value
    steps = 20_000
    quantiles = [takes.hours((n + 0.5) / steps) for n in range(steps)]
    assert sum(quantiles) / steps == pytest.approx(takes.mean, rel=1e-3)
    assert sum(q * q for q in quantiles) / steps == pytest.approx(second_moment(takes), rel=5e-3)
