"""What a run came to, in sentences: the same on the console and in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.numerals import NONE, count, fixed, percent, several, span
from scenarios.report.naming import NAMES, arms_of, name_of
from scenarios.report.palette import ARM_LOOKS, COMPARISON_TITLES

TOO_LITTLE = 0.05
"""Hours: less than this at a side is called nothing (three minutes)."""

_SUBJECTS = {
    "advance": "Preliminary information",
    "recognition": NAMES["recognition"].subject,
    "recognition_over_advance": NAMES["recognition"].beyond,
}
_THIRD = "The third arm, where no control result was offered for recognition (shown below as Recognition),"
_UNOFFERED = {"recognition": _THIRD, "recognition_over_advance": _THIRD}
"""What is said instead where the third arm has other agreements in force than on recognition."""


def offered(summary: Mapping[str, Any]) -> bool:
    """Return whether any control result was offered for recognition in the third arm; True where that is not known."""
    arm = summary["arms"].get("recognition", {})
    return bool(arm.get("recognition", {}).get("answered", True))


def third_arm() -> str:
    """Return what the third arm is about, in a sentence, where nothing was offered for recognition in it."""
    called = name_of("recognition")
    return "what is in force in the third arm" if called is None else called.short.lower()


def hours(value: float | None, digits: int = 1) -> str:
    """Return ``value`` in hours, or a dash where there is none."""
    return NONE if value is None else f"{fixed(value, digits)} h"


def certain(saving: Mapping[str, Any]) -> bool | None:
    """Return whether the interval of a saving leaves zero out; None without an interval."""
    interval = saving["ci95"]
    return None if interval is None else not interval[0] <= 0.0 <= interval[1]


def sentence(name: str, saving: Mapping[str, Any], offered: bool = True) -> str:
    """Return one sentence on the hours that comparison ``name`` saved; ``offered``: whether any result was."""
    amount, share = saving["border_hours_mean"], saving["share_of_border_time"]
    called = name_of("recognition" if name == "recognition_over_advance" else name)
    if called is not None:
        subject = called.beyond if name == "recognition_over_advance" else called.subject
    else:
        subject = _SUBJECTS[name] if offered else _UNOFFERED.get(name, _SUBJECTS[name])
    interval = "" if saving["ci95"] is None else f"; 95 % interval {span(saving['ci95'])} h"
    if abs(amount) < 0.005:
        return f"{subject} saved nothing at the borders."
    if certain(saving) is False:
        return f"{subject} made no difference that can be told from chance: {fixed(amount, 2, sign=True)} h{interval}."
    verb = "saved" if amount > 0 else "cost"
    size = f"{fixed(abs(amount), 2)} h a consignment, {percent(abs(share), 1)} of its border time"
    once = "" if interval else " (one replication: no interval)"
    return f"{subject} {verb} {size}{interval}{once}."


def price(summary: Mapping[str, Any]) -> str:
    """Return one sentence on what recognition, or alerts, did to the chance of finding irregular goods."""
    arms, saved = summary["arms"], summary["saved"]
    third = "recognition" if offered(summary) else third_arm()
    by = {**dict.fromkeys(summary.get("alerts_heard", ()), "alerts between services"), "recognition": third}
    arm = next((name for name in ("recognition", "advance") if name in saved and name in by), None)
    if arm is None:
        return ""
    difference = saved[arm]["coverage_difference"]
    before, after = arms["baseline"]["coverage"], arms[arm]["coverage"]
    if abs(difference) < 0.0005:
        return f"The chance that an irregular consignment is found stayed at {percent(before, 1)}."
    verb = "fell" if difference < 0 else "rose"
    return (
        f"The chance that an irregular consignment is found {verb} by {fixed(abs(difference) * 100, 1)} percentage "
        f"points with {by[arm]}, from {percent(before, 1)} to {percent(after, 1)}."
    )


def nothing_saved(summary: Mapping[str, Any]) -> str:
    """Return one sentence on the border sides where no arm made a difference to speak of; empty without any."""
    compared = [name for name in ("advance", "recognition") if name in summary["saved"]]
    if not compared:
        return ""
    sides = [
        side["title"]
        for side in summary["borders"].values()
        if not any(_certain(side, name, sign) for name in compared for sign in (1.0, -1.0))
    ]
    if not sides:
        return ""
    return f"Nothing was saved that can be told from chance at {_list(sides)}."


def dearer(summary: Mapping[str, Any]) -> str:
    """Return one sentence on the border sides where an arm took longer; empty if there is none."""
    found = [
        f"{side['title']} ({COMPARISON_TITLES[name].lower()}: {fixed(-saving(side, name), 2)} h longer)"
        for side in summary["borders"].values()
        for name in ("advance", "recognition")
        if name in side["saved"] and _certain(side, name, -1.0)
    ]
    return f"It took longer at {_list(found)}." if found else ""


def saving(side: Mapping[str, Any], name: str) -> float:
    """Return the mean hours that comparison ``name`` saved at a border side."""
    return float(side["saved"][name]["hours_mean"])


def _certain(side: Mapping[str, Any], name: str, sign: float) -> bool:
    """Return whether hours were saved (sign 1) or lost (sign -1) at ``side``: enough, and not by chance."""
    interval = side["saved"][name]["ci95"]
    if sign * saving(side, name) < TOO_LITTLE:
        return False
    return interval is None or not interval[0] <= 0.0 <= interval[1]


def headline(summary: Mapping[str, Any]) -> list[str]:
    """Return the sentences that say what the run came to: hours, price, and where nothing was saved."""
    with arms_of(summary):
        return _headline(summary)


def _headline(summary: Mapping[str, Any]) -> list[str]:
    saved = summary["saved"]
    results = offered(summary)
    sentences = [sentence(name, saved[name], results) for name in ("advance", "recognition") if name in saved]
    if not sentences and "recognition_over_advance" in saved:
        sentences = [sentence("recognition_over_advance", saved["recognition_over_advance"], results)]
    if not sentences:
        sentences = ["Nothing is compared: this run has one arm only."]
    sentences = [*illustrative(summary), *sentences, price(summary), nothing_saved(summary), dearer(summary)]
    told = (*sentences, *same_arms(summary), *faults(summary))
    return [text for text in told if text]


def illustrative(summary: Mapping[str, Any]) -> list[str]:
    """Return a sentence that says so where the results illustrate and measure nothing; else none."""
    return [f"Illustrative: {summary['illustrative']}"] if "illustrative" in summary else []


def same_arms(summary: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each arm that lacks an agreement to tell it from another; none where all differ."""
    return [
        f"The arms {ARM_LOOKS[arm].short.lower()} and {ARM_LOOKS[other].short.lower()} exchange under the same "
        f"agreements, so the two come to the same: let one more be in force in the former (arms.{arm}; images alone "
        "do nothing, they go with results), or leave it out."
        for arm, other in summary.get("same_arms", ())
    ]


def faults(summary: Mapping[str, Any]) -> list[str]:
    """Return a sentence on what faults cost each arm, against the same run without them; none without faults."""
    sentences = []
    for arm, entry in summary.get("faults", {}).get("arms", {}).items():
        lost, interval = entry["border_hours_lost"], entry["border_hours_lost"]["ci95"]
        if not (entry["fallback"] or entry["lost"] or entry["doubled"] or abs(lost["hours_mean"]) >= 0.005):
            continue
        sentences.append(
            f"Faults put {count(entry['fallback'])} of {several(entry['consignments'], 'consignment')} into fallback "
            f"in the arm {ARM_LOOKS[arm].short.lower()}, and {_cost(lost['hours_mean'], interval)}; "
            f"{several(entry['lost'], 'message was', 'messages were')} lost and {count(entry['doubled'])} taken twice."
        )
    return sentences


def _cost(hours: float, interval: Sequence[float] | None) -> str:
    """Return what faults cost in border hours, claimed only where the interval leaves zero out."""
    told = "" if interval is None else f" (95 % interval {span(interval)} h)"
    if interval is not None and interval[0] <= 0.0 <= interval[1]:
        return f"cost no border hours that can be told from chance: {fixed(hours, 2, sign=True)} h a consignment{told}"
    if hours < 0:
        return f"changed border hours by {fixed(hours, 2, sign=True)} a consignment{told}"
    return f"cost {fixed(hours, 2)} border hours a consignment{told}"


def little(held: Mapping[str, Any]) -> str:
    """Return one sentence on whether Little's law held at the queues of a run."""
    if held["ok"]:
        return f"Little's law L = λW held to the second at {_all(held['queues'])} of the run"
    return f"Little's law L = λW is BROKEN, so this run cannot be trusted: {'; '.join(held['broken'])}"


def _all(queues: int) -> str:
    return "the one queue" if queues == 1 else f"all {count(queues)} queues"


def _list(items: list[str]) -> str:
    """Return ``items`` as one enumeration; parted by semicolons where one of them has a comma of its own."""
    if len(items) == 1:
        return items[0]
    parted = "; " if any("," in item for item in items) else ", "
    return f"{parted.join(items[:-1])}{';' if parted == '; ' else ''} and {items[-1]}"


__all__ = [
    "certain",
    "faults",
    "headline",
    "hours",
    "illustrative",
    "little",
    "nothing_saved",
    "offered",
    "price",
    "same_arms",
    "sentence",
    "third_arm",
]
