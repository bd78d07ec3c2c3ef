"""The unit tests that stand beside the models: a daily run leaves them out, so they run here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.conftest import Deployment

pytestmark = pytest.mark.xdist_group("deployment")


def test_every_unit_test_of_the_models_passes(deployment: Deployment, tmp_path: Path):
    with deployment.active():
        finished = subprocess.run(
            [
                Path(sys.executable).with_name("dbt"),
                "test",
                "--select",
                "test_type:unit",
                "--project-dir",
                PROJECT_FOLDER,
                "--profiles-dir",
                PROJECT_FOLDER,
                "--target-path",
                tmp_path,
                "--log-path",
                tmp_path,
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    results = json.loads((tmp_path / "run_results.json").read_text())["results"]
    failed = [result["unique_id"] for result in results if result["status"] != "pass"]
    assert len(results) > 0
    assert failed == [], finished.stdout
