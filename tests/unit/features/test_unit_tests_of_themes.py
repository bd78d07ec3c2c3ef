"""Every feature is expected by a unit test beside it, and not just as the same value each time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlglot
import yaml

from dagster_project.transformation import PROJECT_FOLDER

FEATURES = PROJECT_FOLDER / "models" / "features"
KEYS = {"profile_id", "as_of"}


def _read(name: str) -> Any:
    return yaml.safe_load((FEATURES / name).read_text())


# profile_features declares its key alone; its columns are the themes'.
THEMES: Mapping[str, list[dict[str, Any]]] = {
    model["name"]: [column for column in model["columns"] if column["name"] not in KEYS]
    for model in _read("_features__models.yml")["models"]
    if model["name"] != "profile_features"
}


def _rows_of_sql(query: str) -> Iterator[dict[str, str]]:
    """Read the rows of `select … union all select …`: the first one names the columns."""
    selects = list(sqlglot.parse_one(query, dialect="duckdb").find_all(sqlglot.exp.Select))
    named = next(select for select in selects if all(select.named_selects))
    for select in selects:
        values = (column.unalias().sql(dialect="duckdb") for column in select.expressions)
        yield dict(zip(named.named_selects, values, strict=True))


@pytest.fixture(scope="module")
def expected() -> Mapping[str, Mapping[str, set[str]]]:
    """The values that the unit tests expect, by theme and column."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for unit_test in _read("_features__unit_tests.yml")["unit_tests"]:
        rows = unit_test["expect"]["rows"]
        for row in _rows_of_sql(rows) if isinstance(rows, str) else rows:
            for column, value in row.items():
                found[unit_test["model"]][column].add(str(value))
    return found


@pytest.mark.parametrize("theme", THEMES)
def test_every_feature_is_expected_with_two_different_values(theme, expected):
    names = [column["name"] for column in THEMES[theme]]
    assert [name for name in names if len(expected[theme][name]) < 2] == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_value_that_a_feature_can_have_is_expected(theme, expected):
    accepted = {
        (column["name"], value)
        for column in THEMES[theme]
        for test in column.get("data_tests", [])
        if isinstance(test, dict) and "accepted_values" in test
        for value in test["accepted_values"]["arguments"]["values"]
    }
    assert {
        (name, value) for name, value in accepted if value not in expected[theme][name]
    } == set()
