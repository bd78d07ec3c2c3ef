"""What a load leaves behind: reruns, ranges, replacement, columns that come and change."""

import gzip
import hashlib
import itertools
from datetime import date, timedelta

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


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_a_day_whose_files_are_gone_keeps_its_rows_and_is_named(shop: Shop, mode: str) -> None:
    sales = table_of("sales", "csv", mode=mode)
    path = shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\nx,bad,\n")
    shop.load(sales)
    before = shop.everything("sales")
    path.unlink()

    result = shop.load(sales, FIRST, SECOND)

    assert (result.kept_days, result.has_findings) == ([FIRST], True)
    assert shop.everything("sales") == before


def test_a_folder_that_is_gone_empties_nothing(shop: Shop, sales: SourceTable) -> None:
    path = shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    shop.load(sales)
    path.unlink()
    path.parent.rmdir()

    shop.load(sales)

    assert shop.rows("select id from raw.shop__sales") == [("1",)]


def test_a_day_that_is_kept_does_not_keep_its_neighbours_from_being_replaced(
    shop: Shop, sales: SourceTable
) -> None:
    archived = shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    shop.land("shop/sales/2026-01-02.csv", HEADER + "2,2,\n")
    shop.load(sales, FIRST, SECOND)
    archived.unlink()
    shop.land("shop/sales/2026-01-02.csv", HEADER + "3,3,\n")

    shop.load(sales, FIRST, SECOND)

    assert shop.rows("select id from raw.shop__sales order by id") == [("1",), ("3",)]


def test_an_empty_delivery_empties_its_day(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\nx,bad,\n")
    shop.load(sales)
    shop.land("shop/sales/2026-01-01.csv", HEADER)

    result = shop.load(sales)

    assert result.kept_days == []
    assert shop.rows("select * from raw.shop__sales") == []
    assert shop.reasons() == []


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

    assert (result.unknown_columns, result.more_unknown_columns) == (["note"], 1)
    assert shop.rows("select id, amount::double from raw.shop__sales") == [("1", 1.5)]


def test_an_unknown_key_is_found_in_the_last_line_and_data_as_a_key_is_not_shown(
    shop: Shop, events: SourceTable
) -> None:
    lines = [f'{{"id": "{number}"}}' for number in range(500)]
    lines += ['{"id": "a", "note": 1}', '{"id": "b", "ann@example.com": 1, "Bob": 2}']
    shop.land("shop/events/2026-01-01.ndjson", "\n".join(lines))

    result = shop.load(events)

    assert (result.unknown_columns, result.more_unknown_columns) == (["note"], 2)
    assert result.rows_loaded == 502


def test_names_by_the_thousand_are_data_too(shop: Shop, events: SourceTable) -> None:
    keys = ", ".join(f'"c{number}": 1' for number in range(2000))
    shop.land("shop/events/2026-01-01.ndjson", f'{{"id": "1", {keys}}}\n')

    result = shop.load(events)

    assert (len(result.unknown_columns), result.more_unknown_columns) == (50, 1950)


def test_a_value_that_cannot_be_read_is_replaced_by_the_one_that_stands_for_it(
    shop: Shop,
) -> None:
    consents = table_of(
        "consents",
        "csv",
        columns={
            "id": {},
            "is_granted": {"type": "boolean", "nullable": False, "unreadable_as": False},
            "is_old": {"type": "boolean", "unreadable_as": True},
            "amount": {"type": "decimal"},
        },
    )
    shop.land(
        "shop/consents/2026-01-01.csv",
        "id,is_granted,is_old,amount\n1,true,,\n2,perhaps,maybe,\n3,,false,\n4,perhaps,,dear\n",
    )

    result = shop.load(consents)

    assert shop.rows("select id, is_granted, is_old from raw.shop__consents order by id") == [
        ("1", True, None),
        ("2", False, True),
        ("3", False, False),
    ]
    assert result.replaced_by_rule == {
        "column is_granted is empty, and was taken as false": 1,
        "column is_granted is no yes or no, and was taken as false": 1,
        "column is_old is no yes or no, and was taken as true": 1,
    }
    assert result.has_findings
    assert shop.reasons() == [(4, "column amount is no decimal")]
    assert shop.rows("select row_text->>'is_granted' from raw.rejected_rows") == [("perhaps",)]


def test_a_replaced_value_is_no_delivered_column(shop: Shop) -> None:
    consents = table_of(
        "consents",
        "ndjson",
        columns={
            "id": {},
            "is_granted": {"type": "boolean", "nullable": False, "unreadable_as": False},
        },
    )
    shop.land("shop/consents/2026-01-01.ndjson", '{"id": "1"}\n')

    with pytest.raises(TableRejectedError, match="is_granted is missing from every row"):
        shop.load(consents)


def test_blanks_around_a_key_are_no_part_of_it(shop: Shop, sales: SourceTable) -> None:
    shop.land("shop/sales/2026-01-01.csv", HEADER + "7,1,\n 7 ,2,\n  ,3,\n")

    shop.load(sales)

    assert shop.rows("select id, amount::integer from raw.shop__sales") == [("7", 2)]
    assert [reason for _, reason in shop.reasons()] == [
        "a later row of the landing day with the same key (id) replaced it",
        "column id is empty",
    ]


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


def test_a_landed_day_that_was_never_loaded_is_named_until_it_is(
    shop: Shop, sales: SourceTable
) -> None:
    shop.land("shop/sales/2026-01-01.csv.gz", gzip.compress((HEADER + "1,1,\n").encode()))
    shop.land("shop/sales/2026-01-02.csv", HEADER + "2,2,\n")
    shop.land("shop/sales/2026-01-03.csv", HEADER + "3,3,\n")

    newest = shop.load(sales, THIRD)
    second = shop.load(sales, SECOND)
    first = shop.load(sales, FIRST)
    again = shop.load(sales, THIRD)

    assert (newest.missed_days, newest.has_findings) == ([FIRST, SECOND], True)
    assert second.missed_days == [FIRST]
    assert first.missed_days == []
    assert (again.missed_days, again.has_findings) == ([], False)
    assert shop.rows("select id from raw.shop__sales order by id") == [("1",), ("2",), ("3",)]


def test_a_file_that_came_late_is_missed_though_others_of_its_day_were_loaded(
    shop: Shop, sales: SourceTable
) -> None:
    shop.land("shop/sales/2026-01-01_a.csv", HEADER + "1,1,\n")
    shop.load(sales)
    shop.land("shop/sales/2026-01-01_b.csv", HEADER + "2,2,\n")

    assert shop.load(sales, SECOND).missed_days == [FIRST]


def test_a_loaded_file_that_was_packed_since_is_not_missed(shop: Shop, sales: SourceTable) -> None:
    path = shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    shop.load(sales)
    packed = shop.land("shop/sales/2026-01-01.csv.gz", gzip.compress(path.read_bytes()))

    assert shop.load(sales, SECOND).missed_days == [FIRST], "both lie there: one of them is new"
    path.unlink()
    assert shop.load(sales, SECOND).missed_days == []
    shop.load(sales, FIRST)
    packed.unlink()
    shop.land("shop/sales/2026-01-01.csv", HEADER + "1,1,\n")
    assert shop.load(sales, SECOND).missed_days == []


def test_a_missed_file_of_a_replacing_table_counts_until_a_newer_one_supersedes_it(
    shop: Shop, prices: SourceTable
) -> None:
    shop.land("shop/prices/2026-01-01.csv", HEADER + "1,1,\n")
    shop.land("shop/prices/2026-01-02.csv", HEADER + "2,2,\n")

    before = shop.load(prices, THIRD)
    shop.land("shop/prices/2026-01-03.csv", HEADER + "3,3,\n")
    after = shop.load(prices, THIRD)
    of_an_old_day = shop.load(prices, SECOND)

    assert before.missed_days == [SECOND]
    assert after.missed_days == []
    assert of_an_old_day.missed_days == []


def test_a_table_that_must_be_complete_waits_for_its_earlier_days(shop: Shop) -> None:
    strict = table_of("sales", "csv", max_rejected_rows=0)
    day_before = FIRST - timedelta(days=1)
    shop.land(f"shop/sales/{day_before}.csv", HEADER + "0,0,\n")
    shop.load(strict, day_before)
    before = shop.everything("sales")
    for day in (FIRST, SECOND, THIRD):
        shop.land(f"shop/sales/{day}.csv", HEADER + f"{day.day},1,\n")

    with pytest.raises(TableRejectedError) as error:
        shop.load(strict, THIRD)

    (problem,) = error.value.problems
    assert problem == (
        "landing/shop/sales/{landed_on}*.csv*: files of 2 earlier days were never loaded: "
        "2026-01-01, 2026-01-02. Nobody may act on this table while a part of it is missing "
        "(`max_rejected_rows`): materialise those days of it first (what landed before the first "
        "partition belongs to that one); move away a file that is not to be loaded"
    )
    assert shop.everything("sales") == before
    shop.load(strict, FIRST, THIRD)
    assert len(shop.rows("from raw.shop__sales")) == 4


def test_many_missed_days_are_named_by_the_first_few(shop: Shop) -> None:
    strict = table_of("sales", "csv", max_rejected_rows=0)
    for day in range(1, 9):
        shop.land(f"shop/sales/2026-01-0{day}.csv", HEADER)

    with pytest.raises(TableRejectedError, match="2026-01-04, 2026-01-05 and 3 more"):
        shop.load(strict, date(2026, 1, 9))


def test_a_rejected_row_that_says_something_harmless_does_not_stop_a_table(shop: Shop) -> None:
    moves = table_of(
        "moves",
        "ndjson",
        max_rejected_rows=0,
        expendable_rows={"kind": ["opened", "Opend"]},
        columns={"id": {}, "kind": {"nullable": False}, "at": {"type": "timestamp"}},
    )
    shop.land(
        "shop/moves/2026-01-01.ndjson",
        '{"id": "1", "kind": "left"}\n{"id": "2", "kind": " OPENED ", "at": "noon"}\n'
        '{"id": null, "kind": "opend"}\n',
    )

    result = shop.load(moves)

    assert (result.rows_loaded, result.rows_rejected) == (1, 2)
    assert shop.rows("select count(*) from raw.rejected_rows") == [(2,)]


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "2", "kind": "left", "at": "noon"}',
        '{"id": "2", "kind": "opened by nobody", "at": "noon"}',
        '{"id": "2", "kind": null}',
        '{"id": "2", "kind": "opened"',
        '{"id": "2", "kind": "opened\xff"}',
    ],
)
def test_any_other_rejected_row_does(shop: Shop, line: str) -> None:
    moves = table_of(
        "moves",
        "ndjson",
        max_rejected_rows=0,
        expendable_rows={"kind": ["opened"]},
        columns={"id": {}, "kind": {"nullable": False}, "at": {"type": "timestamp"}},
    )
    content = '{"id": "1", "kind": "opened", "at": "noon"}\n' + line + "\n"
    shop.land("shop/moves/2026-01-01.ndjson", content.encode("latin-1"))

    with pytest.raises(TableRejectedError) as error:
        shop.load(moves)

    assert len(error.value.problems) == 2
    assert error.value.problems[0].startswith("landing/shop/moves/2026-01-01.ndjson, row 2: ")
    assert error.value.problems[1].endswith(
        "not counted are rows whose kind is opened (`expendable_rows`), so add what does no harm"
    )


@pytest.mark.parametrize("blank", ["  ", "\t", "\u00a0\u2003"])
def test_blanks_alone_are_empty_where_a_text_must_say_something(shop: Shop, blank: str) -> None:
    named = table_of(
        "sales",
        "csv",
        columns={"id": {}, "name": {"nullable": False}, "note": {}, "paid_at": {}},
    )
    shop.land(
        "shop/sales/2026-01-01.csv",
        f"id,name,note,paid_at\n1,{blank},,\n2,{blank}é ,{blank},\n{blank},a,,\n",
    )

    shop.load(named)

    assert shop.rows("select id, name, note from raw.shop__sales") == [("2", f"{blank}é ", blank)]
    assert shop.reasons() == [(1, "column name is empty"), (3, "column id is empty")]


def test_blanks_alone_are_empty_in_parquet_too(shop: Shop) -> None:
    named = table_of("receipts", "parquet", columns={"id": {}, "name": {"nullable": False}})
    path = shop.land("shop/receipts/2026-01-01.parquet", b"")
    duckdb.sql("select 1 as id, ' ' as name union all select 2, 'a'").write_parquet(str(path))
    path = shop.land("shop/receipts/2026-01-01_b.parquet", b"")
    duckdb.sql("select 3 as id, ' '::blob as name").write_parquet(str(path))

    shop.load(named)

    assert shop.rows("select id from raw.shop__receipts") == [("2",)]
    assert [reason for _, reason in shop.reasons()] == ["column name is empty"] * 2


@pytest.mark.parametrize("is_packed", [False, True])
def test_json_lines_may_end_in_two_ways(shop: Shop, events: SourceTable, is_packed: bool) -> None:
    content = b'{"id": "1"}\r\n{"id": "2"}\n\r\n{"id": "4"\r\n{"id": "5"}\n{"id": "6"}'
    shop.land(
        "shop/events/2026-01-01.ndjson" + (".gz" if is_packed else ""),
        gzip.compress(content) if is_packed else content,
    )

    shop.load(events)

    assert shop.rows("select id, _source_row from raw.shop__events order by id") == [
        ("1", 1),
        ("2", 2),
        ("5", 5),
        ("6", 6),
    ]
    assert shop.reasons() == [(4, "the line is no JSON object")]
