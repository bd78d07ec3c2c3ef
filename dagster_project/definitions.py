"""Everything that Dagster loads, bound to its resources.

Belongs here: putting the parts together. Does not belong here: any part (`defs`), and any I/O at
import: Dagster calls `definitions` when it loads this code location.
"""

from pathlib import Path

import dagster as dg

from dagster_project.home import Home
from dagster_project.resources import AudienceFiles, LandingStorage, PublishedCopy, Warehouse
from dagster_project.transformation import dbt_command_line, dbt_project, prepare_environment


@dg.definitions
def definitions() -> dg.Definitions:
    """Load what `defs` declares, for the deployment that `SEGMENTATION_HOME` names."""
    home = Home.from_environment()
    prepare_environment(home)
    return dg.Definitions.merge(
        dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
        dg.Definitions(
            # One process: DuckDB has one writer, and each further process costs seconds of imports.
            executor=dg.in_process_executor,
            resources={
                "warehouse": Warehouse(path=str(home.warehouse)),
                "landing": LandingStorage(root=str(home.landing)),
                "dbt": dbt_command_line(dbt_project(home)),
                "audience_files": AudienceFiles(root=str(home.audiences)),
                "published_copy": PublishedCopy(file=str(home.published)),
            },
        ),
    )
