"""The scenario of the year of trains, made from the table of crossings.

Every figure carries its unit, mark and source as in a scenario file. The trains go from China to Vorsino near Moscow;
what limits each way is the transfer at the border of China (the exit side's ``slot``). Posts behind it have as many
desks, scanners and cranes as keep them below seven tenths of their capacity. There is no background traffic: the
trains of the year are the traffic.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Any

from scenarios.scenario import Scenario
from scenarios.simulation.crossings import CROSSINGS, DAYS, DECLARATIONS, TRAINS, UNITS, Crossing, Half, spread

Json = dict[str, Any]
VORSINO = Half(code="99669010", name="Vorsino", country="RU", timezone="Europe/Moscow", lat=55.24, lon=36.62)
FULL = 0.7
"""What share of their capacity desks, scanners, bays and cranes are given to do at most."""


def _figure(value: str, mark: str, source: str) -> Json:
    return {"is": value, "mark": mark, "source": source}


def _designed(value: str, source: str) -> Json:
    return _figure(value, "designed", source)


NONE = _designed("0 h", "the scanner stands at the loading track")
OFFICERS = {
    name: _designed(f"{count} officer{'s' * (count > 1)}", "one at each desk or scanner, two at an inspection")
    for name, count in (("documents", 1), ("scan", 1), ("weighing", 1), ("inspection", 2))
}
CHECK, MATCH, CAPTURE, DISCHARGE, SCAN = 0.30, 0.04, 0.10, 0.15, 0.25
"""Hours: check and match of a consignment, capture of a container, discharge, scan of a container."""


def _customs(**more: Any) -> Json:
    documents = {
        "check": _figure(f"{CHECK} h", "recalled", "documentary control of one consignment"),
        "match": _designed(f"{MATCH} h", "compare list and seals of papers checked before"),
    }
    return {
        "documents": documents | more.pop("documents", {}),
        "scan": [{"fixed": NONE, "each": _figure(f"{SCAN} h", "recalled", "scan of one container, image read")}],
        "weighing": _figure("0.1 h", "recalled", "weighing of one consignment"),
        "inspection": _figure("LN(5, 0.35) h", "recalled", "physical inspection, 4-8 h"),
        "officers": OFFICERS,
        **more,
    }


def _capacity(trains_a_day: float, hours: float, what: str) -> Json:
    """Return as many of ``what`` as do ``hours`` of work a train and are busy for seven tenths of the time at most."""
    count = max(1, ceil(trains_a_day * hours / 24 / FULL))
    return {"capacity": _designed(f"{count} {what}", "keeps them below seven tenths of their capacity")}


def _exit(one: Crossing) -> Json:
    """China's side: its own declarations, then the transfer, one train at a time."""
    return {
        "title": f"{one.exit.name}, exit from China",
        "office": one.exit.code,
        "direction": "exit",
        "timezone": one.exit.timezone,
        "knows": True,
        "resources": {"slot": {"capacity": _designed("1 slot", "one train at a time")}},
        "phases": {
            "technical": {"bucket": "other", "takes": [_designed("tri(2, 3, 5) h", "technical work on the train")]},
            "customs": {"bucket": "customs"},
            "transfer": {
                "bucket": "queue",
                "after": ["technical", "customs"],
                "resource": "slot",
                "takes": [_figure(f"{24 / one.capacity:.4f} h", one.mark, one.source)],
            },
        },
        "customs": _customs(),
    }


def _entry(here: Half, trains_a_day: float, *, gauge: bool) -> Json:
    """An entry side: papers, scans and inspections, and the change of gauge where the wagons stay behind."""
    each = UNITS / DECLARATIONS
    resources = {
        "desks": _capacity(trains_a_day, DECLARATIONS * (CAPTURE * each + CHECK), "desks"),
        "scanner": _capacity(trains_a_day, DECLARATIONS * 0.15 * (0.5 + SCAN * each), "scanners"),
        "bays": _capacity(trains_a_day, DECLARATIONS * 0.03 * 5.4, "bays"),
    }
    phases: Json = {
        "handover": {"bucket": "other", "takes": [_designed("tri(1, 2, 3.5) h", "railway handover, border guard")]},
        "customs": {"bucket": "customs"},
    }
    behind = ["handover", "customs"]
    if gauge:
        resources["crane"] = _capacity(trains_a_day, 4.1, "groups")
        phases["reloading"] = {
            "bucket": "gauge",
            "after": behind,
            "resource": "crane",
            "gauge_change": True,
            "takes": [_designed("LN(4, 0.2) h", "shunting and reloading of a train")],
        }
        behind = ["reloading"]
    phases["departure"] = {
        "bucket": "other",
        "after": behind,
        "takes": [_designed("tri(2, 3, 6) h", "brake test, locomotive, path")],
    }
    capture = _designed(f"{CAPTURE} h", "a container entered from the carrier's papers")
    scan = {
        "resource": "scanner",
        "fixed": _figure("0.5 h", "recalled", "containers to the ground and back"),
        "each": _figure(f"{SCAN} h", "recalled", "scan of one container, image read"),
    }
    return {
        "title": f"{here.name}, entry",
        "office": here.code,
        "direction": "entry",
        "timezone": here.timezone,
        "knows": False,
        "resources": resources,
        "phases": phases,
        "customs": _customs(
            documents={"resource": "desks", "at_most": 2, "capture": capture},
            scan=[scan],
            inspection_resource="bays",
            hold={
                "waits": _designed("4 h", "a limit for formalities at a railway border"),
                "later": _designed("U(12, 36) h", "until a later train takes the consignment on"),
            },
        ),
    }


def _leaving(here: Half) -> Json:
    """The exit side of a country passed through: the transit is closed."""
    return {
        "title": f"{here.name}, exit",
        "office": here.code,
        "direction": "exit",
        "timezone": here.timezone,
        "knows": True,
        "phases": {
            "customs": {"bucket": "customs"},
            "departure": {
                "bucket": "other",
                "after": ["customs"],
                "takes": [_designed("tri(2, 3, 4.5) h", "technical work on the train")],
            },
        },
        "customs": _customs(
            documents={"discharge": _designed(f"{DISCHARGE} h", "closing the transit of one consignment")}
        ),
    }


def _sides(one: Crossing) -> Json:
    day = TRAINS / DAYS * one.share
    sides = {f"{one.exit.code}-exit": _exit(one), f"{one.entry.code}-entry": _entry(one.entry, day, gauge=True)}
    if one.onward is not None:
        out, into = one.onward
        sides |= {f"{out.code}-exit": _leaving(out), f"{into.code}-entry": _entry(into, day, gauge=False)}
    return sides


def _flow(one: Crossing, count: int, destination: str) -> Json:
    sides = list(_sides(one))
    posts = dict(zip(sides, (one.exit, one.entry, *(one.onward or ())), strict=True))
    points: list[Json] = [{"place": _slug(one.start), "office": one.start.code}]
    points += [{"place": _slug(posts[key]), "side": key} for key in sides]
    points.append({"place": _slug(VORSINO), "office": destination})
    legs = [_leg(points[0], points[1], one.away, 620)]
    for before, after in pairwise(points[1:-1]):
        inland = posts[before["side"]].country == posts[after["side"]].country
        legs.append(_leg(before, after, 1100, 450) if inland else _leg(before, after, 12, 0))
    legs.append(_leg(points[-2], points[-1], one.goes_on, 800))
    return {
        "id": f"over-{one.name.lower()}",
        "title": f"{one.start.name} – {one.name} – Vorsino",
        "mode": "rail",
        "unit": "container",
        "vehicles": {
            "prefix": one.letter,
            "count": _designed(f"{count} trains", f"{one.share:.0%} of all"),
            "first": _designed("3 d", "declared two days before"),
            "interval": _designed(f"{24 / (TRAINS / DAYS * one.share):.4f} h", "evenly over the year"),
            "units": _designed(f"{UNITS} containers", "a round figure of the years before 2023"),
            "consignments": _designed(f"{DECLARATIONS} consignments", "of 15 containers"),
            "tare": _figure("3800 kg", "recalled", "a forty-foot container"),
        },
        "declared_before": _designed("48 h", "before departure"),
        "presented_before": _designed("24 h", "export control before the train is made up"),
        "mismatch": _designed("2 %", "harmless difference of seal or mass"),
        "stops": points,
        "legs": legs,
        "goods": [_goods("847130", "Data processing machines", 9200), _goods("200290", "Tomato paste", 19800)],
        "consignors": ["EX001", "EX002"],
        "consignees": ["IM001", "IM002"],
        "carriers": {key: f"{posts[key].country}-RAIL" for key in sides if key.endswith("entry")},
    }


def _leg(before: Json, after: Json, km: int, speed: int) -> Json:
    leg: Json = {"from": before["place"], "to": after["place"], "length": _figure(f"{km} km", "recalled", "map")}
    if not speed:
        return leg | {"takes": _designed("0 h", "inside the transfer")}
    moves = {
        "speed": _designed(f"{speed} km/d", "with technical stops"),
        "spread": _designed("6 %", "log-sigma"),
    }
    return leg | moves


def _goods(hs_code: str, description: str, mass: int) -> Json:
    return {
        "hs_code": hs_code,
        "description": description,
        "origin": "CN",
        "net_mass": _designed(f"{mass} kg", "a forty-foot container"),
        "packed_mass": _designed(f"{mass + 1200} kg", "with packages"),
        "package": "CT",
        "packages": _designed("900 cartons", "a forty-foot container"),
        "value": 100000,
        "currency": "USD",
    }


def _slug(half: Half) -> str:
    return half.name.lower().replace("'", "").replace(" ", "-")


def _policies() -> Json:
    residual = _designed("2 %", "random control of goods whose control is recognised")
    lead = _figure("2 h", "recalled", "preliminary information by rail, Decision 57 of 17.4.2018")
    none = _designed("0 %", "controlled at departure or entry")
    export = {"scan": _figure("5 %", "recalled", "export control"), "physical": none, "scheme": ["SCAN"]}
    enter = {
        "documents": "capture_and_check",
        "scan": _figure("15 %", "recalled", "no source found"),
        "physical": _figure("3 %", "recalled", "1-5 % in the practice of several services"),
    }
    policies: Json = {}
    for one in CROSSINGS:
        policies[one.start.code] = {"presentations": {"DEPARTURE": export}}
        policies[one.exit.code] = {"presentations": {"EXIT": {"physical": none}}}
        entries = [one.entry, *(one.onward or ())[1:]]
        for half in entries:
            policies[half.code] = {"lead_time": lead, "presentations": {"ENTRY": dict(enter)}}
        for half in (one.onward or ())[:1]:
            policies[half.code] = {"presentations": {"EXIT": {"documents": "discharge", "physical": none}}}
        policies[_destination(one)] = {"presentations": {"DESTINATION": {"physical": none}}}
    del policies[CROSSINGS[0].entry.code]["presentations"]["ENTRY"]["scan"]  # stated under assumptions
    return {code: {"residual": residual, **policy} for code, policy in policies.items()}


def _destination(one: Crossing) -> str:
    """Return the office of destination: each way has its own, so that no two share a thing."""
    return f"9966902{CROSSINGS.index(one)}"


def _detection() -> Json:
    shares = {"documentary": (20, 5), "weighing": (20, 5), "scan": (85, 35), "physical": (95, 75)}
    found: Json = {
        form: {
            grade: _designed(f"{share} %", "detection table")
            for grade, share in zip(("easy", "hard"), pair, strict=True)
        }
        for form, pair in shares.items()
    }
    return found | {
        "irregular_on_list": _designed("0.3 %", "good-faith traders"),
        "irregular_off_list": _designed("1 %", "other traders"),
        "arises_on_the_way": _designed("12 %", "put in after the last control"),
        "hard": _designed("50 %", "half easy, half hard to find"),
        "seal_shows": _designed("50 %", "seal check at an entry side"),
    }


def year_scenario(trains: int = TRAINS, *, only: str | None = None) -> Scenario:
    """Return the scenario with so many trains, as many a day as in the year; ``only``: those of one crossing.

    A crossing's part is the same alone as among the others: the ways share no office, post, trader's line or luck.
    """
    counts = spread(trains)
    chosen = [one for one in CROSSINGS if only in (None, one.name) and counts[one.name]]
    halves = {half.code: half for one in CROSSINGS for half in one.offices}
    places = {_slug(half): half for half in (*halves.values(), VORSINO)}
    offices: Json = {
        code: {"title": half.name, "country": half.country, "place": _slug(half), "synthetic": True}
        for code, half in halves.items()
    }
    for one in CROSSINGS:
        offices[one.start.code]["customs"] = _customs()
        end = {"title": f"Vorsino, from {one.name}", "country": "RU", "place": _slug(VORSINO), "synthetic": True}
        offices[_destination(one)] = end | {"customs": _customs()}
    recognised = ("china-europe-transit-recognition", "recognition-ru-cn-mn")
    told = ("china-europe-transit-information", "information-cn-mn-ru")
    arms = {"baseline": ("discussed", "discussed"), "advance": ("in force", "discussed")}
    arms["recognition"] = ("in force", "in force")
    return Scenario.model_validate(
        {
            "id": "year_of_trains",
            "title": "A year of China–Europe trains over five borders",
            "description": "For measuring speed and memory; see the module that makes it.",
            "reference_period": "2023",
            "start": "2023-01-01T00:00:00Z",
            "warm_up": _designed("10 d", "the first trains reach the borders"),
            "services": ["CN", "KZ", "MN", "RU"],
            "what_if": [*told, *recognised],
            "arms": {
                arm: dict.fromkeys(told, informed) | dict.fromkeys(recognised, accepted)
                for arm, (informed, accepted) in arms.items()
            },
            "assumptions": {
                "wagons_wait_for_customs": {"is": "no", "mark": "designed", "source": "ordered on arrival"},
                "scan_share_at_entry": {
                    "office": CROSSINGS[0].entry.code,
                    "share": _figure("15 %", "recalled", "no source found"),
                },
            },
            "places": {
                slug: {
                    "name": half.name,
                    "country": half.country,
                    "position": {"lat": half.lat, "lon": half.lon, "mark": "recalled", "source": "map, ±5 km"},
                }
                for slug, half in places.items()
            },
            "offices": offices,
            "traders": {
                "EX001": {"name": "Example Eastern Export", "country": "CN"},
                "EX002": {"name": "Example Southern Foods Export", "country": "CN"},
                "IM001": {"name": "Example Kaluga Import", "country": "RU"},
                "IM002": {"name": "Example Oka Wholesale", "country": "RU", "on_list": False},
                **{f"{c}-RAIL": {"name": f"Example Rail {c}", "country": c} for c in ("KZ", "MN", "RU")},
            },
            "flows": [_flow(one, counts[one.name], _destination(one)) for one in chosen],
            "sides": {key: side for one in CROSSINGS for key, side in _sides(one).items()},
            "policies": _policies(),
            "detection": _detection(),
            "delivery": {
                "late_share": _designed("5 %", "consignments whose information comes late or unusable"),
                "late_by": _designed("45 d", "after every entry side of the journey"),
            },
        }
    )


__all__ = ["year_scenario"]
