"""The published copy as a Dagster resource: the file that analysts open."""

from pathlib import Path
from typing import Any

import dagster as dg


class PublishedCopy(dg.ConfigurableResource[Any]):
    """The read-only file that a good run puts in place at its end.

    Attributes:
        file: The DuckDB file.
    """

    file: str

    @property
    def path(self) -> Path:
        """The file as a path."""
        return Path(self.file)
