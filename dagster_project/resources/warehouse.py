"""The warehouse as a Dagster resource.

Belongs here: configuration and nothing else; `dagster_project.engine` does the work.
"""

from contextlib import AbstractContextManager
from typing import Any

import dagster as dg
from ibis.backends.duckdb import Backend

from dagster_project.engine import DEFAULT_WAIT_SECONDS, open_warehouse


class Warehouse(dg.ConfigurableResource[Any]):
    """The one DuckDB file that all stages share.

    Open it late and close it early: it is never held across dbt, which is a process of its own,
    nor across a network call.

    Attributes:
        path: The DuckDB file.
        wait_seconds: For how long to wait while another process holds the file.
    """

    path: str
    wait_seconds: float = DEFAULT_WAIT_SECONDS

    def connect(self, *, read_only: bool = False) -> AbstractContextManager[Backend]:
        """Open the warehouse for as long as the block lasts; see `engine.open_warehouse`."""
        return open_warehouse(self.path, read_only=read_only, wait_seconds=self.wait_seconds)
