"""A small deployment on which the main job has run, shared by the tests that only look at it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from dagster_project.demo.retailer import Retailer, land_retailer
from dagster_project.demo.runs import run_demo
from dagster_project.home import Home
from dagster_project.instance import prepare_instance

UNTIL = date(2026, 10, 20)


class Deployment:
    """A deployment in a temporary folder, and the means to run things in it."""

    def __init__(self, root: Path) -> None:
        """Land a small retailer; nothing has run yet."""
        self.home = Home(root)
        prepare_instance(self.home)
        self.retailer: Retailer = land_retailer(
            self.home, until=UNTIL, customers=300, days=120, seed=7
        )

    def run_demo(self) -> None:
        """Run all files into `raw`, then the daily job for three month ends and the newest day."""
        with self.active():
            run_demo(Console(quiet=True), self.retailer)

    def definitions(self) -> dg.Definitions:
        """Load the code location for this deployment."""
        from dagster_project.definitions import definitions

        with self.active():
            return definitions()

    def run_daily(self, day: date) -> dg.ExecuteInProcessResult:
        """Run the daily job for one day."""
        with self.active(), dg.DagsterInstance.get() as instance:
            job = self.definitions().resolve_job_def("daily")
            return job.execute_in_process(instance=instance, partition_key=day.isoformat())

    def active(self):
        """Make this the deployment that the environment names, for as long as the block lasts."""
        return _environment(self.home)


class _environment:
    def __init__(self, home: Home) -> None:
        self._patch = pytest.MonkeyPatch()
        self._home = home

    def __enter__(self) -> None:
        self._patch.setenv("SEGMENTATION_HOME", str(self._home.root))
        self._patch.setenv("DAGSTER_HOME", str(self._home.dagster))

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment whose main job has run; tests only look at it."""
    made = Deployment(tmp_path_factory.mktemp("deployment"))
    made.run_demo()
    yield made
