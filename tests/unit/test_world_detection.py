"""Each form of control finds what the scenario's table says, no more and no less."""

from __future__ import annotations

from math import sqrt
from types import SimpleNamespace
from typing import Any, Literal, cast

import pytest
import simpy

from exchange.luck import Luck
from scenarios.events import Irregularity
from scenarios.scenario import load_scenario
from scenarios.world.works import Works

SCENARIO = load_scenario("green_corridor_ru_cn")
CASES = 3000


@pytest.mark.parametrize("grade", ["easy", "hard"])
@pytest.mark.parametrize("form", ["DOCUMENTARY", "WEIGHING", "SCAN", "PHYSICAL"])
def test_finds_are_as_frequent_as_stated(
    form: Literal["DOCUMENTARY", "WEIGHING", "SCAN", "PHYSICAL"], grade: Literal["easy", "hard"]
) -> None:
    customs = SCENARIO.sides["99612020-entry"].customs
    assert customs is not None
    works = Works(
        key="99612020-entry",
        customs=customs,
        detection=SCENARIO.detection,
        stations={},
        env=simpy.Environment(),
        luck=Luck(1, 0),
    )
    share = SCENARIO.detection.share(form, grade)
    wrong = Irregularity(grade=grade, arises=0)
    found = sum(
        works.finds(cast(Any, SimpleNamespace(irregular=wrong, seal_shows=False, case=f"case-{n}")), form)
        for n in range(CASES)
    )
    assert abs(found / CASES - share) < 4 * sqrt(share * (1 - share) / CASES)
    assert not works.finds(cast(Any, SimpleNamespace(irregular=None, seal_shows=True, case="case-1")), form)
