"""The runs of the demo: all files into `raw`, then the daily job, month end by month end.

Belongs here: which days are run, and showing progress. Does not belong here: what a run does; it is
the job that the schedule runs.
"""

import io
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import date
from functools import partial

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
from dagster_project.demo.window import stretches
from dagster_project.home import Home
from dagster_project.settings import read_settings

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_POLL_SECONDS = 0.5


class DemoRunError(RuntimeError):
    """A run of the demo failed."""


def run_demo(console: Console, home: Home, retailer: Retailer) -> None:
    """Run everything, one run after another, and show how far it is.

    Each run ends on a day that the demo shows, and takes the days since the one before with it:
    the history of segments has no holes then, nor has the graph.

    Args:
        console: Where progress is shown.
        home: The deployment.
        retailer: Whose files have landed.

    Raises:
        DemoRunError: Names the run that failed and the steps at which it did.
    """
    first_day = read_settings(home).first_day
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
            disable=not console.is_terminal,
        ) as progress,
    ):
        run = partial(_run, instance, progress)
        run(jobs["ingestion"], "all files into raw", (first_day, retailer.until))
        for days in stretches(first_day, retailer.until):
            run(jobs["daily"], f"raw to audiences, up to {days[1]}", days)


def _run(
    instance: dg.DagsterInstance,
    progress: Progress,
    job: dg.JobDefinition,
    title: str,
    days: tuple[date, date],
) -> None:
    run_id = str(uuid.uuid4())
    task = progress.add_task(title, total=len(job.nodes), step="")
    # What dbt prints is kept in its log; here it would drown the progress.
    with _progress_shown(instance, progress, task, run_id), redirect_stdout(io.StringIO()):
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            run_config=_QUIET,
            tags={
                "dagster/asset_partition_range_start": days[0].isoformat(),
                "dagster/asset_partition_range_end": days[1].isoformat(),
            },
            raise_on_error=False,
        )
    if result.success:
        progress.update(task, completed=len(job.nodes))
        if progress.disable:
            progress.console.print(f"✓ {title}", highlight=False)
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
