"""Points that expire, told without matching uses with what was earned, and by matching them."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from tests.integration.project_copy import ProjectCopy

# Three years, so that some are read as years; people with two cards; uses of any size.
_TABLES = """
    create schema conformed;
    create schema identity;
    create schema profiles;
    create table conformed.orders (
        order_id varchar, record_id varchar, quantity bigint, sales_amount decimal(18, 2),
        discount_amount decimal(18, 2), coupon_discount_amount decimal(18, 2), ordered_at timestamp
    );
    create table conformed.order_items (
        order_id varchar, line_number bigint, product_id varchar, quantity bigint,
        sales_amount decimal(12, 2), discount_amount decimal(12, 2),
        coupon_discount_amount decimal(12, 2), ordered_at timestamp
    );
    create table conformed.products (product_id varchar, unit_cost decimal(12, 2));
    create table conformed.returns (
        return_id varchar, record_id varchar, product_id varchar, quantity bigint,
        refund_amount decimal(18, 2), returned_at timestamp
    );
    create table conformed.customer_records as
    select 'R' || number as record_id, 'loyalty__members' as source,
        timestamp '2022-01-01' as first_seen_at
    from range(80) as numbers (number);
    create table identity.identity_map as
    select
        record_id,
        (md5_number_lower(record_id) >> 1)::bigint as record_number,
        'p' || substr(record_id, 2)::integer % 50 as profile_id
    from conformed.customer_records;
    create table conformed.loyalty_tiers (
        record_id varchar, loyalty_id varchar, tier varchar, valid_from timestamp,
        valid_from_on date
    );
    create table profiles.profiles as
    select 'p' || number as profile_id, null::varchar as loyalty_id,
        date '2022-01-01' as first_seen_on
    from range(50) as numbers (number);
    create table conformed.interactions as
    with draws as (
        select number, hash(number) as draw, hash(number, 'day') % 1096 as day
        from range(12000) as numbers (number)
    )
    select
        number::varchar as interaction_id,
        'R' || draw % 80 as record_id,
        case
            when draw // 80 % 10 < 7 then 'points_earned'
            when draw // 80 % 10 < 9 then 'points_spent'
            else 'points_expired'
        end as interaction_type,
        null::varchar as product_id,
        null::varchar as offer_id,
        null::bigint as duration_seconds,
        (1 + draw // 800 % 100)::bigint as quantity,
        null::double as score,
        timestamp '2022-01-01' + to_days(day::integer) + to_seconds(number) as occurred_at,
        (date '2022-01-01' + day::integer)::date as occurred_on
    from draws;
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    """Three years of points, rolled up."""
    made = ProjectCopy.lay_out(tmp_path_factory.mktemp("points"), _TABLES)
    succeeded, output = made.dbt(
        "run",
        "--select",
        *("activity_facts", "activity_days", "daily_activity", "yearly_activity"),
    )
    assert succeeded, output
    return made


def _left_of_lots(project: ProjectCopy, day: date) -> dict[str, list[tuple[date, int]]]:
    """What is left, by person, of what was earned on each day, the oldest taken first."""
    lots: dict[str, list[list]] = defaultdict(list)
    gone: Counter[str] = Counter()
    bookings = project.rows(
        f"""
        select profile_id, interaction_type, occurred_on, quantity
        from conformed.interactions inner join identity.identity_map using (record_id)
        where occurred_on <= date '{day}' order by occurred_at
        """
    )
    for profile, kind, booked_on, points in bookings:
        if kind == "points_earned":
            lots[profile].append([booked_on, points])
        else:
            gone[profile] += points
    for profile in gone:
        for lot in lots[profile]:
            taken = min(gone[profile], lot[1])
            lot[1] -= taken
            gone[profile] -= taken
    return {profile: [(on, left) for on, left in mine] for profile, mine in lots.items()}


@pytest.mark.parametrize(("day", "validity"), [(date(2024, 2, 29), 90), (date(2024, 12, 31), 500)])
def test_points_expire_as_they_do_where_each_use_takes_the_oldest(
    project: ProjectCopy, day: date, validity: int
) -> None:
    succeeded, output = project.dbt(
        "run",
        *("--select", "loyalty_features"),
        *("--vars", f"{{loyalty_points_validity_days: {validity}}}"),
        *("--event-time-start", str(day), "--event-time-end", str(day + timedelta(1))),
    )
    assert succeeded, output
    told = dict(
        project.rows(
            "select profile_id, points_expiring_within_30d from features.loyalty_features "
            f"where as_of = date '{day}'"
        )
    )
    expected = {
        profile: sum(
            left
            for earned_on, left in lots
            if day < earned_on + timedelta(validity) <= day + timedelta(30)
        )
        for profile, lots in _left_of_lots(project, day).items()
    }
    assert told == expected
    assert sum(told.values()) > 0
