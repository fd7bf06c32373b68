"""Agreements: what is covered, in which status, and what a run assumes."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.agreements import IN_FORCE, UnknownAgreement, registry, statuses

ON = date(2018, 3, 5)
INFORMATION = "china-europe-transit-information"
RECOGNITION = "china-europe-transit-recognition"


def test_the_registry_names_source_mark_and_a_known_status_for_every_agreement() -> None:
    for agreement in registry():
        assert agreement.source
        assert agreement.mark in ("verified", "recalled", "designed")
        assert agreement.status in statuses()
        assert len(agreement.parties) >= 2


def test_union_law_covers_the_exchange_inside_a_union_and_nothing_beyond() -> None:
    agreements = registry()
    found = agreements.covering("AAR", "KZ", "RU", ON)
    assert found is not None
    assert found.id == "eaeu-law"
    assert agreements.covering("AAR", "KZ", "CN", ON) is None
    assert agreements.covering("CTR", "KZ", "RU", ON) is None
    assert agreements.covering("AAR", "KZ", "RU", date(2014, 12, 31)) is None


def test_a_project_covers_nothing_until_it_is_assumed_in_force() -> None:
    assert registry().covering("ATR", "CN", "KZ", ON) is None
    assumed = registry().with_statuses({INFORMATION: IN_FORCE})
    found = assumed.covering("ATR", "CN", "KZ", ON)
    assert found is not None
    assert found.id == INFORMATION
    assert assumed.covering("CTR", "CN", "KZ", ON) is None
    assert registry().covering("ATR", "CN", "KZ", ON) is None, "the registry itself must not change"


def test_recognition_is_a_matter_of_forms_goods_and_border_points() -> None:
    assumed = registry().with_statuses({"recognition-ru-cn-zabaikalsk": IN_FORCE})
    found = {agreement.id for agreement in assumed.recognising("CN", "RU", ON)}
    assert "recognition-ru-cn-zabaikalsk" in found
    agreement = assumed["recognition-ru-cn-zabaikalsk"]
    assert agreement.recognition is not None
    assert "DOCUMENTARY" not in agreement.recognition.forms
    assert agreement.covers_goods(["070200", "080510"])
    assert not agreement.covers_goods(["070200", "847130"])
    assert agreement.covers_border(["RUHTA", "RUZBK"])
    assert not agreement.covers_border(["RUGRK"])


def test_what_if_says_what_is_assumed_beyond_the_real_status() -> None:
    assert registry().what_if() == []
    [sentence] = registry().with_statuses({RECOGNITION: IN_FORCE}).what_if()
    assert "real status: in preparation" in sentence
    assert "verified" in sentence


@pytest.mark.parametrize("overlay", [{"no-such-agreement": IN_FORCE}, {INFORMATION: "enforced"}])
def test_an_overlay_of_unknown_names_is_an_error_that_lists_the_known_ones(overlay: dict[str, str]) -> None:
    with pytest.raises(UnknownAgreement, match=r"eaeu-law|in force"):
        registry().with_statuses(overlay)
