"""The runs of the demo: all files into `raw`, then the daily job for four days.

Belongs here: which days are run, and showing progress. Does not belong here: what a run does; it is
the job that the schedule runs.
"""

import io
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import date, timedelta

import dagster as dg
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from dagster_project.demo.retailer import Retailer

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_POLL_SECONDS = 0.5


class DemoRunError(RuntimeError):
    """A run of the demo failed."""


def days_to_run(first_day: date, until: date) -> list[date]:
    """List the last three month ends before the newest day, and the newest day.

    Args:
        first_day: The first day that there is data of; month ends before it are left out.
        until: The newest day.
    """
    month_ends: list[date] = []
    month_end = until.replace(day=1) - timedelta(days=1)
    while len(month_ends) < 3 and month_end >= first_day:  # noqa: PLR2004
        month_ends.append(month_end)
        month_end = month_end.replace(day=1) - timedelta(days=1)
    return [*reversed(month_ends), until]


def run_demo(console: Console, retailer: Retailer) -> None:
    """Run everything, one run after another, and show how far it is.

    Args:
        console: Where progress is shown.
        retailer: Whose files have landed.

    Raises:
        DemoRunError: Names the run that failed and the steps at which it did.
    """
    # Importing the code location takes seconds, in which nothing was to be seen.
    with console.status("Loading the pipeline"):
        from dagster_project.definitions import definitions  # noqa: PLC0415

        loaded = definitions()
        jobs = {name: loaded.resolve_job_def(name) for name in ("ingestion", "daily")}
    with (
        dg.DagsterInstance.get() as instance,
        Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[step]}"),
            console=console,
        ) as progress,
    ):
        _run(
            instance,
            progress,
            jobs["ingestion"],
            f"{retailer.first_day} to {retailer.until}: all files",
            tags={
                "dagster/asset_partition_range_start": retailer.first_day.isoformat(),
                "dagster/asset_partition_range_end": retailer.until.isoformat(),
            },
        )
        for day in days_to_run(retailer.first_day, retailer.until):
            _run(
                instance,
                progress,
                jobs["daily"],
                f"{day}: raw to audiences",
                partition_key=day.isoformat(),
            )


def _run(
    instance: dg.DagsterInstance,
    progress: Progress,
    job: dg.JobDefinition,
    title: str,
    *,
    partition_key: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    run_id = str(uuid.uuid4())
    task = progress.add_task(title, total=len(job.nodes), step="")
    # What dbt prints is kept in its log; here it would drown the progress.
    with _progress_shown(instance, progress, task, run_id), redirect_stdout(io.StringIO()):
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            run_config=_QUIET,
            partition_key=partition_key,
            tags=dict(tags or {}),
            raise_on_error=False,
        )
    if result.success:
        progress.update(task, completed=len(job.nodes))
    else:
        failed = [event.step_key for event in result.all_events if event.is_step_failure]
        raise DemoRunError(
            f"the run {title!r} failed at {', '.join(map(str, failed)) or 'its start'}. "
            f"Open the run {run_id} in the Dagster UI to see why; then run the demo again."
        )


@contextmanager
def _progress_shown(
    instance: dg.DagsterInstance, progress: Progress, task: TaskID, run_id: str
) -> Iterator[None]:
    finished = threading.Event()

    def show() -> None:
        steps = {dg.DagsterEventType.STEP_START, dg.DagsterEventType.STEP_SUCCESS}
        while not finished.wait(_POLL_SECONDS):
            entries = instance.all_logs(run_id, of_type=steps)
            events = [entry.dagster_event for entry in entries if entry.dagster_event]
            if events:
                done = sum(event.is_step_success for event in events)
                progress.update(task, completed=done, step=events[-1].step_key or "")

    watcher = threading.Thread(target=show, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        finished.set()
        watcher.join()
        progress.update(task, step="")
