"""What a deployment settles for itself."""

from datetime import date
from pathlib import Path

import pytest

from dagster_project.home import Home
from dagster_project.settings import Settings, SettingsError, read_settings, write_settings


@pytest.mark.parametrize("truth", [None, "truth/people.parquet"])
def test_what_is_written_is_read_again(tmp_path: Path, truth: str | None):
    home = Home(tmp_path / "home")
    settings = Settings(first_day=date(2026, 8, 31), identity_truth=truth)
    write_settings(home, settings)
    assert read_settings(home) == settings


def test_a_deployment_need_not_settle_anything(tmp_path: Path):
    home = Home(tmp_path)
    without_file = read_settings(home)
    home.settings.write_text("# nothing yet\n")
    assert without_file == read_settings(home) == Settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("first_day: soon", "first_day: Input should be a valid date"),
        ("last_day: 2026-08-31", "last_day: Extra inputs are not permitted"),
        ("- first_day", "the whole: Input should be a valid dictionary"),
        ("first_day: 2026-11-31", "first_day: Input should be a valid date"),
        ("[]", "the whole: Input should be a valid dictionary"),
        ("first_day: [", "is no YAML"),
    ],
)
def test_an_unusable_file_is_named_with_what_is_wrong_in_it(tmp_path: Path, text: str, told: str):
    home = Home(tmp_path)
    home.settings.write_text(text)
    with pytest.raises(SettingsError) as error:
        read_settings(home)
    assert str(home.settings) in str(error.value)
    assert told in str(error.value)
