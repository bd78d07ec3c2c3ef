"""The sources of this deployment: each one loads, and Great Expectations knows its words."""

from pathlib import Path

import pytest
import yaml

import dagster_project.defs
from dagster_project.components.file_source import FileSource
from dagster_project.ingestion.expectations import Judge, Rule

DECLARATIONS = sorted(
    (Path(str(dagster_project.defs.__file__)).parent / "ingestion").glob("*/defs.yaml")
)


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: path.parent.name)
def test_a_declared_source_is_complete(path: Path) -> None:
    source = FileSource.resolve_from_dict(yaml.safe_load(path.read_text())["attributes"])

    assert source.source == path.parent.name
    for table in source.tables:
        rules = [Rule(number, one) for number, one in enumerate(table.all_expectations)]
        judge = Judge(table, rules)
        assert len(judge.row_rules) + len(judge.table_rules) == len(rules)
        assert table.path.startswith(f"{source.source}/{table.name}/")
        assert all(column.description for column in table.columns.values())
