"""What a preview computes from compiled SQL, and where it points when that cannot be."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ibis
import pytest
from ibis.backends.duckdb import Backend

from dagster_project.segments.preview import Overlap, newest_day, preview
from dagster_project.segments.source_sql import (
    PreviewError,
    SegmentFile,
    conditions_as_written,
    find_segment,
    parse_segment,
)

DAY = date(2026, 11, 20)
SELECT = "select profile_id, as_of\nfrom features.profile_features\n"


@pytest.fixture
def warehouse() -> Iterator[Backend]:
    connection = ibis.duckdb.connect()
    connection.con.execute(
        """
        create schema features;
        create schema segments;
        create table features.profile_features as
        select
            'p' || number as profile_id, number as order_count, number % 3 as kids_count,
            'Rome' as city, date '2026-11-19' + cast(day as integer) as as_of
        from range(10) as people (number) cross join range(2) as days (day);
        create table segments.buyers as
        select profile_id, as_of from features.profile_features where order_count >= 5;
        create table segments.nobody as from segments.buyers limit 0;
        create table segments.yesterday as
        select * replace (as_of - 1 as as_of) from segments.buyers where as_of = date '2026-11-20';
        create schema metrics;
        create table metrics.segment_builds as
        from (values ('nobody', date '2026-11-20', 0), ('nobody', date '2026-11-01', 0))
            as builds (segment, as_of, members);
        """
    )
    yield connection
    connection.disconnect()


def written(text: str) -> SegmentFile:
    return SegmentFile("tried", Path("tried.sql"), text)


def test_a_preview_counts_people_of_the_day_condition_by_condition(warehouse: Backend) -> None:
    sql = f"{SELECT}where\n    order_count >= 4\n    and (kids_count = 0 or city = 'Oslo')\n"
    found = preview(warehouse, written(sql), sql, DAY)
    assert (found.population, found.size) == (10, 2)
    assert list(found.steps) == [
        ("order_count >= 4", 6),
        ("kids_count = 0 OR city = 'Oslo'", 2),
    ]
    assert list(found.overlaps) == [Overlap("buyers", 5, 2), Overlap("nobody", 0, 0)]


def test_typical_members_are_near_the_middle_of_what_the_conditions_read(
    warehouse: Backend,
) -> None:
    sql = f"{SELECT}where order_count >= 5"
    found = preview(warehouse, written(sql), sql, DAY)
    assert found.typical_by == ["order_count"]
    assert found.typical_members[0] == "p7"


def test_a_segment_of_everybody_has_no_conditions_and_one_of_nobody_no_typical_members(
    warehouse: Backend,
) -> None:
    everybody = preview(warehouse, written(SELECT), SELECT, DAY)
    assert (everybody.size, list(everybody.steps)) == (10, [])
    sql = f"{SELECT}where order_count / 0 > 1"
    nobody = preview(warehouse, written(sql), sql, DAY)
    assert (nobody.size, list(nobody.typical_members)) == (0, [])
    assert list(nobody.overlaps) == [Overlap("buyers", 5, 0), Overlap("nobody", 0, 0)]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        (
            f"{SELECT}where\n    ordr_count >= 4",
            (
                "tried.sql, line 4, column 5:\n        ordr_count >= 4\n        ^\n"
                "There is no column ordr_count. Did you mean order_count or"
            ),
        ),
        (
            f"{SELECT}where profile_id in (select profile_id from segments.hikers)",
            (
                "tried.sql, line 3, column 54:\n    where profile_id in (select profile_id from "
                f"segments.hikers)\n    {' ' * 53}^\nThe table hikers was not built yet."
            ),
        ),
        (f"{SELECT}where order_count >= ", "tried.sql, line 3, column 19:"),
        ("select profile_id\nfrom features.profile_features", "this one has profile_id."),
        (f"{SELECT}cross join range(2)", "10 of 20 rows are of somebody who is in it already"),
        ("select 'x' as profile_id, date '2026-11-20' as as_of", "1 of 1 rows are of nobody in"),
        (
            f"{SELECT}where cast(city as bigint) > 1",
            (
                "tried.sql, line 3, column 7:\n    where cast(city as bigint) > 1\n          ^\n"
                "Could not convert string 'Rome' to INT64 when casting from source column city"
            ),
        ),
        (
            f"-- No contians.\n{SELECT}where 'ö' = city and contians(city, 'R')",
            (
                "tried.sql, line 4, column 22:\n    where 'ö' = city and contians(city, 'R')\n"
                f"    {' ' * 21}^\nScalar Function with name contians does not exist! Did you mean"
            ),
        ),
        (
            f"{SELECT}where profile_id not in (select profile_id from segments.yesterday)",
            (
                f"\n    {' ' * 57}^\nsegments.yesterday was not built for 2026-11-20. Materialize "
                "segments/yesterday for this day first, or look at another day."
            ),
        ),
        (
            f"-- 'x'\n{SELECT}where city != 'x' and error('no ''x'': ' || city) > ''",
            (
                "tried.sql, line 4, column 16:\n"
                "    where city != 'x' and error('no ''x'': ' || city) > ''\n"
                f"    {' ' * 15}^\nno 'x': Rome"
            ),
        ),
        ("drop table segments.buyers", "a segment is a select of profile_id and as_of."),
    ],
)
def test_what_is_no_segment_is_refused_with_the_place(
    warehouse: Backend, sql: str, error: str
) -> None:
    with pytest.raises(PreviewError) as raised:
        preview(warehouse, written(sql), sql, DAY)
    assert error in str(raised.value)


def test_a_day_that_was_not_built_is_refused_and_the_newest_one_named(warehouse: Backend) -> None:
    assert newest_day(warehouse) == DAY
    with pytest.raises(PreviewError, match=r"not built for 2026-12-01\. Its newest day is 2026-11"):
        preview(warehouse, written(SELECT), SELECT, date(2026, 12, 1))
    warehouse.con.execute("drop table features.profile_features; drop schema metrics cascade")
    with pytest.raises(PreviewError, match="not built for any day"):
        newest_day(warehouse)


def test_a_day_on_which_nobody_was_known_is_a_day_without_members(warehouse: Backend) -> None:
    found = preview(warehouse, written(SELECT), SELECT, date(2026, 11, 1))
    assert (found.population, found.size) == (0, 0)
    assert list(found.overlaps) == [Overlap("nobody", 0, 0)]
    warehouse.con.execute("delete from features.profile_features")
    assert newest_day(warehouse) == DAY


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("inline_query calls did('order' …), but within_days=0 is no number.", (3, 15)),
        ("inline_query calls did, but the activity is no text: []. Write it.", (3, 10)),
        ("'ref_' is undefined", None),
    ],
)
def test_what_dbt_refuses_is_pointed_to_outside_comments(
    said: str, place: tuple[int, int] | None
) -> None:
    source = written(
        "-- did('order')\n{# did('order') #} select /* did('order') */\nwhere {{ did('order', 0) }}"
    )
    complaint = str(source.complaint(said))
    assert complaint.endswith(said.replace("inline_query", "the segment"))
    if place:
        assert complaint.startswith(f"tried.sql, line {place[0]}, column {place[1]}:")
    else:
        assert complaint == f"tried.sql: {said}"


def test_conditions_are_worded_as_their_author_wrote_them() -> None:
    source = written(
        "-- People.\nselect profile_id, as_of from {{ ref('profile_features') }}\n"
        "where a > {{- days_before(3) }} and {{- did('order',\n    within_days=3) -}}"
    )
    compiled = "select profile_id, as_of from f where a > cast('x' as date) and (b in (select c))"
    assert conditions_as_written(source, parse_segment(source, compiled)) == [
        "a > days_before(3)",
        "did('order', within_days=3)",
    ]


def test_a_segment_is_found_by_name_or_file_and_near_names_are_told(tmp_path: Path) -> None:
    assert find_segment("champions").name == "champions"
    (tmp_path / "mine.sql").write_text(SELECT)
    assert find_segment(str(tmp_path / "mine.sql")).text == SELECT
    with pytest.raises(PreviewError, match=r"champion is neither .* Did you mean champions\?"):
        find_segment("champion")
