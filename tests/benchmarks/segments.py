"""What a day's features and segments take: time, memory, and what history and segments add.

Run as `python -m tests.benchmarks.segments`; `--profiles` names other sizes, and `--home` keeps the
data there for another time. The tables that features read are made straight in DuckDB: profiles of
three records each, and for each profile and year 100 interactions and 12 orders of two lines. dbt
rolls them up, and builds the day. Then a year is put before the first one, and the same day is
built again: what that adds is what history costs. Every step is a process of its own, so that its
peak memory is its own.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks import building, measuring

AS_OF = date(2026, 11, 22)
SIZES = (100_000, 1_000_000)
MONTHS = 12
RECORDS = ("loyalty__members", "web__devices", "email__subscribers")
TYPES = (
    [("session", "web__devices")] * 18
    + [("page_view", "web__devices")] * 20
    + [("product_view", "web__devices")] * 22
    + [("add_to_cart", "web__devices")] * 8
    + [("wish_list", "web__devices")] * 2
    + [("email_sent", "email__subscribers")] * 10
    + [("email_opened", "email__subscribers")] * 4
    + [("email_clicked", "email__subscribers")] * 2
    + [("points_earned", "loyalty__members")] * 12
    + [("redemption", "loyalty__members")] * 2
)
"""The hundred interactions of a profile and year, each with the record that leaves it."""


def make(home: Path, profiles: int) -> Mapping[str, Any]:
    """Build all tables empty, as dbt makes them, and put people and products into them."""
    import duckdb

    from dagster_project.ingestion.raw_tables import Extent, prepare

    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        for source, table in building.declared_tables():
            prepare(connection, Extent(source, table, AS_OF, AS_OF))
    building.build(home, "--exclude", "config.incremental_strategy:microbatch")
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            f"""
            insert into profiles.profiles by name
            select
                'p' || md5(profile::varchar) as profile_id,
                date '{AS_OF}' - 400 - (hash(profile) % 400)::integer as first_seen_on,
                date '1950-01-01' + (hash(profile, 1) % 20000)::integer as birth_date
            from range({profiles}) as people (profile);
            create table conformed.benchmark_records as
            select
                profile,
                source,
                source || ':' || profile as record_id,
                cast(md5_number_lower(source || ':' || profile) >> 1 as bigint) as record_number
            from range({profiles}) as people (profile)
            cross join (select unnest({list(RECORDS)}) as source);
            -- Segments refuse a list that has not landed.
            insert into profiles.listed_members by name
            select
                'staff' as list_name, profile_id as member, 'profile_id' as member_kind, profile_id
            from profiles.profiles
            order by profile_id
            limit 10;
            insert into identity.identity_map by name
            select
                source, profile::varchar as source_record_id, record_id, record_number,
                'p' || md5(profile::varchar) as profile_id
            from conformed.benchmark_records;
            insert into conformed.customer_records by name
            select
                source, profile::varchar as source_record_id, record_id, record_number,
                timestamp '2024-01-01' as first_seen_at
            from conformed.benchmark_records;
            insert into conformed.products by name
            select
                'P' || product as product_id,
                -- Segments refuse products that there are not.
                case product % 300
                    when 0 then 'SOFT DRINKS' when 1 then 'BAG SNACKS' when 2 then 'COFFEE'
                    else 'Category ' || product % 300
                end as category,
                'Brand ' || product % 70 as brand,
                case when product // 300 % 2 = 0 then 'Private' else 'National' end as brand_type,
                1 + product % 9 as unit_cost,
                date '2024-01-01' + (product % 1000)::integer as launched_on
            from range(20000) as products (product)
            """
        )
    return {}


def add_year(home: Path, years_ago: int) -> Mapping[str, Any]:
    """Add what people did in the year that ends so many years before the day."""
    import duckdb

    first_day = AS_OF - timedelta(days=365 * (years_ago + 1) - 1)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"set memory_limit = '{building.MEMORY_LIMIT}'")
        connection.execute(f"set temp_directory = '{home / 'spill'}'")
        connection.execute(
            """
            create or replace temp table types as
            select kind[1] as interaction_type, kind[2] as source, number
            from (select unnest($types) as kind, generate_subscripts($types, 1) as number)
            """,
            {"types": [list(kind) for kind in TYPES]},
        )
        # Month by month, as facts arrive.
        for month in range(MONTHS):
            _add_month(connection, first_day, month)
        counted = connection.execute(
            "select (select count(*) from conformed.interactions), "
            "(select count(*) from conformed.orders)"
        ).fetchone()
    assert counted
    return {"interactions": counted[0], "orders": counted[1]}


def _add_month(connection: Any, first_day: date, month: int) -> None:
    start = first_day + timedelta(days=30 * month)
    days = 30 if month < MONTHS - 1 else 35
    connection.execute(
        f"""
        insert into conformed.interactions by name
        select
            concat_ws(':', records.profile, types.number, '{start}') as interaction_id,
            'benchmark' as source,
            records.record_id,
            types.interaction_type,
            case when types.number between 39 and 70 then 'P' || chance % 20000 end as product_id,
            case when types.number > 70 then 'O' || chance % 30 end as offer_id,
            timestamp '{start}' + to_seconds((chance % ({days} * 86400))::bigint) as occurred_at,
            occurred_at::date as occurred_on,
            case when types.interaction_type = 'session' then chance % 900 end as duration_seconds,
            chance % 50 as quantity
        from (
            select *, hash(profile, '{start}') as person_chance from conformed.benchmark_records
        ) as records
        inner join types
            on records.source = types.source and types.number % {MONTHS} = {month}
        cross join lateral (select hash(records.profile, types.number, '{start}') as chance);
        create or replace temp table baskets as
        select
            concat_ws('-', profile, '{start}') as order_id,
            record_id,
            timestamp '{start}' + to_seconds((chance % ({days} * 86400))::bigint) as ordered_at,
            chance
        from (
            select *, hash(profile, '{start}', 'order') as chance
            from conformed.benchmark_records
            where source = 'loyalty__members'
        );
        insert into conformed.order_items by name
        select
            order_id, line_number, 'P' || hash(chance, line_number) % 20000 as product_id,
            1 + chance % 3 as quantity, 2 + chance % 40 as sales_amount,
            chance % 3 as discount_amount, (chance % 10 = 0)::integer as coupon_discount_amount,
            ordered_at
        from baskets cross join (values (1), (2)) as line_numbers (line_number);
        insert into conformed.orders by name
        select
            order_id, 'benchmark' as source, record_id,
            case when chance % 4 = 0 then 'web' else 'store' end as channel,
            case when chance % 4 > 0 then 'S' || chance % 400 end as store_id,
            ordered_at, ordered_at::date as ordered_on, 2 as item_count,
            2 + 2 * (chance % 3) as quantity, 4 + 2 * (chance % 40) as sales_amount,
            2 * (chance % 3) as discount_amount,
            2 * (chance % 10 = 0)::integer as coupon_discount_amount
        from baskets
        """
    )


def roll_up(home: Path) -> Mapping[str, Any]:
    """Roll up the days that are new."""
    return building.build(home, "--select", "activity_days", "daily_activity", "yearly_activity")


def build_day(home: Path) -> Mapping[str, Any]:
    """Build the day's features and segments."""
    result = building.build(
        home,
        "--select",
        "config.incremental_strategy:microbatch",
        *("--event-time-start", str(AS_OF)),
        *("--event-time-end", str(AS_OF + timedelta(days=1))),
    )
    nodes = json.loads((home / "dbt" / "manifest.json").read_text())["nodes"].values()
    models = {node["name"]: node for node in nodes if node["resource_type"] == "model"}
    wide = models["profile_features"]["unique_id"]
    times = result["models"]
    return {
        **result,
        "features": {
            name: took for name, took in times.items() if models[name]["schema"] == "features"
        },
        "attribute_segments": {
            name: took
            for name, took in times.items()
            if models[name]["schema"] == "segments"
            and models[name]["depends_on"]["nodes"] == [wide]
        },
    }


def part(name: str, *arguments: Any) -> dict[str, Any]:
    """Run a part of this module as a process of its own."""
    return measuring.measured("tests.benchmarks.segments", name, *arguments)


def build_day_again(home: Path) -> dict[str, Any]:
    """Build the day twice; the first time finds neither the tables nor the files in memory."""
    part("build_day", home)
    return part("build_day", home)


def measure(home: Path, profiles: int) -> None:
    """Measure one size and print it."""
    home.mkdir(parents=True, exist_ok=True)
    part("make", home, profiles)
    made = part("add_year", home, 0)
    rolled_up = part("roll_up", home)
    unchanged = part("roll_up", home)
    day = build_day_again(home)
    part("add_year", home, 1)
    later_rolled_up = part("roll_up", home)
    later_unchanged = part("roll_up", home)
    later = build_day_again(home)

    print(
        f"{profiles:,} profiles, {made['interactions']:,} interactions, {made['orders']:,} orders"
    )
    features, later_features = sum(day["features"].values()), sum(later["features"].values())
    for title, result in (
        ("roll-ups of a year from nothing", rolled_up),
        ("roll-ups where nothing has changed", unchanged),
        ("roll-ups of another year", later_rolled_up),
        ("two years, where nothing has changed", later_unchanged),
        ("features and segments of a day", day),
        ("the same with a second year before", later),
    ):
        print(f"  {title:<40}{result['seconds']:8.1f} s {result['peak_gib']:6.2f} GiB")
    print(f"  features alone: {features:.1f} s, with a second year {later_features:.1f} s")
    days = day["seconds"], later["seconds"]
    looks = unchanged["seconds"], later_unchanged["seconds"]
    print(
        f"  a second year adds {later_features / features - 1:.1%} to features, "
        f"{days[1] / days[0] - 1:.1%} to features and segments, and "
        f"{(days[1] + looks[1]) / (days[0] + looks[0]) - 1:.1%} with the roll-ups, which look at "
        "all facts for changes"
    )
    added = list(day["attribute_segments"].values())
    mean = sum(added) / len(added)
    print(
        f"  {len(added)} segments by attributes: {mean:.2f} s each, {mean / features:.1%} of the "
        f"features' time; the slowest {max(added):.2f} s"
    )
    for title, result in (("a year", day), ("two years", later)):
        dearest = sorted(result["features"].items(), key=lambda model: -model[1])
        print(f"  {title}: " + ", ".join(f"{name} {took:.1f} s" for name, took in dearest))


def main() -> None:
    """Measure the sizes, the smallest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--profiles",
        type=int,
        nargs="+",
        default=SIZES,
        help="how many profiles (default: %(default)s; a million takes some 20 GB of disk)",
    )
    parser.add_argument("--home", type=Path, help="keep the data in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="segmentation-benchmark-") as folder:
        for profiles in sorted(options.profiles):
            measure((options.home or Path(folder)) / str(profiles), profiles)


if __name__ == "__main__":
    main()
