"""The Dagster instance of a deployment: its folder and its settings.

Belongs here: making `SEGMENTATION_HOME/dagster` ready to be `DAGSTER_HOME`. Does not belong here:
the settings themselves, which stand in `instance.yaml` beside this file.

Run as `python -m dagster_project.instance`, once for each deployment.
"""

import shutil
from pathlib import Path

from dagster_project.home import Home

SETTINGS = Path(__file__).with_name("instance.yaml")


def prepare_instance(home: Home) -> Path:
    """Give the deployment a Dagster instance, and leave settings alone that are already there.

    Args:
        home: The deployment.

    Returns:
        The folder that `DAGSTER_HOME` is to name.
    """
    home.dagster.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    if not settings.exists():
        shutil.copyfile(SETTINGS, settings)
    return home.dagster


if __name__ == "__main__":
    print(f"export DAGSTER_HOME='{prepare_instance(Home.from_environment())}'")  # noqa: T201
