"""The checks of a scenario: expectations of its author, held against the summary of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from scenarios.numerals import fixed, percent, points, several
from scenarios.report.stations import resource_title

if TYPE_CHECKING:
    from scenarios.scenario.policy import Check

Summary = Mapping[str, Any]
Outcome = tuple[bool | None, str]
"""Whether the check holds (None: this run cannot tell), and a sentence with the numbers."""

_CANNOT = "this run has not the arms it needs"


def evaluate(check: Check, summary: Summary) -> dict[str, Any]:
    """Return ``name``, ``kind``, ``ok`` (None where an arm it needs was left out of the run) and ``text``."""
    ok, text = _KINDS[check.kind](check, summary)
    return {"name": check.name, "kind": check.kind, "ok": ok, "text": f"{check.name}: {text}"}


def _coverage_loss_at_most(check: Check, summary: Summary) -> Outcome:
    saving = summary["saved"].get(check.arm or "recognition")
    if saving is None:
        return None, _CANNOT
    loss, limit = -saving["coverage_difference"], _limit(check)
    moved = f"coverage lost {points(loss)}" if loss > 0 else f"coverage gained {points(-loss)}"
    return loss <= limit, f"{moved}; a loss of at most {points(limit)} is allowed"


def _coverage_gain_at_least(check: Check, summary: Summary) -> Outcome:
    saving = summary["saved"].get(check.arm or "advance")
    if saving is None:
        return None, _CANNOT
    gain, limit = saving["coverage_difference"], _limit(check)
    return gain >= limit, f"coverage gained {points(gain)}, at least {points(limit)}"


def _finds_no_fewer(check: Check, summary: Summary) -> Outcome:
    arm = check.arm or "advance"
    if not {"baseline", arm} <= set(summary["arms"]):
        return None, _CANNOT
    before, after = (summary["arms"][name]["irregular"] for name in ("baseline", arm))
    text = f"{after['found']} of {after['present']} irregular consignments found, {before['found']} in the baseline"
    return after["found"] >= before["found"], text


def _utilisation_at_most(check: Check, summary: Summary) -> Outcome:
    limit = _limit(check)
    used = [
        (share, f"{resource_title(name)} at {side['title']}, {arm}")
        for side in summary["borders"].values()
        for arm in _arms(check, summary)
        for name, share in side[arm]["utilisation"].items()
    ]
    if not used:
        return None, _CANNOT
    share, where = max(used)
    return share <= limit, f"busiest is {where} with {percent(share, 1)}, at most {percent(limit, 1)}"


def _delivered_all(check: Check, summary: Summary) -> Outcome:
    arms = _arms(check, summary)
    if not arms:
        return None, _CANNOT
    missing = {
        arm: entry["consignments"] - entry["delivered"] - entry["seized"]
        for arm, entry in summary["arms"].items()
        if arm in arms
    }
    late = ", ".join(f"{count} missing in {arm}" for arm, count in missing.items() if count)
    return not late, late or "every consignment was delivered or seized"


def _saved_not_negative(check: Check, summary: Summary) -> Outcome:
    names = [check.arm] if check.arm else ["advance", "recognition"]
    found = {name: summary["saved"][name]["border_hours_mean"] for name in names if name in summary["saved"]}
    if not found:
        return None, _CANNOT
    told = ", ".join(f"{name} {fixed(value, 2, sign=True)} h" for name, value in found.items())
    return min(found.values()) >= 0.0, told


def _journey_between(check: Check, summary: Summary) -> Outcome:
    arm = check.arm or "baseline"
    if arm not in summary["arms"]:
        return None, _CANNOT
    whole = summary["flows"][check.flow] if check.flow else summary["arms"]
    return _between(check, whole[arm]["door_to_door_hours"]["mean"])


def _side_between(check: Check, summary: Summary) -> Outcome:
    arm = check.arm or "baseline"
    if arm not in summary["arms"]:
        return None, _CANNOT
    return _between(check, summary["borders"][check.side][arm]["hours"]["mean"])


def _side_saves_at_least(check: Check, summary: Summary) -> Outcome:
    saved, limit = _saved_at(check, summary)
    if saved is None:
        return None, _CANNOT
    there = f"there over {check.over}" if check.over else "there"
    text = f"{check.arm} saves {fixed(saved, 2, sign=True)} h {there}, at least {fixed(limit, 2)} h expected"
    return saved >= limit, text


def _side_saves_at_most(check: Check, summary: Summary) -> Outcome:
    saved, limit = _saved_at(check, summary)
    if saved is None:
        return None, _CANNOT
    there = f"there over {check.over}" if check.over else "there"
    text = f"{check.arm} saves {fixed(saved, 2, sign=True)} h {there}, at most {fixed(limit, 2)} h either way expected"
    return abs(saved) <= limit, text


def _distance_at_least(check: Check, summary: Summary) -> Outcome:
    if check.length is None or check.flow is None:
        raise ValueError(f"check {check.name!r} of kind {check.kind} needs flow and length")
    km = summary["flows"][check.flow]["distance_km"]
    return km >= check.length.value, f"{fixed(km, 0)} km, at least {fixed(check.length.value, 0)} km expected"


def _last_through_within(check: Check, summary: Summary) -> Outcome:
    arm = check.arm or "baseline"
    if arm not in summary["arms"] or check.hours is None:
        return None, _CANNOT
    first, second = (summary["flows"][flow][arm].get("last_through_hours") for flow in (check.flow, check.other))
    if first is None or second is None:  # as long as nobody of a flow is through
        return None, _CANNOT
    text = f"the last is through {fixed(first)} h after the first wish, {fixed(second)} h in {check.other}"
    return abs(first - second) <= check.hours.value, f"{text}, at most {fixed(check.hours.value)} h apart expected"


def _waits_at_home_between(check: Check, summary: Summary) -> Outcome:
    arm = check.arm or "baseline"
    if arm not in summary["arms"]:
        return None, _CANNOT
    home = summary["flows"][check.flow][arm].get("waits_at_home_hours")
    return (None, _CANNOT) if home is None else _between(check, home["mean"])


def _recognised_by_chain(check: Check, summary: Summary) -> Outcome:
    arm = summary["arms"].get(check.arm or "recognition")
    if arm is None:
        return None, _CANNOT
    fates = arm["recognition"]["by_chain"]
    told = several(
        fates["accepted"], "result that came by another service was", "results that came by another service were"
    )
    what = f"{told} recognised of {sum(fates.values())}"
    return fates["accepted"] > 0, f"{what}, at least one expected"


def _recognition_refused_for(check: Check, summary: Summary) -> Outcome:
    arm = summary["arms"].get(check.arm or "recognition")
    if arm is None:
        return None, _CANNOT
    count = arm["recognition"]["reasons"].get(check.reason, 0)
    told = several(count, "result was", "results were")
    return count > 0, f"{told} refused, or lapsed, for {check.reason}, at least one expected"


def _saved_at(check: Check, summary: Summary) -> tuple[float | None, float]:
    """Return the mean hours that the check's arm saves at its side over another (the baseline), and the check's."""
    if check.hours is None:
        raise ValueError(f"check {check.name!r} of kind {check.kind} needs hours")
    side = summary["borders"][check.side]
    means = [side[arm]["hours"]["mean"] for arm in (check.over or "baseline", check.arm) if arm in side]
    if len(means) < 2 or None in means:
        return None, check.hours.value
    return means[0] - means[1], check.hours.value


def _between(check: Check, value: float | None) -> Outcome:
    if check.band is None:
        raise ValueError(f"check {check.name!r} of kind {check.kind} needs a band")
    low, high = check.band.value
    if value is None:
        return False, f"nothing went through; {fixed(low)} to {fixed(high)} h expected"
    return low <= value <= high, f"mean {fixed(value)} h, {fixed(low)} to {fixed(high)} h expected"


def _faults(check: Check, summary: Summary) -> dict[str, Any]:
    """Return arm → what faults did there, for the arms that the check is about."""
    arms = summary.get("faults", {}).get("arms", {})
    return {arm: entry for arm, entry in arms.items() if check.arm in (None, arm)}


def _counted(key: str, one: str, many: str, good: Callable[[int], bool]) -> Callable[[Check, Summary], Outcome]:
    def check_count(check: Check, summary: Summary) -> Outcome:
        found = _faults(check, summary)
        if not found:
            return None, _CANNOT
        count = sum(entry[key] for entry in found.values())
        return good(count), several(count, one, many)

    return check_count


def _none_of(key: str, one: str, many: str) -> Callable[[Check, Summary], Outcome]:
    return _counted(key, one, many, lambda count: count == 0)


def _some_of(key: str, one: str, many: str) -> Callable[[Check, Summary], Outcome]:
    more = ", at least one expected"
    return _counted(key, f"{one}{more}", f"{many}{more}", lambda count: count > 0)


def _coverage_kept_under_faults(check: Check, summary: Summary) -> Outcome:
    found = _faults(check, summary)
    if not found:
        return None, _CANNOT
    least = min(entry["coverage_difference"] for entry in found.values())
    return least >= 0.0, f"coverage {points(least, sign=True)} against the same run without faults"


def _images_repaired(check: Check, summary: Summary) -> Outcome:
    found = [entry for arm, entry in summary.get("images", {}).items() if check.arm in (None, arm)]
    if not found:
        return None, _CANNOT
    repaired, refused = (sum(entry[key] for entry in found) for key in ("repaired", "refused"))
    text = f"{several(refused, 'answer')} named an image as missing or corrupt; "
    text += f"{several(repaired, 'result was', 'results were')} recognised after all"
    return repaired > 0, f"{text}, at least one expected"


def _matters(*keys: str, what: str) -> Callable[[Check, Summary], Outcome]:
    """Return a check of one share among the matters between services, in the check's arm, within its shares."""

    def check_matters(check: Check, summary: Summary) -> Outcome:
        value: Any = summary.get("matters", {}).get(check.arm or "advance")
        if value is None:
            return None, _CANNOT
        if check.shares is None:
            raise ValueError(f"check {check.name!r} of kind {check.kind} needs shares")
        for key in keys:
            value = value[key]
        low, high = (share.value for share in check.shares)
        if value is None:
            return False, f"there was nothing to ask about; {percent(low, 1)} to {percent(high, 1)} expected"
        return low <= value <= high, f"{what} {percent(value, 1)}, {percent(low, 1)} to {percent(high, 1)} expected"

    return check_matters


def _days_to_settle_between(check: Check, summary: Summary) -> Outcome:
    found = summary.get("matters", {}).get(check.arm or "advance")
    if found is None:
        return None, _CANNOT
    days = found["discrepancies"]["days_to_settle_by_people"]["mean"]
    return _between(check, None if days is None else days * 24.0)


def _arms(check: Check, summary: Summary) -> list[str]:
    return [arm for arm in summary["arms"] if check.arm in (None, arm)]


def _limit(check: Check) -> float:
    if check.limit is None:
        raise ValueError(f"check {check.name!r} of kind {check.kind} needs a limit")
    return check.limit.value


_KINDS: Mapping[str, Callable[[Check, Summary], Outcome]] = {
    "coverage_kept_under_faults": _coverage_kept_under_faults,
    "images_repaired": _images_repaired,
    "ends_as_without_faults": _none_of(
        "ended_otherwise", "case ended otherwise than without faults", "cases ended otherwise than without faults"
    ),
    "nothing_doubled": _none_of("doubled", "message was taken twice", "messages were taken twice"),
    "nothing_lost": _none_of("lost", "message was lost", "messages were lost"),
    "nothing_parked": _none_of(
        "parked", "message still waits for its predecessor", "messages still wait for their predecessor"
    ),
    "out_of_turn_refused": _some_of(
        "out_of_turn",
        "message was refused as out of sequence (NCK, code 92)",
        "messages were refused as out of sequence (NCK, code 92)",
    ),
    "worked_under_fallback": _some_of(
        "fallback", "consignment was worked under fallback", "consignments were worked under fallback"
    ),
    "coverage_gain_at_least": _coverage_gain_at_least,
    "coverage_loss_at_most": _coverage_loss_at_most,
    "finds_no_fewer": _finds_no_fewer,
    "delivered_all": _delivered_all,
    "distance_at_least": _distance_at_least,
    "journey_between": _journey_between,
    "recognised_by_chain": _recognised_by_chain,
    "recognition_refused_for": _recognition_refused_for,
    "saved_not_negative": _saved_not_negative,
    "side_between": _side_between,
    "last_through_within": _last_through_within,
    "waits_at_home_between": _waits_at_home_between,
    "side_saves_at_least": _side_saves_at_least,
    "side_saves_at_most": _side_saves_at_most,
    "export_mass_differs_between": _matters("export_checks", "share_mass_differs", what="share of other masses"),
    "export_unknown_between": _matters("export_checks", "share_unknown_mrn", what="share of unknown MRNs"),
    "settled_between": _matters("discrepancies", "share_settled", what="share of discrepancies settled"),
    "recovered_between": _matters("discrepancies", "share_recovery", what="share of discrepancies recovered"),
    "days_to_settle_between": _days_to_settle_between,
    "utilisation_at_most": _utilisation_at_most,
}

__all__ = ["evaluate"]
