"""What every message is: a header, and the case it belongs to if it belongs to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import model_validator

from exchange.messages import base as b
from exchange.messages import parts as p
from exchange.messages.base import PixModel


class Message(PixModel):
    """A message of the set. ``CODE`` is its three letters, ``NAME`` what people call it.

    ``ucr`` names the case. It is empty, as the case of a ledger entry about a service itself is, where a message
    belongs to no case.
    """

    CODE: ClassVar[str]
    NAME: ClassVar[str]

    header: p.Header

    if TYPE_CHECKING:

        @property
        def ucr(self) -> str: ...

    @model_validator(mode="after")
    def _type_is_code(self) -> Self:
        if self.header.message_type != self.CODE:
            raise ValueError(f"the header of {self.CODE} ({self.NAME}) has message type {self.header.message_type}")
        return self


class CaseMessage(Message):
    """A message about one consignment: the UCR stands behind the header."""

    ucr: b.UCR


class ServiceMessage(Message):
    """A message about the services themselves: it has no UCR element."""

    ucr: ClassVar[str] = ""


__all__ = ["CaseMessage", "Message", "ServiceMessage"]
