"""The store of trials: what was appended is there again, whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from scenarios.events import Event
from scenarios.experiments.plain import plain, restored
from scenarios.experiments.store import StoreError, TrialStore, line_of
from scenarios.experiments.trial import Trial, TrialResult, run_trial
from scenarios.metrics.measures import ArmMeasures
from scenarios.scenario import load_scenario

SMALL = ("flows.0.vehicles.count=1 trains", "warm_up=1 d")


@pytest.fixture(scope="module")
def result() -> TrialResult:
    scenario = load_scenario("china_europe_transit_fi", SMALL)
    return run_trial(Trial(scenario=scenario, seed=1, replication=0, arms=("baseline", "recognition"), trace=True))


def numbered(result: TrialResult, number: int) -> TrialResult:
    """Return the same trial as another replication."""
    return dataclasses.replace(
        result,
        replication=number,
        measures=tuple(dataclasses.replace(item, replication=number) for item in result.measures),
        runs=(),
    )


def stored(store: TrialStore, result: TrialResult) -> None:
    store.put(result.key, line_of(result))


def test_a_trial_comes_back_as_it_went_in(result, tmp_path):
    with TrialStore(tmp_path / "trials.log") as store:
        stored(store, result)
        stored(store, result)
        assert len(store) == 1 and result.key in store
    with TrialStore(tmp_path / "trials.log") as store:
        back = store.read(result.key)
    assert back.measures == result.measures
    assert back.program == result.program and back.replication == 0
    assert {run.arm: len(run.events) for run in back.runs} == {run.arm: len(run.events) for run in result.runs}
    first, again = result.runs[0].events[0], back.runs[0].events[0]
    assert isinstance(again, Event) and again[:4] == first[:4]
    assert any(event.kind == "message" for event in back.runs[0].events), "a full trace holds the messages"


@pytest.mark.parametrize("cut", [1, 10, 500])
def test_a_torn_end_is_cut_off_and_what_stood_before_it_stays(result, tmp_path, cut):
    path = tmp_path / "trials.log"
    with TrialStore(path) as store:
        for number in range(1, 4):
            stored(store, numbered(result, number))
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    with TrialStore(path) as store:
        assert [key[1] for key in sorted(store.all_keys())] == [1, 2]
        assert store.lost > 0
        stored(store, numbered(result, 3))
    assert path.read_bytes() == whole, "and what was lost is written once more, no more"


def test_a_changed_line_and_what_follows_it_is_not_believed(result, tmp_path):
    path = tmp_path / "trials.log"
    with TrialStore(path) as store:
        for number in range(1, 4):
            stored(store, numbered(result, number))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(lines[1][40:44], b"AAAA") + lines[2])
    with TrialStore(path) as store:
        assert len(store) == 1


def test_two_cannot_hold_the_same_store(tmp_path):
    with TrialStore(tmp_path / "trials.log"), pytest.raises(StoreError, match="another experiment is at work"):
        TrialStore(tmp_path / "trials.log")


def made(kind: Any) -> Any:
    """Return a value of the type ``kind`` in which no part is empty or has its default."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return made(next(part for part in parts if part is not type(None)))
    if origin is Literal:
        return parts[-1]
    if origin is tuple:
        return (made(parts[0]), made(parts[0])) if parts[-1] is Ellipsis else tuple(map(made, parts))
    if origin is frozenset:
        return frozenset({made(parts[0])})
    if origin is Mapping:
        return {made(parts[0]): made(parts[1])}
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{field.name: made(hints[field.name]) for field in dataclasses.fields(kind)})
    if hasattr(kind, "_fields"):
        return kind(*(made(part) for part in get_type_hints(kind).values()))
    return {str: "Ж:7", int: 7, float: 0.1, bool: True}[kind]


def test_every_field_of_the_measures_survives_json():
    measures = made(ArmMeasures)
    back = restored(json.loads(json.dumps(plain(measures), allow_nan=False)))
    assert back == measures
    assert repr(back) == repr(measures), "and every part has the type it had"


def test_what_the_measures_do_not_have_is_no_measure():
    with pytest.raises(ValueError, match="arm"):
        restored({"replication": 0})
