"""Trying patterns on many values at once finds what trying them one by one finds."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.transformation import PROJECT_FOLDER

pytestmark = pytest.mark.xdist_group("identity")

# The third and the fourth also match over the end of a line.
PATTERNS = [
    "(a|b)@.*",
    r"\+1[01]\d*",
    r"[^@]+",
    r"a\s*b",
    "0+|9{6,}",
    "^ab$",
    r"\Aa.*",
    r".*b\z",
    "(?i)AB",
    "",
    "b$|a",
]

values = st.frozensets(
    st.tuples(st.sampled_from(["email", "phone"]), st.text("ab@+10 9", max_size=7)), max_size=30
)
patterns = st.frozensets(
    st.tuples(st.sampled_from(["email", "device"]), st.sampled_from(PATTERNS)), max_size=4
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def query(form: str) -> str:
    """The macro's SQL in one of its forms, over the tables `stated` and `patterns`."""
    folder = Path(PROJECT_FOLDER) / "macros"
    macro = (folder / "values_that_match.sql").read_text()
    template = jinja2.Template(f"{macro}{{{{ {form}__values_that_match('stated', 'patterns') }}}}")
    return template.render(matches_whole="regexp_full_match({}, {})".format)


@settings(max_examples=60, deadline=None)
@given(values=values, patterns=patterns)
def test_values_match_as_they_do_one_by_one(
    warehouse: duckdb.DuckDBPyConnection,
    values: frozenset[tuple[str, str]],
    patterns: frozenset[tuple[str, str]],
) -> None:
    for table, column, rows in (("stated", "value", values), ("patterns", "pattern", patterns)):
        warehouse.execute(
            f"create or replace table {table} as "
            f"select unnest(?::varchar[]) as kind, unnest(?::varchar[]) as {column}",
            [[kind for kind, _ in rows], [text for _, text in rows]],
        )

    found = warehouse.sql(query("duckdb")).fetchall()

    assert sorted(found) == sorted(warehouse.sql(query("default")).fetchall())
