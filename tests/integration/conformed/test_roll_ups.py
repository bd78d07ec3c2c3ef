"""Activity rolled up day by day is what rolling up all of it anew gives."""

from pathlib import Path

import pytest

from tests.integration.project_copy import ProjectCopy

_TABLES = """
    create schema conformed;
    create table conformed.orders (
        order_id varchar, record_id varchar, quantity bigint, sales_amount decimal(18, 2),
        discount_amount decimal(18, 2), coupon_discount_amount decimal(18, 2), ordered_at timestamp
    );
    create table conformed.order_items (
        order_id varchar, line_number bigint, product_id varchar, quantity bigint,
        sales_amount decimal(12, 2), discount_amount decimal(12, 2),
        coupon_discount_amount decimal(12, 2), ordered_at timestamp
    );
    create table conformed.products as
    select
        'P' || product as product_id,
        case when product % 3 > 0 then product end::decimal(12, 2) as unit_cost
    from range(20) as products (product);
    create table conformed.interactions (
        interaction_id varchar, record_id varchar, interaction_type varchar, product_id varchar,
        duration_seconds bigint, quantity bigint, score double, occurred_at timestamp
    );
    create table conformed.returns (
        return_id varchar, record_id varchar, product_id varchar, quantity bigint,
        refund_amount decimal(18, 2), returned_at timestamp
    );
    create macro facts_of(days) as table
    select
        day, number, 'R' || number % 7 as record_id, 'P' || (number + day) % 20 as product_id,
        timestamp '2023-12-20' + to_days(day::integer) + to_hours(number::integer) as happened_at
    from range(24) as numbers (number) cross join (select unnest(days) as day);
"""

_ADD = """
    insert into conformed.orders
    select concat_ws('-', day, number), record_id, 2, 10 + number, number % 3, number % 2,
        happened_at
    from facts_of({days});
    insert into conformed.order_items
    select concat_ws('-', day, number), 1, product_id, 2, 10 + number, number % 3, number % 2,
        happened_at
    from facts_of({days});
    insert into conformed.interactions
    select concat_ws('-', day, number), record_id, 'product_view', product_id, 60, null, null,
        happened_at
    from facts_of({days});
"""

_ROLL_UPS = ("daily_activity", "yearly_activity")


def _try_to_roll_up(project: ProjectCopy, *options: str) -> tuple[bool, str]:
    return project.dbt("run", "--select", "activity_facts", "activity_days", *_ROLL_UPS, *options)


def _roll_up(project: ProjectCopy, *options: str) -> None:
    succeeded, output = _try_to_roll_up(project, *options)
    assert succeeded, output


def _rows(project: ProjectCopy) -> dict[str, list[tuple]]:
    return {
        table: project.rows(f"select columns(*)::varchar from conformed.{table} order by all")
        for table in _ROLL_UPS
    }


@pytest.fixture(scope="module")
def rolled_up(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    """Eighteen days, over the turn of a year."""
    project = ProjectCopy.lay_out(tmp_path_factory.mktemp("rolled-up"), _TABLES)
    project.execute(_ADD.format(days=list(range(18))))
    _roll_up(project)
    return project


_CHANGES = {
    "a new day": _ADD.format(days=[18]),
    "a late fact": (
        "insert into conformed.interactions values "
        "('late', 'R1', 'session', null, 5, null, null, timestamp '2023-12-21')"
    ),
    "a changed fact": "update conformed.orders set sales_amount = 99 where order_id = '3-3'",
    "a fact that moves to another day": (
        "update conformed.interactions set occurred_at = occurred_at + interval 1 day "
        "where interaction_id = '5-5'"
    ),
    "a fact that is told twice": (
        "insert into conformed.interactions "
        "select * from conformed.interactions where interaction_id = '6-6'"
    ),
    "a fact of another record": (
        "update conformed.orders set record_id = 'R8' where order_id = '3-3'"
    ),
    "a return": (
        "insert into conformed.returns values ('r', 'R1', 'P1', 1, 9.5, timestamp '2023-12-27')"
    ),
    "another cost": (
        "update conformed.products set unit_cost = 3 where product_id in ('P3', 'P4')"
    ),
    "a deleted fact": "delete from conformed.interactions where interaction_id = '5-5'",
    "a day that is empty now": (
        "delete from conformed.orders where ordered_at::date = date '2024-01-02';"
        "delete from conformed.order_items where ordered_at::date = date '2024-01-02';"
        "delete from conformed.interactions where occurred_at::date = date '2024-01-02'"
    ),
    "a year that is empty now": (
        "delete from conformed.orders where ordered_at < date '2024-01-01';"
        "delete from conformed.order_items where ordered_at < date '2024-01-01';"
        "delete from conformed.interactions where occurred_at < date '2024-01-01'"
    ),
}


def test_whatever_happens_to_facts_the_roll_ups_are_those_of_a_full_rebuild(
    rolled_up: ProjectCopy, tmp_path: Path
):
    project = rolled_up.copy_to(tmp_path / "copy")
    before = _rows(project)
    # Several between two runs, since a start of dbt takes seconds.
    names = list(_CHANGES)
    for changes in (names[:4], names[4:-1], names[-1:]):
        for change in changes:
            project.execute(_CHANGES[change])
        _roll_up(project)
        found = _rows(project)
        _roll_up(project, "--full-refresh")
        assert found == _rows(project), changes
        assert found != before, changes
        before = found


def test_only_days_that_have_changed_are_rolled_up_again(rolled_up: ProjectCopy, tmp_path: Path):
    project = rolled_up.copy_to(tmp_path / "copy")
    # A mark that only rows which nobody rolls up again keep.
    project.execute("update conformed.daily_activity set quantity = -1")
    project.execute(_CHANGES["a late fact"])
    _roll_up(project)
    kept = project.rows(
        "select activity_on::varchar, bool_and(quantity = -1) from conformed.daily_activity "
        "group by all order by all"
    )
    assert [day for day, is_kept in kept if not is_kept] == ["2023-12-21"]


def test_a_run_that_stops_halfway_leaves_the_roll_ups_as_they_were(
    rolled_up: ProjectCopy, tmp_path: Path
):
    project = rolled_up.copy_to(tmp_path / "copy")
    before = _rows(project)
    # December can be added up, January no more.
    project.execute(_CHANGES["a late fact"])
    too_much = "('too much', 'R1', 'session', null, 5, 9223372036854775807, null, '2024-01-02')"
    project.execute(f"insert into conformed.interactions values {too_much}, {too_much}")
    for options in ((), ("--full-refresh",)):
        succeeded, output = _try_to_roll_up(project, *options)
        assert not succeeded
        assert "daily_activity" in output
        assert _rows(project) == before
    project.execute("delete from conformed.interactions where interaction_id = 'too much'")
    _roll_up(project)
    found = _rows(project)
    _roll_up(project, "--full-refresh")
    assert found == _rows(project)


def test_a_table_of_an_older_release_is_brought_up_to_date(rolled_up: ProjectCopy, tmp_path: Path):
    project = rolled_up.copy_to(tmp_path / "copy")
    before = _rows(project)
    project.execute(
        """
        alter table conformed.daily_activity drop column coupon_sales_amount;
        alter table conformed.daily_activity add column forgotten integer;
        update conformed.daily_activity set day_fingerprint = 1;
        """
    )
    _roll_up(project)
    found = project.rows("select * from conformed.daily_activity")
    expected = rolled_up.rows("select * from conformed.daily_activity")
    columns = "describe select * from conformed.daily_activity"
    assert {name for name, *_ in project.rows(columns)} == {
        name for name, *_ in rolled_up.rows(columns)
    }
    assert len(found) == len(expected)
    assert _rows(project)["yearly_activity"] == before["yearly_activity"]
