"""What an experiment came to, in sentences: the same on the console and in the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scenarios.numerals import count, fixed, percent, several, span
from scenarios.report import words
from scenarios.report.naming import arms_of, name_of

Json = Mapping[str, Any]
MEASURE_TITLES = {"border_hours": "Border hours", "door_to_door_hours": "Door to door hours"}
STATISTIC_TITLES = {"mean": "Mean", "p50": "Median", "p90": "P90", "sd": "Dispersion (sd)"}

_WITHOUT_EFFECT = {
    "outage": "what waited for a node that was down still came before it was needed",
}
"""Why the hours saved may be the same with all values of a key, by the key."""


def as_savings(saved: Json) -> dict[str, dict[str, Any]]:
    """Return the differences as the summary of a run has them, for what is shown of both."""
    return {
        name: {
            "border_hours_mean": entry["border_hours"]["mean"] or 0.0,
            "ci95": entry["border_hours"]["ci95"],
            "share_of_border_time": entry["share_of_border_time"],
            "per_replication": entry["border_hours"]["per_replication"],
        }
        for name, entry in saved.items()
    }


def headline(summary: Json) -> list[str]:
    """Return the sentences that say what the experiment came to, and how far it can be trusted."""
    with arms_of(summary):
        return _headline(summary)


def _headline(summary: Json) -> list[str]:
    saved = as_savings(summary["saved"])
    results = offered(summary)
    found = [words.sentence(name, saved[name], results) for name in ("advance", "recognition") if name in saved]
    found += [coverage(summary), officers(summary), *summary["no_help"], precision(summary), *summary["warnings"]]
    return [text for text in found if text]


def no_help(of_run: Json) -> list[str]:
    """Return sentences on where exchange did not help: sides without a saving, sides that took longer, faults, checks.

    ``of_run`` is the summary of a run of the same replications.
    """
    failed = [f"Check failed: {check['text']}" for check in of_run["checks"] if not check["ok"]]
    with arms_of(of_run):
        told = (words.nothing_saved(of_run), words.dearer(of_run), *words.faults(of_run), *failed)
    return [text for text in told if text]


def without_effect(row: Json) -> str:
    """Return why a key of the ranking moves nothing; empty if it moves the hours saved in any replication."""
    if row["swing_hours"] != 0 or row["least"]["value"] != row["most"]["value"]:
        return ""
    saved = f"{fixed(row['most']['saved_hours'], 2)} h saved whatever its value"
    return f"no difference ({saved}): {_WITHOUT_EFFECT.get(row['key'], 'what it changes held nothing up here')}"


def offered(summary: Json) -> bool:
    """Return whether any control result was offered for recognition in the third arm; True where that is not known."""
    answered = summary.get("figures", {}).get("recognition.answered", {}).get("arms", {}).get("recognition", {})
    return bool(answered.get("mean") != 0.0)


def officers(summary: Json) -> str:
    """Return one sentence on officers' work in the third arm; empty without it, or where nothing can be told."""
    if "recognition" not in summary["saved"]:
        return ""
    less = summary["saved"]["recognition"]["officer_hours"]
    mean, interval = less["mean"], less["ci95"]
    if mean is None or abs(mean) < 0.05 or (interval is not None and interval[0] <= 0.0 <= interval[1]):
        return ""
    ends = "" if interval is None else f" (95 % interval {span(sorted(map(abs, interval)), 1)})"
    arm = "recognition" if offered(summary) else words.third_arm()
    return (
        f"Officers worked {fixed(abs(mean))} h {'less' if mean > 0 else 'more'} a replication with {arm}, "
        f"work at departure and before arrival counted{ends}."
    )


def coverage(summary: Json) -> str:
    """Return one sentence on the chance to find what is irregular; empty where no arm is there to move it."""
    saved, arms = summary["saved"], summary["arms"]
    arm = "recognition" if "recognition" in saved else "advance"
    if arm not in saved or "baseline" not in arms:
        return ""
    difference, interval = saved[arm]["coverage_difference"]["mean"], saved[arm]["coverage_difference"]["ci95"]
    before, after = arms["baseline"]["coverage"]["mean"], arms[arm]["coverage"]["mean"]
    if abs(difference) < 0.0005:
        kept = f"The chance that an irregular consignment is found stayed at {percent(before, 1)}"
        return f"{kept}." if arm == "recognition" else ""
    if interval is not None and interval[0] <= 0.0 <= interval[1]:
        return (
            "The chance that an irregular consignment is found did not change by more than chance: from "
            f"{percent(before, 1)} to {percent(after, 1)} (95 % interval of the change "
            f"{span([100 * end for end in interval], 1, sign=True)} points)."
        )
    named = name_of(arm)
    if arm == "recognition":
        by = "recognition" if offered(summary) else words.third_arm()
    else:
        by = "preliminary information" if named is None else named.short.lower()
    ends = None if interval is None else [100 * end for end in interval]
    within = "" if ends is None else f" (95 % interval of the change {span(ends, 1, sign=True)} points)"
    return (
        f"The chance that an irregular consignment is found {'fell' if difference < 0 else 'rose'} by "
        f"{fixed(abs(difference) * 100)} percentage points with {by}, from {percent(before, 1)} to {percent(after, 1)}"
        f"{within}."
    )


def precision(summary: Json) -> str:
    """Return one sentence on how wide the intervals are beside the baseline's mean."""
    method = summary["method"]
    share, replications = method["half_width_share"], method["replications"]
    if share is None:
        return f"{several(replications, 'replication')}: no intervals."
    asked = "" if method["precision"] is None else f", {percent(method['precision'], 1)} asked for"
    widest = percent(max(share, 0.001), 1)
    widest = f"no interval of the hours is wider than ±{widest} of the baseline's mean border hours"
    return f"All of it is over {replications} paired replications; {widest}{asked}."


def warm_up(summary: Json) -> str:
    """Return two sentences on the warm-up: what it is, and whether it was long enough."""
    drift, hours = summary["warm_up"], summary["method"]["warm_up_hours"]
    text = (
        f"Before the first counted vehicle, {count(hours)} h of background traffic alone fill the queues; nothing of "
        "that time is counted, and every replication runs until its last vehicle is through."
    )
    if drift["ci95"] is None:
        return text
    low, high = drift["ci95"]
    verdict = "no trend is left" if low <= 0 <= high else "a trend is left: see what the file says of the warm-up"
    longer = f"{fixed(abs(drift['difference']), 2)} h {'longer' if drift['difference'] >= 0 else 'shorter'}"
    return (
        f"{text} The second half of the vehicles stood {longer} in the baseline than the first "
        f"(95 % interval of the difference {span(drift['ci95'], 2, sign=True)} h): {verdict}."
    )


__all__ = [
    "MEASURE_TITLES",
    "STATISTIC_TITLES",
    "as_savings",
    "coverage",
    "headline",
    "no_help",
    "offered",
    "officers",
    "precision",
    "warm_up",
]
