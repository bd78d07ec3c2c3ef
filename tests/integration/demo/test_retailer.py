"""The demo retailer of a deployment: made once, made again when making it broke off."""

from datetime import date
from pathlib import Path

import pytest

from dagster_project.demo import generator
from dagster_project.demo.retailer import Retailer, RetailerConflictError, land_retailer
from dagster_project.home import Home

UNTIL = date(2026, 6, 30)


def land(home: Home) -> Retailer:
    return land_retailer(home, until=UNTIL, customers=30, days=3, seed=42)


def files_of(home: Home) -> dict[str, bytes]:
    return {
        path.relative_to(home.landing).as_posix(): path.read_bytes()
        for path in home.landing.rglob("*")
        if path.is_file()
    }


def test_a_generation_that_broke_off_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, whole = Home(tmp_path / "broken"), Home(tmp_path / "whole")
    replace, in_place = generator._replace, []

    def replace_some(new: Path, target: Path, workshop: Path) -> None:
        if len(in_place) == 5:
            raise KeyboardInterrupt
        in_place.append(target)
        replace(new, target, workshop)

    with monkeypatch.context() as broken:
        broken.setattr(generator, "_replace", replace_some)
        with pytest.raises(KeyboardInterrupt):
            land(home)

    assert files_of(home)
    assert land(home) == land(whole)
    assert files_of(home) == files_of(whole)


def test_files_of_another_origin_are_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stranger = home.landing / "crm/customers/2026-06-30.csv"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("customer_id\n1\n")

    with pytest.raises(RetailerConflictError, match="files that the demo did not make"):
        land(home)

    assert [*files_of(home)] == ["crm/customers/2026-06-30.csv"]
