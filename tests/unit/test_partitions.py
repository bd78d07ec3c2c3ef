"""Which days can be run."""

from datetime import date

import dagster as dg
import pytest

from dagster_project.home import Home
from dagster_project.partitions import UnknownDayError, as_of_days, daily_partitions
from dagster_project.settings import Settings, write_settings


@pytest.fixture(autouse=True)
def _deployment(tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMENTATION_HOME", str(tmp_path))
    write_settings(Home(tmp_path), Settings(first_day=date(2026, 1, 5)))


def days_of_a_run_for(day: str) -> list[date]:
    """Run an asset as `dagster job execute --tags` does, which takes any day."""
    days: list[date] = []

    @dg.asset(partitions_def=daily_partitions())
    def asset(context: dg.AssetExecutionContext) -> None:
        days.extend(as_of_days(context))

    job = dg.Definitions(
        assets=[asset], jobs=[dg.define_asset_job("job", selection=[asset])]
    ).resolve_job_def("job")
    job.execute_in_process(tags={"dagster/partition": day})
    return days


def test_a_day_that_is_over_is_run():
    assert days_of_a_run_for("2026-01-05") == [date(2026, 1, 5)]


@pytest.mark.parametrize("day", ["2026-01-04", "2962-01-05"])
def test_a_day_before_the_first_one_or_not_over_is_refused(day: str):
    with pytest.raises(UnknownDayError, match=f"{day} is no day that can be run.*from 2026-01-05"):
        days_of_a_run_for(day)
