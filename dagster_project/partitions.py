"""The daily partition that all partitioned assets share, and what a run's days mean to a stage.

Belongs here: what a partition key means. Does not belong here: schedules and jobs (`automation`).
"""

from datetime import date, timedelta

import dagster as dg

from dagster_project.home import Home
from dagster_project.settings import read_settings

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""A range of days is one run; without it the UI would start one run for each day."""


def daily_partitions() -> dg.DailyPartitionsDefinition:
    """Make one partition a day, UTC, from the first day that the deployment settles.

    It is the landing day of `raw`, and the `as_of` day from `features` onwards.
    """
    first_day = read_settings(Home.from_environment()).first_day
    return dg.DailyPartitionsDefinition(start_date=first_day.isoformat(), timezone="UTC")


class UnknownDayError(ValueError):
    """A run is for a day that is no partition; the text names it, and which days there are."""


def as_of_days(context: dg.AssetExecutionContext) -> list[date]:
    """List the days that a run covers, first to last.

    Raises:
        UnknownDayError: One of them is not over, or lies before the first day. A run that is
            started by a tag is not asked by Dagster, and audiences would follow a mistyped year.
    """
    window = context.partition_time_window
    length = (window.end - window.start).days
    days = [window.start.date() + timedelta(days=offset) for offset in range(length)]
    partitions = daily_partitions()
    for day in (days[0], days[-1]):
        if not partitions.has_partition_key(day.isoformat()):
            raise UnknownDayError(
                f"{day} is no day that can be run. There are those from "
                f"{partitions.get_first_partition_key()} to {partitions.get_last_partition_key()}, "
                "the last one that is over, UTC."
            )
    return days


def landing_days(context: dg.AssetExecutionContext) -> tuple[date, date]:
    """Tell the first and the last landing day that a run covers.

    Files that landed before the deployment's first day belong to that day, so that nothing that
    lies in landing is out of reach.
    """
    days = as_of_days(context)
    is_from_first_day = days[0].isoformat() == daily_partitions().get_first_partition_key()
    return (date.min if is_from_first_day else days[0], days[-1])


def event_time_arguments(context: dg.AssetExecutionContext) -> list[str]:
    """Tell dbt's microbatch models which days to build: the start is in, the end is out."""
    days = as_of_days(context)
    end = days[-1] + timedelta(days=1)
    return ["--event-time-start", days[0].isoformat(), "--event-time-end", end.isoformat()]
