"""Messages for tests: valid ones made from the schemas, with the fields a test cares about."""

from __future__ import annotations

from typing import Any

from exchange.codec import decode
from exchange.generation import make_sample
from exchange.messages import CATALOGUE, VERSION, Header, Message


def message(code: str, *, seed: int = 1, **changes: Any) -> Message:
    """Return a valid message of ``code`` (``AAR``), plausible and different with every ``seed``.

    ``changes`` are fields of its body or, if the body has none of that name, of its header. Raise KeyError for a code
    or field that does not exist, and pydantic's ValidationError for a value that does not fit.
    """
    if code not in CATALOGUE:
        raise KeyError(f"no message {code!r}; the catalogue has {', '.join(sorted(CATALOGUE))}")
    made = decode(make_sample(code, VERSION, kind="random", seed=seed))
    cls = type(made)
    body = {key: value for key, value in changes.items() if key in cls.model_fields and key != "header"}
    head = {key: value for key, value in changes.items() if key not in body}
    unknown = sorted(set(head) - set(Header.model_fields))
    if unknown:
        raise KeyError(f"{code} has no field {', '.join(unknown)}; it has {', '.join(cls.model_fields)}")
    header = Header.model_validate({**dict(made.header), **head})
    return cls.model_validate({**dict(made), **body, "header": header})


__all__ = ["message"]
