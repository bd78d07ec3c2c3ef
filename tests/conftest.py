"""What all tests share: no test touches the deployment that the shell names."""

from pathlib import Path

import pytest
from hypothesis import settings

# Time is measured in the benchmarks and asserted nowhere: a busy machine breaks no test.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def _no_deployment_of_the_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Point a test that forgets to choose its home to an empty folder."""
    monkeypatch.setenv("SEGMENTATION_HOME", str(tmp_path / "home"))
    for variable in ("DAGSTER_HOME", "DBT_TARGET_PATH"):
        monkeypatch.delenv(variable, raising=False)
