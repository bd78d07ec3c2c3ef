"""When the jobs of this deployment run."""

import dagster as dg

from dagster_project.defs.automation.jobs import daily

daily_schedule = dg.build_schedule_from_partitioned_job(
    daily,
    name="daily_schedule",
    hour_of_day=4,
    description="Yesterday through every stage, at 04:00 UTC, when all exports have landed.",
)
