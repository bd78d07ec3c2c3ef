"""A copy of the dbt project with seeds of its own, run by dbt on tables that a test lays out."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Self

import duckdb

from dagster_project.home import Home
from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.dbt_process import run_dbt


class ProjectCopy:
    """The copy, and the warehouse that it works on."""

    def __init__(self, root: Path) -> None:
        """Name a folder that holds them."""
        self.root = root
        self.home = Home(root / "home")
        self.project = root / "dbt_project"

    @classmethod
    def lay_out(cls, root: Path, tables: str) -> Self:
        """Make a copy in which nothing has run yet, and tables by these statements."""
        made = _parsed_copy().copy_to(root)
        made.execute(tables)
        return cls(root)

    def copy_to(self, root: Path) -> Self:
        """Make another one that is as far as this one."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        return type(self)(root)

    def execute(self, statements: str) -> None:
        """Run statements on the warehouse."""
        with duckdb.connect(str(self.home.warehouse)) as connection:
            connection.execute(statements)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        with duckdb.connect(str(self.home.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def write_seed(self, name: str, *lines: str) -> None:
        """Write a seed anew, beginning with its header."""
        (self.project / "seeds" / f"{name}.csv").write_text("".join(lines))

    def dbt(self, command: str, *arguments: str) -> tuple[bool, str]:
        """Run dbt and tell whether it went well, and what it said.

        Its artifacts are those of the last `parse`: to write them is a third of a small run.
        """
        return run_dbt(
            [
                "--quiet",
                "--write-json" if command == "parse" else "--no-write-json",
                command,
                *arguments,
                *("--project-dir", self.project),
                *("--profiles-dir", self.project),
                *("--target-path", self.home.dbt),
                *("--log-path", self.home.dbt),
            ],
            self.root,
            # By one name in every copy: where the environment differs, dbt parses all anew.
            {"SEGMENTATION_HOME": self.home.root.name},
        )


@cache
def _parsed_copy() -> ProjectCopy:
    """Make a copy that dbt has parsed, which is most of what a small run takes."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    copy = ProjectCopy(Path(folder.name))
    copy.home.root.mkdir()
    ignored = shutil.ignore_patterns("target", "logs")
    shutil.copytree(PROJECT_FOLDER, copy.project, ignore=ignored)
    succeeded, output = copy.dbt("parse")
    assert succeeded, output
    return copy
