"""A warehouse in a file with the few columns of it that activation reads."""

from pathlib import Path

import pytest

from tests.unit.activation.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)
