"""The functions that SQL calls."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from dagster_project.sql_functions import Plugin
from dagster_project.valuation.closed_forms import expected_orders

RATES = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
_IN_SQL = "expected_orders([{}, {}, {}, {}, 0.243, 4.414, 0.793, 2.426])"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        Plugin("functions", {}).configure_connection(connection)
        yield connection


def test_orders_ahead_are_the_same_in_sql_however_many_rows_there_are(
    connection: duckdb.DuckDBPyConnection,
):
    rows = connection.sql(
        f"""
        select n % 40 as repeats, n % 40 + n / 1000 as age,
            {_IN_SQL.format("n % 40", "n % 40 + n / 1000", 13, 0.1)} as orders
        from range(10000) as numbers (n)
        """
    ).fetchnumpy()
    expected = expected_orders(
        repeats=np.asarray(rows["repeats"], dtype=float),
        age=np.asarray(rows["age"], dtype=float),
        weeks_ahead=13.0,
        yearly_discount_rate=0.1,
        **RATES,
    )
    assert np.asarray(rows["orders"]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("age", ["null", "-1", "'nan'::double", "'inf'::double"])
def test_what_is_no_history_is_null_in_sql(connection: duckdb.DuckDBPyConnection, age: str):
    rows = connection.sql(f"select {_IN_SQL.format(1, age, 13, 0)}").fetchall()
    assert rows == [(None,)]
