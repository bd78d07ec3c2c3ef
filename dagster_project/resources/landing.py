"""Landing storage as a Dagster resource: where the sources' files arrive."""

from pathlib import Path
from typing import Any

import dagster as dg


class LandingStorage(dg.ConfigurableResource[Any]):
    """The folder that sources drop their files into, as `<source>/<table>/<day>.<extension>`.

    Attributes:
        root: The folder.
    """

    root: str

    @property
    def path(self) -> Path:
        """The folder as a path."""
        return Path(self.root)
