"""A fragment of a scenario file from the estimates of a study, each figure with the study's file as its source.

For a side of a scenario it holds what the study can tell better than the scenario, to be laid over it with
``--set @FILE``. Without a scenario it holds a whole side, with waits as they were observed: nothing competes there.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from scenarios.trs.estimating import BLOCK, Estimate
from scenarios.trs.fitting import FEWEST, Fit

if TYPE_CHECKING:
    from scenarios.scenario import Scenario, Side

Tree = dict[str, Any]
LEAST = 0.005
"""Hours: an interval whose median is below this is left out of a whole side."""


class Fragment:
    """Builds the tree; ``notes`` say what could not be taken from the study, and why."""

    def __init__(self, found: Estimate) -> None:
        self.found = found
        self.notes: list[str] = []

    def of_side(self, scenario: Scenario, side: Side, *, all_traffic: bool) -> Tree:
        """Return what to lay over ``side``; ``all_traffic``: the file holds all vehicles of its time."""
        tree: Tree = {}
        part: Tree = {}
        if side.customs is not None:
            part["customs"] = self._customs(side)
        background = side.background
        if all_traffic and background is not None and background.rate is not None:
            part["background"] = self._background(background.rate.is_.split()[1])
        elif all_traffic:
            self.notes.append(f"{side.key} has no background traffic with a rate of its own: arrivals were not taken")
        if part := {key: value for key, value in part.items() if value}:
            tree["sides"] = {side.key: part}
        if side.office in scenario.policies:
            tree |= self._policies(scenario, side)
        return tree

    def whole_side(self, key: str, timezone: str, title: str) -> Tree:
        """Return a whole side and the selections of its office."""
        office, _, direction = key.rpartition("-")
        takes = {name: fitted[0] for name, fitted in self.found.intervals.items() if fitted}
        phases: Tree = {}
        after: list[str] = []
        for name, bucket in (("queue", "queue"), ("customs", "customs"), ("gauge", "gauge"), ("leaving", "other")):
            phase: Tree = {"bucket": bucket} | ({"after": list(after)} if after else {})
            if name != "customs":
                if name not in takes or takes[name].observed[1] < LEAST:
                    continue
                phase["takes"] = [self._figure(takes[name].text, takes[name].count, takes[name])]
            if name == "gauge":
                phase["gauge_change"] = True
            phases[name] = phase
            after = [name]
        one = {"mark": "designed", "source": "not in the study"}
        officers = {form: {"is": "1 officer", **one} for form in ("documents", "scan", "weighing", "inspection")}
        customs: Tree = {"documents": self._documents(None) or {"check": {"is": "0 h", **one}}}
        customs["documents"]["match"] = {"is": "0.05 h", **one}
        if scan := self._per_unit("scan"):
            customs["scan"] = [scan]
        customs["weighing"] = self._mean("weighing") or {"is": "0.1 h", **one}
        customs["inspection"] = self._best("physical") or {"is": "4 h", **one}
        customs["officers"] = officers
        side = {"title": title, "office": office, "direction": direction, "timezone": timezone, "knows": False}
        selection: Tree = {"documents": "capture_and_check" if self.found.rates["documentary"].count else "none"}
        selection |= {"scan": self._share("scan"), "physical": self._share("physical")}
        if self.found.rates["weighing"].count:
            selection["weighing"] = self._share("weighing")
        presentation = {"EXIT" if direction == "exit" else "ENTRY": selection}
        policy = {"residual": {"is": "2 %", **one}, "presentations": presentation}
        return {"sides": {key: {**side, "phases": phases, "customs": customs}}, "policies": {office: policy}}

    def _customs(self, side: Side) -> Tree:
        assert side.customs is not None
        customs: Tree = {}
        if documents := self._documents(side):
            customs["documents"] = documents
        if scan := self._per_unit("scan"):
            steps = side.customs.scan
            if len(steps) == 1:
                own = {"resource": steps[0].resource} if steps[0].resource else {}
                customs["scan"] = [own | {"per": steps[0].per} | scan]
            elif steps:
                self.notes.append(
                    f"the scan of {side.key} has {len(steps)} steps, "
                    "and one pair of stamps does not tell them apart: left as it is"
                )
        if weighing := self._mean("weighing"):
            customs["weighing"] = weighing
        if inspection := self._best("physical"):
            customs["inspection"] = inspection
        return customs

    def _documents(self, side: Side | None) -> Tree:
        found = self.found.per_unit.get("documentary")
        if found is None:
            return {}
        count = self.found.rates["documentary"].count
        if found.each is not None:
            return {"capture": self._hours(found.each, count), "check": self._hours(found.fixed, count)}
        stated = None if side is None or side.customs is None else side.customs.documents.capture
        if stated is None:
            return {"check": self._hours(found.fixed, count)}
        traffic = self.found.traffic
        captured = stated.value * traffic.units / traffic.consignments
        self.notes.append(f"all consignments had as many units: capture stays {stated.is_}, the rest is the check")
        return {"check": self._hours(max(0.0, found.fixed - captured), count)}

    def _per_unit(self, form: str) -> Tree:
        found = self.found.per_unit.get(form)
        if found is None:
            return {}
        count = self.found.rates[form].count
        each = {} if found.each is None else {"each": self._hours(found.each, count)}
        return {"fixed": self._hours(found.fixed, count), **each}

    def _mean(self, form: str) -> Tree:
        fitted = self.found.controls[form]
        if not fitted:
            return {}
        found = self.found.per_unit[form]
        hours = found.fixed + (found.each or 0.0) * self.found.traffic.units / self.found.traffic.consignments
        return self._hours(hours, fitted[0].count)

    def _best(self, form: str) -> Tree:
        fitted = self.found.controls[form]
        if not fitted:
            return {}
        if fitted[0].count < FEWEST:
            self.notes.append(f"only {fitted[0].count} {form} controls are timed: too few for a fit, nothing was taken")
            return {}
        return self._figure(fitted[0].text, fitted[0].count, fitted[0])

    def _policies(self, scenario: Scenario, side: Side) -> Tree:
        presentation: Literal["EXIT", "ENTRY"] = "EXIT" if side.direction == "exit" else "ENTRY"
        stated = scenario.policies[side.office].presentations.get(presentation)
        if stated is None:
            self.notes.append(f"{side.office} selects nothing at {presentation.lower()}: shares were not taken")
            return {}
        selection: Tree = {"physical": self._share("physical")}
        if stated.weighing is not None:
            selection["weighing"] = self._share("weighing")
        tree: Tree = {}
        if scenario.assumptions.scan_share_at_entry.office == side.office and presentation == "ENTRY":
            tree["assumptions"] = {"scan_share_at_entry": {"share": self._share("scan")}}
        else:
            selection["scan"] = self._share("scan")
        return tree | {"policies": {side.office: {"presentations": {presentation: selection}}}}

    def _background(self, unit: str) -> Tree:
        traffic = self.found.traffic
        if traffic.a_day is None:
            self.notes.append("all vehicles arrived at one moment: no rate can be told")
            return {}
        hours = range(0, 24, BLOCK)
        profile = ", ".join(f"{h:02d}-{h + BLOCK:02d} {w:.3f}" for h, w in zip(hours, traffic.profile, strict=True))
        found: Tree = {"rate": self._figure(f"{traffic.a_day:.3f} {unit}", traffic.vehicles)}
        found["profile"] = self._figure(profile, traffic.vehicles)
        if traffic.spread is not None:
            found["spread"] = self._figure(f"{min(traffic.spread, 1.0) * 100:.1f} %", traffic.vehicles)
        return found

    def _share(self, form: str) -> Tree:
        rate = self.found.rates[form]
        return self._figure(f"{rate.share * 100:.2f} %", rate.total)

    def _hours(self, hours: float, count: int) -> Tree:
        return self._figure(f"{hours:.4f} h", count)

    def _figure(self, text: str, count: int, fit: Fit | None = None) -> Tree:
        how = ""
        if fit is not None:
            fitted = f"maximum likelihood, Kolmogorov-Smirnov distance {fit.distance_text}"
            how = ", their mean" if fit.distance is None else f", {fitted}"
        return {"is": text, "mark": "verified", "source": f"{self.found.study.file}: {count} stamped{how}"}


def as_yaml(tree: Tree, comments: Sequence[str]) -> str:
    """Return ``tree`` as YAML with ``comments`` above it."""
    from ruamel.yaml import YAML

    text = io.StringIO()
    yaml = YAML(typ="rt")
    yaml.width = 4096
    yaml.dump(tree, text)
    return "".join(f"# {line}\n" for line in comments) + text.getvalue()


__all__ = ["Fragment", "as_yaml"]
