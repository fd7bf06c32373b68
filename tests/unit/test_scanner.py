"""The model of a scanner: pictures that follow from load and luck alone, and show what is wrong with a load."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from exchange.luck import Luck
from scenarios.cli import app
from scenarios.imaging.gallery import Gallery
from scenarios.imaging.loads import TRICKS, Trick
from scenarios.imaging.scanner import HEIGHT, LENGTH, SCALE, SMALL_SCALE, Load, scan

LUCK = Luck(1)
GOODS = ("0203", "0702", "160250", "2709", "290511", "440710", "480100", "510121", "570242", "640299", "690721")
MORE = ("720839", "846210", "847130", "851712", "870323", "940360")


def seen(data: bytes) -> np.ndarray:
    with Image.open(BytesIO(data)) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.asarray(image, dtype=float)


@pytest.mark.parametrize("hs", [*GOODS, *MORE])
def test_every_kind_of_goods_gives_a_picture_of_a_loaded_container(hs: str) -> None:
    data = scan(Load(hs=hs), LUCK, "A")
    assert 20_000 < len(data) < 80_000
    grey = seen(data)
    assert grey.shape[1] / grey.shape[0] == pytest.approx((LENGTH + 0.7) / (HEIGHT + 0.7), rel=0.02)
    assert grey[:5].mean() > 225, "air above the container"
    inside = grey[30:-30, 40:-60]
    assert inside.min() < grey[:5].mean() * 0.75, "there are goods in it"
    assert grey.std() > 10


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("hs", ["160250", "510121", "570242"])
def test_what_is_wrong_shows_and_more_so_if_it_is_easy_to_find(hs: str, trick: Trick) -> None:
    regular = seen(scan(Load(hs=hs), LUCK, "A"))
    apart = {
        grade: np.abs(seen(scan(Load(hs=hs, irregular=grade, trick=trick), LUCK, "A")) - regular)
        for grade in ("easy", "hard")
    }
    for grade, difference in apart.items():
        changed = difference > 12
        assert 20 < changed.sum() < regular.size / 4, f"{grade}: a place in the load differs, and no more"
    assert apart["easy"].sum() > 1.5 * apart["hard"].sum()


def test_the_same_load_gives_the_same_bytes_and_another_consignment_others() -> None:
    one = scan(Load(hs="510121"), LUCK, "A")
    assert scan(Load(hs="510121"), LUCK, "A") == one
    others = [scan(Load(hs="510121"), luck, case) for luck, case in ((LUCK, "B"), (Luck(2), "A"), (Luck(1, 1), "A"))]
    assert len({one, *others}) == 4


def test_what_an_inspection_stowed_back_looks_another_and_lighter_at_the_doors() -> None:
    before, after = (seen(scan(Load(hs="570242", inspected=inspected), LUCK, "A")) for inspected in (False, True))
    half = before.shape[1] // 2
    doors, front = slice(half + 120, -50), slice(50, half - 50)
    assert after[40:-30, doors].mean() > before[40:-30, doors].mean() + 8, "an aisle stays open"
    assert after[40:-30, front].mean() == pytest.approx(before[40:-30, front].mean(), abs=4)
    hidden = seen(scan(Load(hs="570242", inspected=True, irregular="easy", trick="hidden"), LUCK, "A"))
    assert hidden.min() < after.min() - 40


def test_a_picture_that_nobody_looks_at_is_small() -> None:
    small, large = (scan(Load(hs="160250"), LUCK, "A", scale) for scale in (SMALL_SCALE, SCALE))
    assert len(small) * 8 < len(large)


def test_a_gallery_gives_back_what_it_took(tmp_path: Path) -> None:
    gallery = Gallery(LUCK, shown=True)
    picture = gallery.take("8CNXA001-T01C1", "847130", None)
    data = gallery.data(picture.sha256)
    assert data is not None
    assert (sha256(data).hexdigest(), len(data)) == (picture.sha256, picture.size)
    assert gallery.data("0" * 64) is None
    assert gallery.take("8CNXA001-T01C1", "847130", None, inspected=True).sha256 != picture.sha256
    gallery.write(tmp_path / "images")
    assert f"{picture.sha256}.png" in {path.name for path in (tmp_path / "images").iterdir()}
    assert (tmp_path / "images" / f"{picture.sha256}.png").read_bytes() == data


def test_the_command_writes_a_picture_and_says_how_messages_name_it(tmp_path: Path) -> None:
    out = tmp_path / "x.png"
    result = CliRunner().invoke(app, ["image", "--hs", "0702", "--irregular", "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    about = json.loads(result.stdout)
    assert about["sha256"] == sha256(out.read_bytes()).hexdigest()
    assert about["size"] == out.stat().st_size
    seen(out.read_bytes())


@pytest.mark.parametrize("arguments", [["--hs", "99"], ["--hs", "84a"], ["--hs", "847", "--trick", "wall"]])
def test_goods_that_are_none_are_wrong_use(arguments: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["image", *arguments, "--out", str(tmp_path / "x.png")])
    assert result.exit_code == 2
    assert "is no HS code" in result.stderr
    assert CliRunner().invoke(app, ["image", "--hs", "84", "--out", str(tmp_path / "no" / "x.png")]).exit_code == 2
