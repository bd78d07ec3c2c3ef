"""What a load leaves behind: reruns, ranges, replacement, columns that come and change."""

import gzip
import hashlib
import itertools

import duckdb
import pytest

from dagster_project.ingestion import SourceTable, TableRejectedError
from tests.integration.ingestion.conftest import FIRST, SECOND, THIRD, Shop, table_of

HEADER = "id,amount,paid_at\n"


def test_a_rerun_replaces_exactly_its_day(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\nx,bad,\n")
    shop.land("shop/sales/2026-01-02.csv", HEADER + "2,2,\ny,bad,\n")
    shop.load(sales, FIRST, SECOND)

    shop.land("shop/sales/2026-01-02.csv", HEADER + "3,3,\n")
    shop.load(sales, SECOND)

    assert shop.rows("select id from raw.shop__sales order by id") == [("1",), ("3",)]
    assert shop.rows("select _landed_on from raw.rejected_rows") == [(FIRST,)]
    assert shop.rows("select _landed_on, rows_loaded from raw.loads order by 1") == [
        (FIRST, 1),
        (SECOND, 1),
    ]


def test_a_second_load_of_the_same_files_changes_nothing(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\nx,bad,\n")
    shop.load(sales)
    before = shop.everything("sales")

    shop.load(sales)

    assert shop.everything("sales") == before


def test_a_range_is_the_same_as_its_days(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\nx,bad,\n")
    shop.land("shop/sales/2026-01-02.csv", "amount,note,id,paid_at\n1,n,1,\n2,n,1,\n")
    shop.land("shop/sales/2026-01-03.csv.gz", gzip.compress((HEADER + "1,1,\n2,2,,x\n").encode()))
    for day in (THIRD, FIRST, SECOND):
        shop.load(sales, day)
    by_days = shop.everything("sales")
    shop.warehouse.con.execute("drop schema raw cascade")

    shop.load(sales, FIRST, THIRD)

    assert shop.everything("sales") == by_days
    assert len(by_days[0]) == 3


def test_a_day_without_a_file_is_a_normal_day(shop: Shop, sales: SourceTable) -> None:
    result = shop.load(sales)

    assert (result.rows_read, result.files, result.has_findings) == (0, [], False)
    assert shop.rows("select * from raw.shop__sales") == []


def test_a_file_with_a_header_alone_is_a_day_of_no_rows(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER)

    shop.load(sales)

    assert shop.rows("select rows_read, rows_loaded from raw.loads") == [(0, 0)]


def test_a_day_whose_file_is_gone_is_emptied_and_named(shop: Shop, sales: SourceTable) -> None:
    path = shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    shop.load(sales)
    path.unlink()

    result = shop.load(sales)

    assert result.emptied_days == [FIRST]
    assert shop.rows("select * from raw.shop__sales") == []


def test_a_folder_that_is_gone_empties_nothing(shop: Shop, sales: SourceTable) -> None:
    path = shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    shop.load(sales)
    path.unlink()
    path.parent.rmdir()

    with pytest.raises(TableRejectedError, match="landing/shop/sales is not there"):
        shop.load(sales)

    assert shop.rows("select id from raw.shop__sales") == [("1",)]


def test_each_file_is_recorded_with_its_checksum(shop: Shop, sales: SourceTable) -> None:
    content = (HEADER + "1,1,\nx,bad,\n").encode()
    shop.land("shop/sales/2026-01-01.csv", content)

    shop.load(sales)

    assert shop.rows("select * from raw.loads") == [
        (
            "shop",
            "sales",
            FIRST,
            "shop/sales/2026-01-01.csv",
            hashlib.sha256(content).hexdigest(),
            len(content),
            2,
            1,
            1,
        )
    ]


def test_the_newest_file_of_a_replacing_table_wins_in_every_order(
    shop: Shop, prices: SourceTable
) -> None:
    for day in (FIRST, SECOND, THIRD):
        shop.land(f"shop/prices/{day}.csv", HEADER + f"{day.day},{day.day},\nx,bad,\n")
    outcomes = []
    for order in itertools.permutations((FIRST, SECOND, THIRD)):
        for day in order:
            shop.load(prices, day)
        outcomes.append(shop.everything("prices"))
        shop.warehouse.con.execute("drop schema raw cascade")
    shop.load(prices, FIRST, THIRD)
    outcomes.append(shop.everything("prices"))

    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert [row[0] for row in outcomes[0][0]] == ["3"]


def test_a_day_without_a_file_changes_nothing_of_a_replacing_table(
    shop: Shop, prices: SourceTable
) -> None:
    shop.land("shop/prices/2026-01-01.csv", HEADER + "1,1,\n")
    shop.load(prices)
    before = shop.everything("prices")

    shop.load(prices, SECOND)

    assert shop.everything("prices") == before


def test_unknown_columns_are_kept_out_and_named(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", "note,id,paid_at,Id,amount,note\nhello,1,,2,1.5,again\n")

    result = shop.load(sales)

    assert result.unknown_columns == ["Id", "note"]
    assert shop.rows("select id, amount::double from raw.shop__sales") == [("1", 1.5)]


def test_a_column_that_was_declared_since_is_added(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    shop.load(sales)
    wider = table_of(
        "sales", "csv", columns={**sales.columns, "note": {"type": "string", "optional": True}}
    )
    shop.land("shop/sales/2026-01-02.csv", "id,amount,paid_at,note\n2,2,,hello\n")

    shop.load(wider, FIRST, SECOND)

    assert shop.rows("select id, note from raw.shop__sales order by id") == [
        ("1", None),
        ("2", "hello"),
    ]


def test_a_column_of_another_type_is_an_error_with_its_remedy(
    shop: Shop, sales: SourceTable
) -> None:
    shop.load(sales)
    changed = table_of("sales", "csv", columns={**sales.columns, "amount": {"type": "string"}})

    with pytest.raises(TableRejectedError, match=r"DECIMAL\(12,2\) in the warehouse and VARCHAR"):
        shop.load(changed)


def test_text_is_cast_without_liberties(shop: Shop) -> None:
    typed = table_of(
        "sales",
        "csv",
        columns={
            "id": {},
            "pieces": {"type": "integer"},
            "paid_at": {"type": "timestamp"},
            "share": {"type": "double"},
        },
    )
    shop.land(
        "shop/sales/2026-01-01.csv",
        "id,pieces,paid_at,share\n"
        "zone,1,2026-01-01T10:00:00+02:00,0.5\n"
        "short zone,1,2026-01-01 10:00:00+02,0.5\n"
        "utc,2.0,2026-01-01T10:00:00Z,0.5\n"
        "half,1.5,,\n"
        "endless,,infinity,\n"
        "undefined,,,nan\n",
    )

    shop.load(typed)

    assert shop.rows(
        "select id, pieces, hour(paid_at) from raw.shop__sales order by _source_row"
    ) == [
        ("zone", 1, 8),
        ("short zone", 1, 8),
        ("utc", 2, 10),
    ]
    assert [reason for _, reason in shop.reasons()] == [
        "column pieces is no whole number",
        "column paid_at is no timestamp",
        "column share is no number",
    ]


def test_parquet_files_of_different_schemas_are_one_load(shop: Shop) -> None:
    receipts = table_of("receipts", "parquet")
    contents = {
        FIRST: "select 1 as id, 1.5::double as amount, timestamp '2026-01-01' as paid_at",
        SECOND: "select '2026-01-02'::timestamptz as paid_at, '2' as id, 'dear' as amount, 1 as n"
        " union all select null, '3', '3', 1",
    }
    for day, query in contents.items():
        path = shop.land(f"shop/receipts/{day}.parquet", b"")
        duckdb.sql(query).write_parquet(str(path))

    result = shop.load(receipts, FIRST, SECOND)

    assert shop.rows("select id, amount::double from raw.shop__receipts order by id") == [
        ("1", 1.5),
        ("3", 3.0),
    ]
    assert (result.rows_rejected, result.unknown_columns) == (1, ["n"])


def test_a_failed_expectation_of_the_whole_table_keeps_the_last_good_data(shop: Shop) -> None:
    counted = table_of(
        "sales",
        "csv",
        expectations=[
            {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 2}},
            {
                "type": "expect_column_max_to_be_between",
                "kwargs": {"column": "amount", "max_value": 5},
                "severity": "warning",
            },
        ],
    )
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n2,9,\n")
    result = shop.load(counted)
    before = shop.everything("sales")
    shop.land("shop/sales/2026-01-02.csv", HEADER + "1,1,\nx,bad,\n")

    with pytest.raises(TableRejectedError, match=r"landing/shop/sales/2026-01-02\.csv: the day's"):
        shop.load(counted, FIRST, SECOND)

    assert [(one.scope, one.failed) for one in result.outcomes] == [("table", 0), ("table", 1)]
    assert shop.everything("sales") == before


def test_a_warning_counts_and_a_critical_expectation_rejects(shop: Shop) -> None:
    judged = table_of(
        "sales",
        "csv",
        columns={
            "id": {},
            "amount": {"type": "decimal"},
            "paid_at": {"type": "timestamp"},
            "paid_on": {"type": "date"},
        },
        expectations=[
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "amount", "min_value": 0},
            },
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "paid_on", "min_value": "2020-01-01"},
                "severity": "warning",
            },
        ],
    )
    shop.land(
        "shop/sales/2026-01-01.csv",
        "id,amount,paid_at,paid_on\n1,-1,,2026-01-01\n2,-1,,1999-01-01\n3,1,,1999-01-01\n4,,,\n",
    )

    result = shop.load(judged)

    assert shop.rows("select id from raw.shop__sales order by id") == [("3",), ("4",)]
    assert [(one.severity, one.failed) for one in result.outcomes] == [
        ("critical", 2),
        ("warning", 2),
    ]


def test_an_expectation_that_does_not_exist_is_named(shop: Shop) -> None:
    wishful = table_of("sales", "csv", expectations=[{"type": "expect_the_best"}])
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")

    with pytest.raises(TableRejectedError, match="Great Expectations has no 'expect_the_best'"):
        shop.load(wishful)
