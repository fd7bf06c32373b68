"""Who is calling: the credentials of reads, the signatures of messages, and the time a caller tells."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from exchange.http import SIGNATURE, TIME
from exchange.ledger import parse_time
from exchange.limits import Limits
from exchange.members import Members, country, role
from exchange.receipts import SCHEME, verify_credential
from exchange.signatures import BadSignature, digest, verify_bytes
from exchange.trust import peer
from nodes.api.clock import Clock
from nodes.api.floods import Floods
from nodes.api.problems import Problem

LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Latest time that a caller may tell: deadlines after it must still be dates."""
CHALLENGE = {"WWW-Authenticate": SCHEME}


class Gate:
    """Authenticates callers against the members of a node."""

    def __init__(self, members: Members, clock: Clock, limits: Limits, node: str) -> None:
        self._members = members
        self._clock = clock
        self._limits = limits
        self._node = node
        self._floods = None if clock.stepped else Floods(limits)

    def told(self, request: web.Request) -> datetime:
        """Return node time as this caller sees it: a stepped node's clock is the largest ``Pix-Time`` seen.

        The clock itself moves only when the caller is known (:meth:`Clock.tell`).
        """
        now = self._clock.now()
        text = _one(request, TIME)
        if text is None or not self._clock.stepped:
            return now
        try:
            said = parse_time(text)
        except ValueError as error:
            raise Problem(400, "bad-header", f"{TIME}: {error}") from error
        if said > LATEST:
            raise Problem(400, "bad-header", f"{TIME}: no node works after {LATEST:%Y}")
        if self._clock.latest is not None and said > (latest := self._clock.latest()):
            raise Problem(400, "bad-header", f"{TIME}: {text} has not come yet; it is {latest:%Y-%m-%dT%H:%M:%SZ}")
        return max(now, said)

    def signer(self, request: web.Request, data: bytes, now: datetime) -> tuple[str, datetime]:
        """Return who signed ``data`` and when. Raise the 401 :class:`Problem` otherwise."""
        return self.signed(_one(request, SIGNATURE), data, now)

    def signed(self, token: str | None, data: bytes, now: datetime) -> tuple[str, datetime]:
        """Return who made the signature ``token`` of ``data``, and when. Raise the 401 :class:`Problem` otherwise."""
        if token is None:
            text = f"the message is unsigned; {SIGNATURE} carries a detached JWS over its bytes"
            raise Problem(401, "signature", text, headers=CHALLENGE)
        try:
            signed = verify_bytes(token, data, self._members.finder(now))
        except BadSignature as error:
            raise Problem(401, "signature", str(error), headers=CHALLENGE) from error
        member = self._members.owner(signed.kid)
        if member is None:
            raise Problem(401, "signature", "the key belongs to no member", headers=CHALLENGE)
        return member, signed.iat

    def connected(self, request: web.Request, member: str) -> None:
        """Raise the :class:`Problem` if ``member``, who signed, must not be heard over this connection, or not now.

        403 if the connection was made with the certificate of another country or member; 429 if the member asks too
        often.
        """
        shown = peer(request.get_extra_info)
        if shown is not None and (shown.country, shown.member) != (country(member), member):
            text = f"the key is {member}'s, but the connection was made with the certificate of {shown.member}"
            raise Problem(403, "certificate", text)
        if self._floods is not None:
            self._floods.spend(member)

    def in_window(self, iat: datetime, now: datetime) -> None:
        """Raise the 401 :class:`Problem` if a signature of ``iat`` is outside the replay window."""
        window = self._limits.replay_window
        if abs(now - iat) > window:
            text = (
                f"signed at {iat:%Y-%m-%dT%H:%M:%SZ}, more than {int(window.total_seconds())} s "
                f"from this node's time {now:%Y-%m-%dT%H:%M:%SZ}; sign the same bytes anew"
            )
            raise Problem(401, "window", text, headers=CHALLENGE)

    def operator(self, request: web.Request) -> str:
        """Return who calls, if it is this service or an operator of it. Raise a 401 or 403 :class:`Problem` else."""
        member = self.reader(request)
        if country(member) != self._node or role(member) == "participant":
            raise Problem(403, "forbidden", f"{member} does not operate this node")
        return member

    def reader(self, request: web.Request, body: bytes = b"") -> str:
        """Return who calls, by the ``Authorization`` header: for this call and, if it says so, for this ``body``.

        Raise the 401 :class:`Problem` otherwise.
        """
        header = _one(request, "Authorization")
        if header is None:
            text = f"reads need a credential: Authorization: {SCHEME} <compact JWS over method, path and iat>"
            raise Problem(401, "signature", text, headers=CHALLENGE)
        now = self.told(request)
        try:
            found = verify_credential(header, request.method, request.raw_path, self._members, now, self._node)
        except BadSignature as error:
            raise Problem(401, "signature", str(error), headers=CHALLENGE) from error
        if found.sha256 not in (None, digest(body)):
            raise Problem(401, "signature", "the credential is for another body", headers=CHALLENGE)
        self.in_window(found.iat, now)
        self.connected(request, found.member)
        self._clock.tell(now)
        return found.member


def _one(request: web.Request, name: str) -> str | None:
    """Return the header ``name``; given twice, nobody knows which of them another reader took: 400."""
    values = request.headers.getall(name, ())
    if len(values) > 1:
        raise Problem(400, "bad-header", f"the header {name} is given {len(values)} times")
    return values[0] if values else None


__all__ = ["CHALLENGE", "Gate"]
