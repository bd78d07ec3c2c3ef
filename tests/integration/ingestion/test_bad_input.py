"""Bad input: each kind has its message, and nothing else is disturbed."""

import gzip
import os

import duckdb
import pytest

from dagster_project.ingestion import SourceTable, TableRejectedError
from tests.integration.ingestion.conftest import FIRST, SECOND, Shop, table_of

GOOD = "id,amount,paid_at\n1,10.00,2026-01-01 10:00:00\n2,20.00,2026-01-01 11:00:00\n"

BAD_FILES = {
    "empty": ("2026-01-02.csv", b"", "the file is empty (0 bytes)"),
    "truncated gzip": (
        "2026-01-02.csv.gz",
        gzip.compress(os.urandom(4000).hex().encode())[:-2000],
        "the gzip is truncated or damaged",
    ),
    "no gzip": ("2026-01-02.csv.gz", GOOD.encode(), "the gzip is truncated or damaged"),
    "missing column": (
        "2026-01-02.csv",
        b"id,paid_at\n3,2026-01-02 10:00:00\n",
        "the column is missing: amount",
    ),
    "wrong delimiter": (
        "2026-01-02.csv",
        GOOD.replace(",", ";").encode(),
        "the header looks as if it were delimited by ';', while ',' is declared",
    ),
    "binary": ("2026-01-02.csv", bytes(range(256)) * 100, "the file is binary or not UTF-8"),
    "binary below a header": (
        "2026-01-02.csv",
        b"id,amount,paid_at\n" + bytes(range(256)) * 100,
        "its rows are not those of a CSV file",
    ),
    "mixed line ends": (
        "2026-01-02.csv",
        b"id,amount,paid_at\n1,1,2026-01-02\r\n2,2,2026-01-02\n",
        "line ends of two kinds are mixed",
    ),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_stops_its_table_and_changes_nothing(
    shop: Shop, sales: SourceTable, name: str, content: bytes, message: str
) -> None:
    shop.land("shop/sales/2026-01-01.csv", GOOD)
    shop.load(sales)
    before = shop.everything("sales")
    shop.land("shop/sales/2026-01-01.csv", GOOD + "3,30.00,\n")
    shop.land(f"shop/sales/{name}", content)

    with pytest.raises(TableRejectedError) as error:
        shop.load(sales, FIRST, SECOND)

    assert f"landing/shop/sales/{name}: " in str(error.value)
    assert message in str(error.value)
    assert shop.everything("sales") == before
    assert shop.rows("select table_name from duckdb_tables() where temporary") == []


def test_all_bad_files_are_named_at_once(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", b"")
    shop.land("shop/sales/2026-01-02.csv", "id\n1\n")

    with pytest.raises(TableRejectedError) as error:
        shop.load(sales, FIRST, SECOND)

    assert len(error.value.problems) == 2


def test_a_bad_table_leaves_other_tables_alone(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", b"")
    shop.land("shop/returns/2026-01-01.csv", GOOD)

    with pytest.raises(TableRejectedError):
        shop.load(sales)
    result = shop.load(table_of("returns", "csv"))

    assert result.rows_loaded == 2


def test_a_line_of_10_megabytes_is_rejected_alone(shop: Shop, sales: SourceTable) -> None:
    shop.land(
        "shop/sales/2026-01-01.csv",
        "id,amount,paid_at\n1,1,\n" + "x" * 10_000_000 + ",2,\n3,3,\n",
    )

    result = shop.load(sales)

    assert shop.rows("select id, _source_row from raw.shop__sales order by id") == [
        ("1", 1),
        ("3", 3),
    ]
    assert shop.reasons() == [(2, "the row is longer than 2,000,000 bytes")]
    assert (result.rows_read, result.rows_rejected) == (3, 1)


def test_a_json_line_of_10_megabytes_is_rejected_alone(shop: Shop, events: SourceTable) -> None:
    long = '{"id": "' + "x" * 10_000_000 + '"}'
    shop.land("shop/events/2026-01-01.ndjson", f'{{"id": "1"}}\n{long}\n{{"id": "3"}}\n')

    shop.load(events)

    assert shop.rows("select id, _source_row from raw.shop__events order by id") == [
        ("1", 1),
        ("3", 3),
    ]


def test_a_repeated_key_keeps_the_last_good_row(shop: Shop, sales: SourceTable) -> None:
    shop.land(
        "shop/sales/2026-01-01.csv",
        "id,amount,paid_at\n1,2,\n2,3,\n1,4,\n1,dear,\n",
    )

    shop.load(sales)

    assert shop.rows("select id, amount::double from raw.shop__sales order by id") == [
        ("1", 4.0),
        ("2", 3.0),
    ]
    assert shop.reasons() == [
        (1, "a later row of the landing day with the same key (id) replaced it"),
        (4, "column amount is no decimal"),
    ]


def test_of_several_files_of_a_day_the_last_one_has_the_last_row(
    shop: Shop, sales: SourceTable
) -> None:
    shop.land("shop/sales/2026-01-01_b.csv", "paid_at,id,amount\n,1,2\n")
    shop.land("shop/sales/2026-01-01_a.csv", "id,amount,paid_at\n1,1,\n")

    shop.load(sales)

    assert shop.rows("select _source_file from raw.shop__sales") == [
        ("shop/sales/2026-01-01_b.csv",)
    ]


def test_more_rejected_rows_than_allowed_stop_the_table(shop: Shop) -> None:
    strict = table_of("sales", "csv", max_rejected_rows=1)
    shop.land("shop/sales/2026-01-01.csv", GOOD + "3,secret,\n")
    assert shop.load(strict).rows_rejected == 1
    before = shop.everything("sales")
    shop.land("shop/sales/2026-01-02.csv", GOOD + "3,secret,\n" * 22)

    with pytest.raises(TableRejectedError) as error:
        shop.load(strict, FIRST, SECOND)

    assert error.value.problems[0] == (
        "landing/shop/sales/2026-01-02.csv, row 3: column amount is no decimal"
    )
    assert error.value.problems[20] == "2 more rows like these"
    assert "`max_rejected_rows`" in error.value.problems[21]
    assert "secret" not in str(error.value)
    assert shop.everything("sales") == before


def test_rows_that_a_later_one_replaced_are_no_rows_too_many(shop: Shop) -> None:
    strict = table_of("sales", "csv", max_rejected_rows=0)
    shop.land("shop/sales/2026-01-01.csv", GOOD + "1,11.00,\n")

    assert shop.load(strict).rows_rejected == 1


def test_a_key_may_come_again_on_another_day(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", GOOD)
    shop.land("shop/sales/2026-01-02.csv", GOOD)

    assert shop.load(sales, FIRST, SECOND).rows_rejected == 0


def test_a_date_in_the_future_is_rejected(shop: Shop) -> None:
    dated = table_of(
        "sales",
        "csv",
        columns={"id": {}, "paid_at": {"type": "timestamp", "semantic_type": "event_time"}},
    )
    shop.land(
        "shop/sales/2026-01-01.csv",
        "id,paid_at\n1,2026-01-01 23:59:59\n2,2026-01-02 00:00:00\n3,\n",
    )

    result = shop.load(dated)

    assert shop.rows("select id from raw.shop__sales order by id") == [("1",), ("3",)]
    assert shop.reasons() == [(2, "column paid_at breaks 'paid_at is not after the landing day'")]
    assert result.rejected_by_rule == {
        "column paid_at breaks 'paid_at is not after the landing day'": 1
    }


def test_a_value_that_is_not_of_its_type_is_rejected_with_the_row_as_it_was(
    shop: Shop, sales: SourceTable
) -> None:
    shop.land("shop/sales/2026-01-01.csv", "id,amount,paid_at\n,1,\n2,cheap,2026-13-45\n")

    shop.load(sales)

    assert shop.rows(
        "select _source_row, reason, row_text from raw.rejected_rows order by all"
    ) == [
        (1, "column id is empty", '{"id":null,"amount":"1","paid_at":null}'),
        (
            2,
            "column amount is no decimal; column paid_at is no timestamp",
            '{"id":"2","amount":"cheap","paid_at":"2026-13-45"}',
        ),
    ]


def test_rows_that_cannot_be_taken_apart_leave_the_numbers_of_others_right(
    shop: Shop, sales: SourceTable
) -> None:
    shop.land(
        "shop/sales/2026-01-01.csv",
        b'id,amount,paid_at\n1,1,\n2,2,,x\n\n3,"3",\n4\n5,"5"5,\n6,6,\n"7\n7",7,\n\xff,8,\n9,9,\n'
        b'10,"open,\n',
    )
    shop.land("shop/sales/2026-01-02.csv", "id,amount,paid_at\n1,1,\n")

    result = shop.load(sales, FIRST, SECOND)

    assert shop.rows(
        "select id, _source_row from raw.shop__sales where _landed_on = '2026-01-01' order by 2"
    ) == [("1", 1), ("3", 3), ("6", 6), ("7\n7", 7), ("9", 9)]
    assert shop.reasons() == [
        (2, "the row has more values than the header has columns"),
        (4, "the row has fewer values than the header has columns"),
        (5, "a quoted value is not closed where it should be"),
        (8, "the row is not UTF-8"),
        (10, "a quoted value is not closed where it should be"),
    ]
    assert result.rows_read == 11


def test_a_broken_json_line_is_kept_as_it_was(shop: Shop, events: SourceTable) -> None:
    shop.land(
        "shop/events/2026-01-01.ndjson",
        '{"id": "1", "amount": 1.5}\n\n{"id": "2"\n[3]\n{"id": 4, "amount": {"value": 1}}\n',
    )

    shop.load(events)

    assert shop.rows("select id, _source_row from raw.shop__events") == [("1", 1)]
    assert shop.rows(
        "select _source_row, reason, row_text from raw.rejected_rows order by all"
    ) == [
        (3, "the line is no JSON object", '{"id": "2"'),
        (4, "the line is no JSON object", "[3]"),
        (5, "column amount is no decimal", '{"id": 4, "amount": {"value": 1}}'),
    ]


def test_json_without_a_required_column_stops_the_table(shop: Shop, events: SourceTable) -> None:
    shop.land("shop/events/2026-01-01.ndjson", '{"amount": 1}\n{"amount": 2}\n')

    with pytest.raises(TableRejectedError, match="the column id is missing from every row"):
        shop.load(events)


def test_json_with_a_required_column_that_is_null_rejects_the_row_alone(
    shop: Shop, events: SourceTable
) -> None:
    shop.land("shop/events/2026-01-01.ndjson", '{"id": null, "amount": 1}\n')

    assert shop.load(events).rejected_by_rule == {"column id is empty": 1}


def test_a_text_that_is_no_json_stops_the_table(shop: Shop, events: SourceTable) -> None:
    shop.land("shop/events/2026-01-01.ndjson", GOOD)

    with pytest.raises(TableRejectedError, match="none of its first lines is a JSON object"):
        shop.load(events)


@pytest.mark.parametrize(
    ("kept", "message"),
    [(slice(0, -9), "was cut off"), (slice(9, None), "is no Parquet file")],
)
def test_a_damaged_parquet_file_stops_the_table(shop: Shop, kept: slice, message: str) -> None:
    whole = shop.land("whole.parquet", b"")
    duckdb.sql("select '1' as id, 1 as amount, null as paid_at").write_parquet(str(whole))
    shop.land("shop/receipts/2026-01-01.parquet", whole.read_bytes()[kept])

    with pytest.raises(TableRejectedError, match=message):
        shop.load(table_of("receipts", "parquet"))


def test_a_damaged_parquet_page_stops_the_table(shop: Shop) -> None:
    path = shop.land("shop/receipts/2026-01-01.parquet", b"")
    duckdb.sql(
        "select i::varchar as id, i as amount, null as paid_at from range(1000) as t(i)"
    ).write_parquet(str(path))
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 200 + content[204:])

    with pytest.raises(TableRejectedError, match="its pages are damaged"):
        shop.load(table_of("receipts", "parquet"))


def test_messages_hold_no_values(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", "ann@example.com,1\nbob@example.com,2\n")

    with pytest.raises(TableRejectedError) as error:
        shop.load(sales)

    assert "@" not in str(error.value)


def test_json_lines_that_a_carriage_return_alone_ends_among_others_stop_the_table(
    shop: Shop, events: SourceTable
) -> None:
    shop.land("shop/events/2026-01-01.ndjson", '{"id": "1"}\r{"id": "2"}\n')

    with pytest.raises(TableRejectedError, match="its line ends are mixed"):
        shop.load(events)
