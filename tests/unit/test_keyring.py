"""``corridor keys``: what is made, by whom it can be read, and that nothing is thrown away unasked."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.certificates import TrustError
from exchange.keyring import held, make, rotate
from exchange.members import Members, MembersError
from exchange.signatures import PrivateKey, verify_bytes
from exchange.trust import Identity, client_context
from scenarios.cli import app

NOW = datetime.now(UTC).replace(microsecond=0)
RUN = CliRunner()


def test_every_member_can_sign_and_show_what_members_yaml_says_of_it(tmp_path: Path) -> None:
    make(tmp_path, {"KZ": "https://127.0.0.1:8641", "KZ.ALTYNKOL": None})
    members = Members.load(tmp_path / "members.yaml")
    assert [one.id for one in members] == ["KZ", "KZ.ALTYNKOL", "KZ.OPERATOR"]
    for one in members:
        token = PrivateKey.load(tmp_path / one.id / "signing.pem").sign_bytes(b"x", NOW)
        assert members.owner(verify_bytes(token, b"x", members.finder(NOW)).kid) == one.id
        client_context(Identity.load(tmp_path / one.id), members)


def test_private_keys_are_the_owners_alone(tmp_path: Path) -> None:
    make(tmp_path, {"KZ": None})
    private = [tmp_path / "ca-key.pem", *tmp_path.glob("*/signing.pem"), *tmp_path.glob("*/tls-key.pem")]
    assert len(private) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_keys_that_stand_there_are_not_overwritten_unless_it_is_asked_for(tmp_path: Path) -> None:
    make(tmp_path, {"KZ": None})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.pem")}
    with pytest.raises(TrustError, match="has keys of KZ already"):
        make(tmp_path, {"RU": None, "KZ": None})
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.pem")} == before
    make(tmp_path, {"RU": None})
    assert before.items() <= {path: path.read_bytes() for path in tmp_path.rglob("*.pem")}.items()
    make(tmp_path, {"KZ": None}, force=True)
    assert (tmp_path / "KZ/signing.pem").read_bytes() != before[tmp_path / "KZ/signing.pem"]
    assert (tmp_path / "ca.pem").read_bytes() == before[tmp_path / "ca.pem"]
    assert len(Members.load(tmp_path / "members.yaml")) == 4


@pytest.mark.parametrize("bad", ["../KZ", "kz", "KZ/..", "", "KZ.", "/etc"])
def test_what_is_no_member_id_makes_no_folder(tmp_path: Path, bad: str) -> None:
    with pytest.raises(MembersError):
        make(tmp_path / "keys", {bad: None})
    assert list(tmp_path.iterdir()) == []


def test_a_rotated_key_is_good_beside_the_old_one_for_a_while(tmp_path: Path) -> None:
    make(tmp_path, {"KZ": None})
    old = PrivateKey.load(tmp_path / "KZ/signing.pem")
    members = rotate(tmp_path, "KZ", at=NOW, overlap=timedelta(days=3))
    new = PrivateKey.load(tmp_path / "KZ/signing.pem")
    assert PrivateKey.load(tmp_path / "KZ/signing.1.pem").kid == old.kid
    for when, good in ((NOW, {old.kid, new.kid}), (NOW + timedelta(days=4), {new.kid})):
        find = members.finder(when)
        assert {kid for kid in (old.kid, new.kid) if find(kid)} == good
    kz = members.get("KZ")
    assert kz is not None and len(kz.certificates) == 2
    states = [(one.kind, one.state) for one in held(tmp_path, NOW) if one.member == "KZ"]
    assert states == [("key", "old"), ("key", "current"), ("certificate", "old"), ("certificate", "current")]
    last = rotate(tmp_path, "KZ", at=NOW + timedelta(days=5), revoke=True).get("KZ")
    assert last is not None and len(last.keys) == len(last.certificates) == 1
    assert Members.load(tmp_path / "members.yaml").get("KZ") == last


def test_the_command_makes_shows_and_rotates(tmp_path: Path) -> None:
    folder = str(tmp_path / "keys")
    made = RUN.invoke(app, ["keys", folder, "--member", "KZ", "--url", "KZ=https://127.0.0.1:8641"])
    assert made.exit_code == 0 and "corridor node KZ --port 8641" in made.output
    again = RUN.invoke(app, ["keys", folder, "-m", "KZ"])
    assert again.exit_code == 2 and "--force" in again.output
    shown = RUN.invoke(app, ["keys", "show", folder, "--json"])
    rows = json.loads(shown.output)["held"]
    assert {(row["member"], row["kind"], row["state"]) for row in rows} == {
        (member, kind, "current") for member in ("KZ", "KZ.OPERATOR") for kind in ("key", "certificate")
    }
    assert RUN.invoke(app, ["keys", "rotate", folder, "KZ", "--at", "2026-01-01T00:00:00Z"]).exit_code == 0
    assert RUN.invoke(app, ["keys", "rotate", folder, "FI"]).exit_code == 2
    assert RUN.invoke(app, ["keys", "show", str(tmp_path)]).exit_code == 2


def test_a_folder_with_nothing_good_is_not_good(tmp_path: Path) -> None:
    make(tmp_path, {"KZ": None}, life=timedelta(seconds=-1))
    shown = RUN.invoke(app, ["keys", "show", str(tmp_path)])
    assert shown.exit_code == 1 and f"corridor keys rotate {tmp_path} KZ" in shown.output.replace("\n", "")


def test_a_scenarios_members_get_keys(tmp_path: Path) -> None:
    made = RUN.invoke(app, ["keys", str(tmp_path), "--scenario", "china_europe_transit_fi", "--json"])
    assert made.exit_code == 0
    ids = {one.id for one in Members.load(tmp_path / "members.yaml")}
    assert {"CN", "KZ", "RU", "FI", "CN.OPERATOR"} <= ids and any("." in one for one in ids)


@pytest.mark.parametrize("url", ["KZ", "KZ=127.0.0.1", "KZ=ftp://x", "RU=https://127.0.0.1:1"])
def test_a_url_that_cannot_be_meant_is_refused(tmp_path: Path, url: str) -> None:
    made = RUN.invoke(app, ["keys", str(tmp_path), "-m", "KZ", "--url", url])
    assert made.exit_code == 2 and url in made.output and not list(tmp_path.iterdir())
