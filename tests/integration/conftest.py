"""A small deployment on which the main job has run, shared by the tests that look at it."""

import copy
import io
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import dagster as dg
import pytest
from rich.console import Console

from dagster_project.definitions import definitions
from dagster_project.demo.retailer import Retailer, land_retailer
from dagster_project.demo.runs import run_demo
from dagster_project.home import Home
from dagster_project.instance import prepare_instance
from dagster_project.settings import Settings, write_settings

FIRST_DAY = date(2026, 10, 1)
UNTIL = date(2026, 10, 6)


class Deployment:
    """A deployment in a temporary folder, and the means to run things in it."""

    def __init__(self, root: Path) -> None:
        """Land a small retailer; nothing has run yet."""
        self.home = Home(root)
        self.output = io.StringIO()
        prepare_instance(self.home)
        # The month ends that the demo would show are left to history: fewer days to build.
        write_settings(
            self.home,
            Settings(
                first_day=FIRST_DAY,
                fuzzy_matching=True,
                value_prediction=True,
                identity_truth="truth/people.parquet",
            ),
        )
        self.retailer: Retailer = land_retailer(
            self.home, until=UNTIL, customers=200, days=55, seed=7
        )

    @property
    def days(self) -> list[date]:
        """The days for which the daily job has run, first to last."""
        return [FIRST_DAY + timedelta(days=day) for day in range((UNTIL - FIRST_DAY).days + 1)]

    @cached_property
    def definitions(self) -> dg.Definitions:
        """The code location, loaded for this deployment."""
        with self.active():
            return definitions()

    def run_demo(self) -> None:
        """Run all files into `raw`, then the daily job for all days."""
        with self.active():
            run_demo(Console(file=self.output), self.home, self.retailer)

    def run_daily(
        self,
        day: date,
        selection: dg.AssetSelection | None = None,
        config: Mapping[str, object] | None = None,
    ) -> dg.ExecuteInProcessResult:
        """Run the daily job for one day, or a selection of its assets, and tell how it went."""
        keys = selection and selection.resolve(self.definitions.resolve_asset_graph())
        with self.active(), dg.DagsterInstance.get() as instance:
            return self.definitions.resolve_job_def("daily").execute_in_process(
                instance=instance,
                partition_key=day.isoformat(),
                asset_selection=keys and list(keys),
                run_config=config,
                raise_on_error=False,
            )

    @contextmanager
    def copied_to(self, root: Path) -> Iterator["Deployment"]:
        """Make another one that is as far as this one; when the block ends it is at `root`.

        For as long as the block lasts it is in this one's place, where dbt finds much of it parsed.
        """
        place, aside = self.home.root, root.with_name(f"{root.name}-aside")
        place.rename(aside)
        try:
            shutil.copytree(aside, place)
            made = copy.copy(self)
            made.__dict__.pop("definitions", None)
            yield made
            place.rename(root)
            made.home = Home(root)
        finally:
            shutil.rmtree(place, ignore_errors=True)
            aside.rename(place)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Make this the deployment that the environment names, for as long as the block lasts."""
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("SEGMENTATION_HOME", str(self.home.root))
            environment.setenv("DAGSTER_HOME", str(self.home.dagster))
            environment.setenv("DBT_TARGET_PATH", str(self.home.dbt))
            yield


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A deployment whose main job has run; whoever runs more leaves its tables as they were."""
    made = Deployment(tmp_path_factory.mktemp("deployment"))
    made.run_demo()
    return made
