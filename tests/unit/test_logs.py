"""A node's log lines: one a line, with node, message, case and trace, and nothing that could pass for another."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from exchange.tracing import current, going_on, trace_id
from nodes.logs import LogFormat, about, log_to

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
log = logging.getLogger("corridor.test")


@pytest.fixture(params=["json", "text"])
def written(request: pytest.FixtureRequest) -> Iterator[tuple[LogFormat, io.StringIO]]:
    stream, logger = io.StringIO(), logging.getLogger("corridor")
    before = logger.level, logger.propagate
    handler = log_to(stream, node="KZ", kind=request.param)
    yield request.param, stream
    logger.removeHandler(handler)
    logger.setLevel(before[0])
    logger.propagate = before[1]


def test_a_line_says_what_it_is_about(written: tuple[LogFormat, io.StringIO]) -> None:
    kind, stream = written
    log.info("accepted %s", "ADV", extra=about(message="m1", case="8CN1", trace=TRACE))
    [line] = stream.getvalue().splitlines()
    if kind == "json":
        told = json.loads(line)
        assert told.pop("time").endswith("Z")
        assert told == {
            "level": "info",
            "node": "KZ",
            "logger": "corridor.test",
            "text": "accepted ADV",
            "message": "m1",
            "case": "8CN1",
            "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
        }
    else:
        assert line.endswith("KZ accepted ADV  [message=m1 case=8CN1 trace=4bf92f3577b34da6a3ce929d0e0e4736]")


def test_the_trace_of_the_task_at_work_is_taken_where_none_is_told(written: tuple[LogFormat, io.StringIO]) -> None:
    token = current.set(TRACE)
    log.warning("something")
    current.reset(token)
    log.warning("something else")
    first, second = written[1].getvalue().splitlines()
    assert "4bf92f3577b34da6a3ce929d0e0e4736" in first
    assert "trace" not in second


def test_nobody_writes_lines_of_his_own_into_the_log(written: tuple[LogFormat, io.StringIO]) -> None:
    log.warning("refused: %s", "x\n2026-01-01 info KZ accepted\x1b[2J\u2028" + "y" * 10_000)
    text = written[1].getvalue()
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    assert len(text) < 3000


def test_a_traceback_is_told(written: tuple[LogFormat, io.StringIO]) -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        log.exception("failed")
    text = written[1].getvalue()
    assert "ValueError: broken" in (json.loads(text)["error"] if written[0] == "json" else text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "nonsense",
        TRACE.upper(),
        "ff" + TRACE[2:],
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        TRACE + "\r\nX: y",
    ],
)
def test_a_trace_that_cannot_be_read_is_begun_anew(text: str | None) -> None:
    assert trace_id(text) is None
    fresh = going_on(text)
    assert trace_id(fresh) not in (None, trace_id(going_on(text)))


def test_a_trace_is_gone_on_with_under_a_span_of_its_own() -> None:
    one, other = going_on(TRACE), going_on(TRACE + "-what-a-later-version-adds")
    assert trace_id(one) == trace_id(other) == trace_id(TRACE)
    assert len({one, other, TRACE}) == 3
    assert one.endswith("-01")
