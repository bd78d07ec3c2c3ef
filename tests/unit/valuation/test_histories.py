"""How customers ordered up to a day, and after it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from ibis.backends.duckdb import Backend

from dagster_project.engine import open_warehouse
from dagster_project.valuation.histories import (
    newest_day,
    read_histories,
    read_order_days,
    read_training_histories,
)

UNTIL = date(2026, 6, 30)
JUDGED_UNTIL = date(2026, 7, 28)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Backend]:
    """Ann has two records, Bob ordered once, Cid later, Dan never."""
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        connection.con.execute(
            """
            create schema conformed;
            create schema identity;
            create table identity.identity_map (record_number bigint, profile_id varchar);
            insert into identity.identity_map
            values (1, 'ann'), (2, 'ann'), (3, 'bob'), (4, 'cid'), (5, 'dan');
            create table conformed.daily_activity (
                record_number bigint, activity_type varchar, activity_on date,
                sales_amount decimal(18, 2)
            );
            insert into conformed.daily_activity values
                (1, 'order', '2026-06-02', 11), (2, 'order', '2026-06-02', 7),
                (2, 'order', '2026-06-09', 10), (1, 'order', '2026-06-30', 20),
                (1, 'order', '2026-07-01', 30), (2, 'order', '2026-07-01', 30),
                (2, 'order', '2026-07-28', 1), (2, 'order', '2026-07-29', 1),
                (1, 'return', '2026-06-20', 9),
                (3, 'order', '2026-06-16', 9), (3, 'session', '2026-01-01', 0),
                (4, 'order', '2026-07-01', 9);
            """
        )
        yield connection


def test_days_with_an_order_are_counted_once_whatever_record_they_are_of(warehouse: Backend):
    """Of Ann: 2, 9 and 30 June, then 1 and 28 July; of Bob: 16 June."""
    histories = read_histories(warehouse, UNTIL, JUDGED_UNTIL)
    assert histories.repeats.tolist() in ([2, 0], [0, 2])
    ann = int(histories.repeats.argmax())
    told = {
        name: (getattr(histories, name)[ann], getattr(histories, name)[1 - ann])
        for name in ("repeats", "recency", "age", "repeat_value", "orders_after", "sales_after")
    }
    assert told == {
        "repeats": (2, 0),
        "recency": (4, 0),
        "age": (4, 2),
        "repeat_value": (30, 0),
        "orders_after": (2, 0),
        "sales_after": (61, 0),
    }
    assert (histories.customers, histories.repeat_customers, histories.weeks_after) == (2, 1, 4)


def test_no_more_customers_are_read_than_asked_for_and_always_the_same(warehouse: Backend):
    first = read_histories(warehouse, UNTIL, JUDGED_UNTIL, most=1)
    again = read_histories(warehouse, UNTIL, JUDGED_UNTIL, most=1)
    assert first.customers == 1
    assert first.repeats.tolist() == again.repeats.tolist()


def test_training_leaves_out_the_last_days_with_an_order(warehouse: Backend):
    first, histories = read_training_histories(warehouse, holdout_days=29)
    assert first == date(2026, 6, 2)
    assert (histories.until, histories.judged_until) == (UNTIL, date(2026, 7, 29))


def test_history_that_is_all_held_out_is_refused(warehouse: Backend):
    with pytest.raises(LookupError, match="no order of a known customer before the last 90 days"):
        read_training_histories(warehouse, holdout_days=90)


def test_a_warehouse_without_orders_says_so(warehouse: Backend):
    warehouse.con.execute("delete from conformed.daily_activity where activity_type = 'order'")
    assert read_order_days(warehouse) is None
    with pytest.raises(LookupError, match="no order"):
        read_training_histories(warehouse, holdout_days=7)


def test_the_newest_day_is_that_of_the_features(warehouse: Backend):
    warehouse.con.execute(
        "create schema features; create table features.value_features (as_of date)"
    )
    assert newest_day(warehouse) is None
    warehouse.con.execute(
        "insert into features.value_features values ('2026-07-01'), ('2026-06-30')"
    )
    assert newest_day(warehouse) == date(2026, 7, 1)
