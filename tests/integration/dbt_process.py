"""dbt as a process that begins with dbt imported, a good part of what a small run takes."""

import multiprocessing
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from dbt.cli.main import cli

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["dbt.cli.main", "dbt.adapters.duckdb"])


def run_dbt(
    arguments: Sequence[object], folder: Path, environment: Mapping[str, str]
) -> tuple[bool, str]:
    """Run dbt in a folder and tell whether it went well, and what it said.

    Args:
        arguments: Its command line.
        folder: Where it is started.
        environment: Variables beside those of this process.
    """
    with tempfile.TemporaryDirectory() as scratch:
        said = Path(scratch) / "said.txt"
        said.touch()
        written = [str(argument) for argument in arguments]
        process = _PROCESSES.Process(
            target=_run, args=(written, folder, {**os.environ, **environment}, said)
        )
        process.start()
        process.join()
        return process.exitcode == 0, " ".join(said.read_text().split())


def _run(arguments: list[str], folder: Path, environment: Mapping[str, str], said: Path) -> None:
    # The server was started once, by whoever came first.
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with said.open("w") as output:
        for standard in (1, 2):
            os.dup2(output.fileno(), standard)
    cli(arguments)
