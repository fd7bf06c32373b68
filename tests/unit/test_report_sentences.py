"""What reports claim is what their intervals bear out, and one of a kind is told in the singular."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.report import compare_words, page, words
from tests.browser.reports import made


def _experiment(mean: float, interval: list[float]) -> dict[str, Any]:
    change = {"coverage_difference": {"mean": mean, "ci95": interval}}
    arms = {"baseline": {"coverage": {"mean": 0.5}}, "recognition": {"coverage": {"mean": 0.5 + mean}}}
    return {"saved": {"recognition": change}, "arms": arms}


def test_a_change_of_coverage_is_claimed_only_where_its_interval_leaves_zero_out() -> None:
    sure = compare_words.coverage(_experiment(-0.02, [-0.03, -0.01]))
    unsure = compare_words.coverage(_experiment(-0.02, [-0.05, 0.01]))
    assert "fell by 2.0 percentage points" in sure
    assert "fell" not in unsure and "did not change by more than chance" in unsure
    assert "-5.0 to +1.0 points" in unsure


def _faults(hours: float, interval: list[float] | None, consignments: int = 70, lost: int = 1) -> str:
    lost_hours = {"hours_mean": hours, "ci95": interval}
    entry = {"border_hours_lost": lost_hours, "fallback": 1, "consignments": consignments, "lost": lost, "doubled": 0}
    return words.faults({"faults": {"arms": {"advance": entry}}})[0]


def test_faults_cost_hours_only_where_the_interval_says_so() -> None:
    assert "cost 0.30 border hours a consignment (95 % interval 0.10 to 0.50 h)" in _faults(0.3, [0.1, 0.5])
    assert "cost no border hours that can be told from chance: +0.30 h" in _faults(0.3, [-0.1, 0.7])
    assert "changed border hours by -0.30 a consignment" in _faults(-0.3, [-0.5, -0.1])
    assert "cost 0.30 border hours a consignment;" in _faults(0.3, None)


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    assert "1 of 1 consignment into" in _faults(0.3, None, consignments=1)
    assert "1 message was lost" in _faults(0.3, None)
    assert "2 messages were lost" in _faults(0.3, None, lost=2)
    assert "at the one queue of" in words.little({"ok": True, "queues": 1, "broken": []})
    assert "at all 2 queues of" in words.little({"ok": True, "queues": 2, "broken": []})


def test_the_warm_up_is_told_as_longer_or_shorter_never_as_longer_by_less_than_nothing() -> None:
    drift = {"difference": -0.16, "ci95": [-1.0, 0.67]}
    text = compare_words.warm_up({"warm_up": drift, "method": {"warm_up_hours": 168.0}})
    assert "stood 0.16 h shorter" in text and "no trend is left" in text


@pytest.mark.parametrize(("interval", "claimed"), [([0.5, 1.5], True), ([-0.5, 2.5], False)])
def test_a_saving_stands_large_as_a_saving_only_where_it_is_one(interval: list[float], claimed: bool) -> None:
    found = made()
    for entry in found.summary["saved"].values():
        entry |= {"border_hours_mean": 1.0, "ci95": interval}
    text = page.render(found.scenario, found.summary, found.material)
    cards = text[text.index('<ul class="cards">') : text.index("</ul>")]
    assert ("less at borders" in cards) is claimed
    assert ("cannot be told from chance" in cards) is not claimed
