"""Where everything of one deployment lives on disk.

Belongs here: the folders under `SEGMENTATION_HOME` and their names. Does not belong here: reading
or writing any of them; that is the business of the resources and libraries that are given a path.
"""

import os
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT_VARIABLE = "SEGMENTATION_HOME"
DEFAULT_ROOT = "data"


@dataclass(frozen=True)
class Home:
    """The folder of one deployment, and the names of what is in it.

    Attributes:
        root: Absolute path of the folder.
    """

    root: Path

    @classmethod
    def from_environment(cls) -> "Home":
        """Take the folder from `SEGMENTATION_HOME`, or `data` below the working directory."""
        return cls(Path(os.environ.get(ENVIRONMENT_VARIABLE) or DEFAULT_ROOT).absolute())

    @property
    def settings(self) -> Path:
        """What the deployment settles for itself; see `dagster_project.settings`."""
        return self.root / "settings.yaml"

    @property
    def landing(self) -> Path:
        """Where the sources' files arrive, as `<source>/<table>/<YYYY-MM-DD>.<extension>`."""
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that the pipeline writes."""
        return self.root / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        """The read-only copy that analysts open while the warehouse is being written."""
        return self.root / "published" / "segmentation.duckdb"

    @property
    def audiences(self) -> Path:
        """Where the file destination writes its deliveries."""
        return self.root / "audiences"

    @property
    def dagster(self) -> Path:
        """The Dagster instance of this deployment: what `DAGSTER_HOME` is set to."""
        return self.root / "dagster"

    @property
    def dbt(self) -> Path:
        """What dbt compiles and logs for this deployment, its manifest among it."""
        return self.root / "dbt"

    @property
    def trained_fuzzy_matching(self) -> Path:
        """Parameters of the fuzzy matching as they were trained here, for people to review."""
        return self.root / "training" / "fuzzy_matching.json"

    @property
    def trained_value_parameters(self) -> Path:
        """Parameters of the value prediction as they were estimated here, for people to review."""
        return self.root / "training" / "customer_value_parameters.csv"

    @property
    def identity_dry_run(self) -> Path:
        """What other rules would have done to profiles, when that was last asked."""
        return self.root / "reports" / "identity_dry_run.md"

    @property
    def truth(self) -> Path:
        """Who is who among the demo's records; no rule reads it, only scores are by it."""
        return self.root / "truth" / "people.parquet"
