"""The demo retailer of a deployment: made once, made again when making it broke off."""

from datetime import date
from pathlib import Path

import pytest

from dagster_project.demo import generator
from dagster_project.demo.retailer import Retailer, RetailerConflictError, land_retailer
from dagster_project.home import Home
from dagster_project.settings import Settings, read_settings, write_settings

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


def test_a_new_deployment_begins_with_the_first_day_that_the_demo_shows(tmp_path: Path) -> None:
    land_retailer(Home(tmp_path), until=date(2026, 7, 2), customers=30, days=4, seed=42)
    assert read_settings(Home(tmp_path)).first_day == date(2026, 6, 30)


def test_the_demo_matches_fuzzily_and_knows_who_is_who(tmp_path: Path) -> None:
    home = Home(tmp_path)
    land(home)
    settings = read_settings(home)

    assert settings.fuzzy_matching
    assert settings.identity_truth
    assert (home.root / settings.identity_truth).is_file()


def test_a_first_day_that_is_settled_already_stays(tmp_path: Path) -> None:
    write_settings(Home(tmp_path), Settings(first_day=date(2026, 6, 29)))
    land(Home(tmp_path))
    assert read_settings(Home(tmp_path)).first_day == date(2026, 6, 29)


def test_identities_are_scored_by_the_truth_as_long_as_that_is_wanted(tmp_path: Path) -> None:
    home = Home(tmp_path)

    def settled(score_identity: bool | None) -> str | None:
        land_retailer(
            home, until=UNTIL, customers=30, days=3, seed=42, score_identity=score_identity
        )
        return read_settings(home).identity_truth

    assert home.root / str(settled(None)) == home.truth
    assert settled(False) is None
    assert settled(None) is None
    assert home.root / str(settled(True)) == home.truth


@pytest.mark.parametrize("first_day", [date(2026, 6, 27), date(2026, 7, 1)])
def test_a_first_day_on_which_nothing_lands_is_refused_before_files_are_made(
    tmp_path: Path, first_day: date
) -> None:
    home = Home(tmp_path)
    write_settings(home, Settings(first_day=first_day))

    with pytest.raises(RetailerConflictError, match="land from 2026-06-28 to 2026-06-30"):
        land(home)

    assert not home.landing.exists()


def test_another_retailer_than_the_one_there_is_refused_with_how_that_was_made(
    tmp_path: Path,
) -> None:
    land(Home(tmp_path))
    with pytest.raises(RetailerConflictError, match="made with customers 30, days 3, seed 42"):
        land_retailer(Home(tmp_path), until=UNTIL, customers=None, days=None, seed=42)


def test_files_of_another_origin_are_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    stranger = home.landing / "crm/customers/2026-06-30.csv"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("customer_id\n1\n")

    with pytest.raises(RetailerConflictError, match="files that the demo did not make"):
        land(home)

    assert [*files_of(home)] == ["crm/customers/2026-06-30.csv"]
