"""Who hears of a run that failed. For now: the log of the daemon.

Belongs here: what is sent to whom. Does not belong here: retries, which are settings of the
instance.
"""

import dagster as dg


@dg.run_failure_sensor(
    name="run_failure",
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Logs which step of which run failed, and where to look.",
)
def run_failure(context: dg.RunFailureSensorContext) -> None:
    """Log a failed run as one error: job, partition, steps that failed, and the run to open."""
    partition = context.dagster_run.tags.get("dagster/partition", "no partition")
    steps = ", ".join(event.step_key or "" for event in context.get_step_failure_events())
    context.log.error(
        "The job %s failed for %s, at %s. Open the run %s to see why and to rerun it from there.",
        context.dagster_run.job_name,
        partition,
        steps or "its start",
        context.dagster_run.run_id,
    )
