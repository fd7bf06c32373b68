"""Why no answer came from a node, in words for whoever runs it."""

from __future__ import annotations

import re
import ssl
from errno import ECONNRESET, EPIPE

import aiohttp

ISSUER, SELF_SIGNED, SELF_SIGNED_ABOVE, EXPIRED, NOT_YET, OTHER_NAME = 20, 18, 19, 10, 9, 62
"""Codes of OpenSSL for what is wrong with a certificate (X509_V_ERR_…)."""
NO_HTTP = "what it answers is no HTTP"
QUOTED = 60
"""Characters that are quoted of what is no HTTP."""
_QUOTED = re.compile(r"b'.*'|b\".*\"")
_CERTIFICATE = {
    ISSUER: "it was not issued by an authority of the members file",
    SELF_SIGNED: "it was not issued by an authority of the members file",
    SELF_SIGNED_ABOVE: "it was not issued by an authority of the members file",
    EXPIRED: "it has expired",
    NOT_YET: "it is not valid yet",
    OTHER_NAME: "it is that of somebody else",
}


def why(error: BaseException, member: str, seconds: float) -> str:
    """Return why a request to the node of ``member`` got no answer.

    ``error`` is what aiohttp raised, ``seconds`` how long an answer was waited for.
    """
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return f"no connection within the time limit ({_plain(error)})"
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} s"
    wrong = error.certificate_error if isinstance(error, aiohttp.ClientConnectorCertificateError) else None
    if isinstance(wrong, ssl.SSLCertVerificationError):
        # what OpenSSL finds has a code; what we find ourselves (whose certificate it is) has a text alone
        found = _CERTIFICATE.get(getattr(wrong, "verify_code", 0)) or getattr(wrong, "verify_message", wrong.args[-1])
        return f"its certificate is not one that is believed of {member}: {found}"
    under = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(under, ssl.SSLError):
        return _handshake(under, member)
    if isinstance(under, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, aiohttp.ClientResponseError):
        quoted = _QUOTED.search(error.message)
        return f"{NO_HTTP}{f': {quoted[0][:QUOTED]}' if quoted else ''}"
    if isinstance(error, aiohttp.ServerDisconnectedError) or getattr(under, "errno", 0) in (ECONNRESET, EPIPE):
        return "the connection was closed before an answer came"
    return _plain(error)


def _handshake(error: ssl.SSLError, member: str) -> str:
    said = (error.reason or "").replace("_", " ").lower()
    if "wrong version number" in said or "record layer failure" in said:
        return "it speaks plain HTTP at an https address"
    if "alert" in said:
        return f"it refused our certificate ({said}): does its members file have the same authority?"
    return f"TLS with {member} failed: {said or _plain(error)}"


def _plain(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())


__all__ = ["NO_HTTP", "why"]
