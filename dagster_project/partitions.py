"""The daily partition that all partitioned assets share, and its mapping to dbt's event time.

Belongs here: what a partition key means. Does not belong here: schedules and jobs (`automation`).
"""

from datetime import date, timedelta

import dagster as dg

FIRST_DAY = date(2024, 1, 1)
"""The first day that a deployment can hold. Earlier facts count as history, not as partitions."""

DAILY = dg.DailyPartitionsDefinition(start_date=FIRST_DAY.isoformat(), timezone="UTC")
"""One partition a day, UTC: the landing day of `raw`, the `as_of` day from `features` onwards."""

SINGLE_RUN = dg.BackfillPolicy.single_run()
"""A range of days is one run; without it the UI would start one run for each day."""


def as_of_days(context: dg.AssetExecutionContext) -> list[date]:
    """List the days that a run covers, first to last."""
    window = context.partition_time_window
    days = (window.end - window.start).days
    return [window.start.date() + timedelta(days=offset) for offset in range(days)]


def event_time_arguments(context: dg.AssetExecutionContext) -> list[str]:
    """Tell dbt's microbatch models which days to build: the start is in, the end is out."""
    window = context.partition_time_window
    return [
        "--event-time-start",
        window.start.strftime("%Y-%m-%d"),
        "--event-time-end",
        window.end.strftime("%Y-%m-%d"),
    ]
