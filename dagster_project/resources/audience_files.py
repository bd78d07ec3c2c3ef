"""The folder of the file destination as a Dagster resource."""

from pathlib import Path
from typing import Any

import dagster as dg


class AudienceFiles(dg.ConfigurableResource[Any]):
    """The folder that audiences are delivered into, one subfolder an audience.

    Attributes:
        root: The folder.
    """

    root: str

    @property
    def path(self) -> Path:
        """The folder as a path."""
        return Path(self.root)
