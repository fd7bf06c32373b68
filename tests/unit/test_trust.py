"""Trust: whose certificate is believed, and by whom; what ``members.yaml`` says of certificates."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange.authority import Authority
from exchange.certificates import Certificate, TrustError
from exchange.members import Member, Members, MembersError
from exchange.trust import Identity, client_context, server_context

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
CA = Authority.make(NOW)
STRANGE = Authority.make(NOW)


def identity(
    folder: Path,
    member: str,
    *,
    subject: str | None = None,
    by: Authority = CA,
    made: datetime = NOW,
    life: timedelta = DAY,
) -> Identity:
    """Return an identity in ``folder/member``; the certificate is ``subject``'s."""
    own = folder / member
    own.mkdir(parents=True)
    issued = by.issue(subject or member, ["127.0.0.1"], made, life)
    (own / "tls-cert.pem").write_text(issued.certificate)
    (own / "tls-key.pem").write_bytes(issued.key)
    return Identity.load(own)


def pinned(*identities: Identity) -> Members:
    return Members(Member.of(one.member, None, certificates=[one.certificate]) for one in identities)


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, wanted: str) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Let both ends talk to each other in memory until both are content. Raise what either raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=wanted),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    open_ends = list(ends)
    for _ in range(10):
        for end in list(open_ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            open_ends.remove(end)
    assert not open_ends
    return ends[0], ends[1]


def test_members_with_pinned_certificates_know_each_other(tmp_path: Path) -> None:
    kz, ru = identity(tmp_path, "KZ"), identity(tmp_path, "RU")
    members = pinned(kz, ru)
    client, server = handshake(client_context(kz, members), server_context(ru, members), "RU")
    assert client.version() in ("TLSv1.2", "TLSv1.3")
    assert server.shown.member == "KZ"  # type: ignore[attr-defined]
    assert client.shown.sha256 == ru.certificate.sha256  # type: ignore[attr-defined]


def test_another_member_than_wanted_is_refused_though_its_certificate_is_good(tmp_path: Path) -> None:
    kz, ru, cn = (identity(tmp_path, member) for member in ("KZ", "RU", "CN"))
    members = pinned(kz, ru, cn)
    with pytest.raises(ssl.SSLCertVerificationError, match="CN was wanted, but the certificate is RU's"):
        handshake(client_context(kz, members), server_context(ru, members), "CN")


@pytest.mark.parametrize("case", ["other authority", "expired", "not yet", "no member", "not the pinned one"])
def test_a_certificate_that_does_not_hold_is_refused_in_the_handshake_and_counted(tmp_path: Path, case: str) -> None:
    ru = identity(tmp_path / "ru", "RU")
    good = identity(tmp_path / "good", "KZ")
    made = {"expired": NOW - 10 * DAY, "not yet": NOW + 10 * DAY}.get(case, NOW)
    shown = identity(
        tmp_path / "bad",
        "CN" if case == "no member" else "KZ",
        by=STRANGE if case == "other authority" else CA,
        made=made,
    )
    registered = shown if case in ("expired", "not yet") else good
    members = Members(
        [
            Member.of("RU", None, certificates=[ru.certificate]),
            Member.of("KZ", None, certificates=[registered.certificate]),
        ],
        authorities=[CA.pem().certificate],
    )
    refused: list[str] = []
    with pytest.raises(ssl.SSLError):
        handshake(client_context(shown, members), server_context(ru, members, refused.append), "RU")
    assert len(refused) == 1


def test_a_caller_without_a_certificate_is_refused(tmp_path: Path) -> None:
    ru = identity(tmp_path, "RU")
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = False
    bare.verify_mode = ssl.CERT_NONE
    refused: list[str] = []
    with pytest.raises(ssl.SSLError):
        handshake(bare, server_context(ru, pinned(ru), refused.append), "RU")
    assert len(refused) == 1


def test_an_authority_will_do_for_members_without_certificates_of_their_own(tmp_path: Path) -> None:
    kz, ru = identity(tmp_path, "KZ"), identity(tmp_path, "RU")
    members = Members([Member("KZ"), Member("RU")], authorities=[CA.pem().certificate])
    handshake(client_context(kz, members), server_context(ru, members), "RU")
    nobody = Members([Member("RU")], authorities=[CA.pem().certificate])
    with pytest.raises(ssl.SSLError):
        handshake(client_context(kz, members), server_context(ru, nobody), "RU")


def test_several_certificates_of_one_member_are_good_side_by_side(tmp_path: Path) -> None:
    old, new, ru = identity(tmp_path / "old", "KZ"), identity(tmp_path / "new", "KZ"), identity(tmp_path, "RU")
    members = Members(
        [
            Member.of("KZ", None, certificates=[old.certificate, new.certificate]),
            Member.of("RU", None, certificates=[ru.certificate]),
        ]
    )
    for one in (old, new):
        handshake(client_context(one, members), server_context(ru, members), "RU")


def test_a_door_shows_the_certificate_of_the_member_asked_for(tmp_path: Path) -> None:
    kz, one, other = (identity(tmp_path, member) for member in ("KZ", "KZ.99101", "KZ.KTZ"))
    members = pinned(kz, one, other)
    for wanted in (one, other):
        client, _ = handshake(client_context(kz, members), server_context([one, other], members), wanted.member)
        assert client.shown.member == wanted.member  # type: ignore[attr-defined]
    with pytest.raises(ssl.SSLError):
        handshake(client_context(kz, members), server_context([one, other], members), "KZ")


def test_old_tls_is_not_spoken(tmp_path: Path) -> None:
    kz, ru = identity(tmp_path, "KZ"), identity(tmp_path, "RU")
    members = pinned(kz, ru)
    old = client_context(kz, members)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        handshake(old, server_context(ru, members), "RU")


def test_a_certificate_must_be_its_members(tmp_path: Path) -> None:
    kz = identity(tmp_path, "KZ")
    with pytest.raises(MembersError, match=r"member RU: the certificate is KZ's \(CN\), not RU's"):
        Members([Member.of("RU", None, certificates=[kz.certificate])])


def test_members_yaml_keeps_certificates_as_text_or_path(tmp_path: Path) -> None:
    kz, ru = identity(tmp_path, "KZ"), identity(tmp_path, "RU")
    file = tmp_path / "members.yaml"
    Members(pinned(kz, ru), authorities=[CA.pem().certificate]).save(file)
    again = Members.load(file)
    assert [one.certificates for one in again] == [(kz.certificate,), (ru.certificate,)]
    assert again.authorities == (CA.pem().certificate,)
    file.write_text("members:\n  - id: KZ\n    certificates: [KZ/tls-cert.pem]\n")
    assert [one.certificates for one in Members.load(file)] == [(kz.certificate,)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("[nowhere.pem]", "nowhere.pem: cannot be read"),
        ("[KZ/tls-key.pem]", "KZ/tls-key.pem: this is no certificate"),
        ("[RU/tls-cert.pem]", "the certificate is RU's"),
        ("KZ/tls-cert.pem", "certificates in PEM form or paths"),
        ("[5]", "certificates in PEM form or paths"),
    ],
)
def test_a_bad_certificate_in_members_yaml_is_told_with_its_place(tmp_path: Path, given: str, said: str) -> None:
    identity(tmp_path, "KZ")
    identity(tmp_path, "RU")
    file = tmp_path / "members.yaml"
    file.write_text(f"members:\n  - id: KZ\n    certificates: {given}\n")
    with pytest.raises(MembersError, match=f"members.yaml: member KZ: .*{said}"):
        Members.load(file)


def test_missing_and_mismatched_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match=r"tls-cert.pem: cannot be read .*corridor keys"):
        Identity.load(tmp_path)
    kz, ru = identity(tmp_path, "KZ"), identity(tmp_path, "RU")
    kz.key_file.write_bytes(ru.key_file.read_bytes())
    with pytest.raises(TrustError, match="are not a certificate and its key"):
        server_context(kz, pinned(kz, ru))
    with pytest.raises(TrustError, match="no member has a certificate"):
        server_context(ru, Members([Member("RU")]))


def test_the_certificate_says_whose_it_is_and_until_when(tmp_path: Path) -> None:
    found = identity(tmp_path, "KZ").certificate
    assert (found.member, found.country, found.names) == ("KZ", "KZ", ("KZ", "127.0.0.1"))
    assert found.good_at(NOW) and not found.good_at(NOW + 2 * DAY) and not found.good_at(NOW - DAY)
    with pytest.raises(TrustError, match="at most"):
        Certificate.from_pem("x" * 100_000)
