"""What services knew before the goods came, and which control results they recognised: figures of one arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from scenarios.metrics.measures import ArmMeasures
from scenarios.metrics.quantiles import quantiles
from scenarios.metrics.summary import mean, rounded

Json = dict[str, Any]


def information(runs: Sequence[ArmMeasures]) -> Json:
    """Return lead time (hours from preliminary information to arrival) and the share that came in time.

    Counted are all consignments at all entry sides of services other than the one of departure. ``in_time``: as long
    before the expected arrival as the office asks for; ``late``: after that; ``missing``: no other service told it.
    Lead times are of what came before the goods did.
    """
    stays = [
        [stay for item in run.consignments for stay in item.stamps.values() if stay.in_time is not None] for run in runs
    ]
    everyone = [stay for run in stays for stay in run]
    leads = [
        [(stay.t2 - stay.t1) / 3600.0 for stay in run if stay.t1 is not None and stay.t1 <= stay.t2] for run in stays
    ]
    pooled = [lead for run in leads for lead in run]
    in_time = sum(stay.in_time is True for stay in everyone)
    late = sum(stay.in_time is False and stay.t1 is not None for stay in everyone)
    hours: Json = {"mean": None, "p50": None, "p90": None}
    if pooled:
        p50, p90 = quantiles(sorted(pooled), (0.5, 0.9))
        hours = {"mean": rounded(mean([mean(run) for run in leads if run])), "p50": rounded(p50), "p90": rounded(p90)}
    return {
        "due": len(everyone),
        "in_time": in_time,
        "late": late,
        "missing": len(everyone) - in_time - late,
        "share_in_time": rounded(in_time / len(everyone)) if everyone else None,
        "lead_hours": hours,
    }


def recognition(runs: Sequence[ArmMeasures]) -> Json:
    """Return what became of the control results offered to other services, by their last answer, and why not.

    ``rate`` is the share accepted in full of all that were answered. ``lapsed`` were accepted before arrival, and void
    when the goods came. ``reasons`` are the codes of the answers that recognised nothing. ``by_chain`` counts those of
    them that were about a result which another service had passed on.
    """
    answers = [answer for run in runs for answer in run.answers]
    fates = Counter(answer.fate for answer in answers)
    reasons = Counter(reason for answer in answers if answer.fate in ("refused", "lapsed") for reason in answer.reasons)
    forms = Counter(answer.form.lower() for answer in answers if answer.fate == "accepted")
    chained = Counter(answer.fate for run in runs for answer in run.passed_back)
    return {
        "answered": len(answers),
        **{fate: fates[fate] for fate in ("accepted", "partial", "refused", "lapsed")},
        "rate": rounded(fates["accepted"] / len(answers)) if answers else None,
        "accepted_by_form": dict(sorted(forms.items())),
        "reasons": dict(sorted(reasons.items())),
        "by_chain": {fate: chained[fate] for fate in ("accepted", "partial", "refused", "lapsed")},
    }


__all__ = ["information", "recognition"]
