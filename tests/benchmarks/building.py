"""What benchmarks of the dbt project share: raw tables as declared, and a build in figures.

Belongs here: preparing and building a warehouse. Does not belong here: what is in it, and what is
measured of it (`identity`, `segments`).
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MEMORY_LIMIT = "9GB"
"""What each process may use of DuckDB's memory; the rest spills."""


def declared_tables() -> Iterator[tuple[str, Any]]:
    """List the tables of all declared sources, each with its source."""
    import yaml

    import dagster_project.defs
    from dagster_project.ingestion.contracts import SourceTable

    folder = Path(str(dagster_project.defs.__file__)).parent / "ingestion"
    for path in sorted(folder.glob("*/defs.yaml")):
        declared = yaml.safe_load(path.read_text())["attributes"]
        for table in declared["tables"]:
            yield declared["source"], SourceTable.model_validate(table)


def build(home: Path, *options: str) -> Mapping[str, Any]:
    """Let dbt build without tests, with a limit to memory; tell the time, and that of each model.

    Args:
        home: The deployment.
        options: What to build, and how.
    """
    from dagster_project.transformation import PROJECT_FOLDER

    target = home / "dbt"
    command = [Path(sys.executable).with_name("dbt"), "--quiet", "build"]
    command += ["--exclude-resource-type", "unit_test", "test"]
    command += ["--project-dir", PROJECT_FOLDER, "--profiles-dir", _profiles(home)]
    command += ["--target-path", target, "--log-path", target, *options]
    started = time.perf_counter()
    subprocess.run(
        command,
        env={**os.environ, "SEGMENTATION_HOME": str(home)},
        stdout=sys.stderr,
        check=True,
    )
    seconds = time.perf_counter() - started
    results = json.loads((target / "run_results.json").read_text())["results"]
    models = {
        result["unique_id"].split(".")[-1]: result["execution_time"]
        for result in results
        if result["unique_id"].startswith("model.")
    }
    return {"seconds": seconds, "models": models}


def _profiles(home: Path) -> Path:
    """Copy the project's profile with a limit to memory."""
    import yaml

    from dagster_project.transformation import PROJECT_FOLDER

    profiles = yaml.safe_load((PROJECT_FOLDER / "profiles.yml").read_text())
    output = profiles["customer_segmentation"]["outputs"]["duckdb"]
    output["settings"]["memory_limit"] = MEMORY_LIMIT
    folder = home / "profiles"
    folder.mkdir(exist_ok=True)
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
    return folder
