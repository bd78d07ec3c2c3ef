"""Features of the real households, each computed once more by pandas.

What is computed here follows the descriptions of the columns, not the SQL behind them.
"""

import re
from datetime import date, timedelta

import pandas as pd
import pytest

from dagster_project.engine import open_warehouse
from tests.integration.real_purchases.facts import Facts
from tests.integration.real_purchases.habits import (
    brand_loyalties,
    discount_shares,
    impulse_order_shares,
    rhythms,
    seasonal_indexes,
    seasonal_shares,
)
from tests.integration.segments.project import SegmentsProject

pytestmark = pytest.mark.xdist_group("real_purchases")

BINS = 5
GROUPS = {
    r"11": "lost",
    r"[1-2][1-2]": "hibernating",
    r"[1-2][3-4]": "at_risk",
    r"[1-2]5": "cannot_lose_them",
    r"3[1-2]": "about_to_sleep",
    r"33": "need_attention",
    r"[3-4][4-5]": "loyal_customers",
    r"41": "promising",
    r"51": "recent_customers",
    r"[4-5][2-3]": "potential_loyalists",
    r"5[4-5]": "champions",
}
"""The grid as it is usually written down: a score of recency, and one of value."""
SEASONS = ("quarter_1", "quarter_2", "quarter_3", "quarter_4", "holiday")
HOLIDAYS_WITH_AN_INDEX = (
    "valentines_day",
    "easter",
    "mothers_day",
    "independence_day",
    "back_to_school",
    "halloween",
    "thanksgiving",
    "black_friday",
    "christmas",
)
STAGES = ("lead", "new", "active", "at_risk", "lapsed", "churned", "won_back")


@pytest.fixture(scope="module")
def features(project: SegmentsProject, as_of: date) -> pd.DataFrame:
    with open_warehouse(project.home.warehouse, read_only=True) as connection:
        rows = connection.con.execute(
            "select * replace (profile_id::integer as profile_id) "
            "from features.profile_features where as_of = ?",
            [as_of],
        ).df()
    return rows.set_index("profile_id").sort_index()


def _assert_same(found: pd.Series, expected: pd.Series) -> None:
    """Compare what is known of each person; of everybody else nothing must be known."""
    pd.testing.assert_series_equal(
        found.astype(expected.dtype),
        expected.reindex(found.index),
        check_names=False,
        check_index_type=False,
        rtol=1e-12,
        atol=0,
    )


def _scores(values: pd.Series, bins: int) -> pd.Series:
    middle = values.rank(method="average") - 0.5
    return middle * bins // len(values) + 1


def test_everybody_who_was_known_by_then_is_described(facts: Facts, features: pd.DataFrame):
    assert list(features.index) == sorted(facts.people["person"])
    assert len(features) > 2400


@pytest.mark.parametrize("days", [30, 90, 365, None])
def test_orders_and_sales_are_those_of_the_days_that_end_with_the_day(
    all_facts: Facts, facts: Facts, features: pd.DataFrame, days: int | None
):
    orders = facts.orders if days is None else facts.within(days, facts.orders)
    suffix = "" if days is None else f"_{days}d"
    people = orders.groupby("person")
    for column, expected in (
        (f"order_count{suffix}", people.size()),
        (f"sales_amount{suffix}", people["cents"].sum() / 100),
    ):
        _assert_same(features[column], expected.reindex(features.index, fill_value=0))
    if days is not None:
        # One day more or less would be another result.
        edge = pd.Timestamp(facts.as_of - timedelta(days=days))
        assert {edge, edge + timedelta(days=1)} <= {*all_facts.orders["day"]}


@pytest.mark.parametrize(
    ("column", "days"), [("order_day_count", None), ("order_day_count_365d", 365)]
)
def test_a_day_on_which_several_records_ordered_is_one_day(
    facts: Facts, features: pd.DataFrame, column: str, days: int | None
):
    orders = facts.orders if days is None else facts.within(days, facts.orders)
    expected = orders.groupby("person")["day"].nunique()
    _assert_same(features[column], expected.reindex(features.index, fill_value=0))
    records = orders.groupby(["person", "day"])["record"].nunique()
    assert (records == 2).sum() > 1000


def test_rfm_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    people = facts.within(365, facts.orders).groupby("person")
    recency = _scores(people["day"].max(), BINS)
    frequency = _scores(people.size(), BINS)
    monetary = _scores(people["cents"].sum(), BINS)
    _assert_same(features["recency_score"], recency)
    _assert_same(features["frequency_score"], frequency)
    _assert_same(features["monetary_score"], monetary)
    # A half goes up.
    values = (frequency + monetary + 1) // 2
    cells = recency.astype(int).astype(str) + values.astype(int).astype(str)
    groups = cells.map(
        lambda cell: next(group for grid, group in GROUPS.items() if re.fullmatch(grid, cell))
    )
    _assert_same(features["rfm_group"], groups)
    assert set(groups) == set(GROUPS.values())


def test_the_days_between_orders_are_those_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    _assert_same(features["median_days_between_orders_365d"], rhythms(facts)["median"])


def _stage(person: pd.Series, as_of: date) -> str:
    today = pd.Timestamp(as_of)
    if pd.isna(person["first"]):
        return "lead"
    if (today - person["first"]).days < 30:
        return "new"
    overdue = (today - person["last"]).days / max(person["expected"], 7)
    for stage, limit in (("churned", 8), ("lapsed", 4), ("at_risk", 2)):
        if overdue > limit:
            return stage
    is_back = not pd.isna(person["back"]) and (today - person["back"]).days < 90
    return "won_back" if is_back else "active"


def test_the_life_cycle_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    people = rhythms(facts).reindex(features.index)
    _assert_same(features["first_order_on"], people["first"])
    _assert_same(features["last_order_on"], people["last"])
    days_since_first = (pd.Timestamp(facts.as_of) - people["first"]).dt.days
    _assert_same(features["days_since_first_order"], days_since_first)
    _assert_same(features["expected_days_between_orders"], people["expected"])
    _assert_same(features["has_own_rhythm"], people["has_own"].eq(True))
    _assert_same(features["reactivated_on"], people["back"])
    stages = people.apply(_stage, axis=1, as_of=facts.as_of)
    _assert_same(features["life_cycle_stage"], stages)
    assert set(stages) == set(STAGES)
    assert 0 < people["has_own"].eq(True).sum() < people["first"].count()


def _usual_prices(lines: pd.DataFrame) -> pd.Series:
    """Tell what a unit of a product usually costs: to four digits, and up from a half."""
    bought = lines.groupby(["record", "day", "product"])["cents"].agg(["sum", "size"])
    bought["quantity"] = lines.groupby(["record", "day", "product"])["quantity"].sum()
    bought = bought[bought["quantity"] > 0]
    products = (bought["sum"] / 100 / bought["quantity"]).groupby("product").median()
    times = bought.groupby("product")["size"].sum()
    return (products[times >= 3] * 10_000 + 0.5) // 1 / 10_000


def test_price_sensitivity_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    orders = facts.within(365, facts.orders)
    lines = facts.within(365, facts.lines)
    usual = _usual_prices(lines)
    worth = lines["product"].map(usual[usual > 0]) * lines["quantity"]
    priced = lines.assign(worth=worth)[worth.notna()].groupby("person")[["cents", "worth"]].sum()
    sales = lines.groupby("person")["cents"].sum()
    discounted = lines[lines["has_discount"]].groupby("person")["cents"].sum()
    people = pd.DataFrame(
        {
            "discounted_sales_share_365d": (
                discounted.reindex(sales.index).fillna(0) / sales[sales > 0]
            ),
            "coupon_order_share_365d": orders.groupby("person")["has_coupon"].mean(),
            "relative_price_365d": priced["cents"] / 100 / priced["worth"][priced["worth"] > 0],
        }
    )
    for column in people:
        _assert_same(features[column], people[column])
    # A digit that floats get wrong must make no two equal values different ones.
    ranked = people.assign(relative_price_365d=-people["relative_price_365d"]).round(9)
    ranks = (ranked.rank(method="min") - 1) / (ranked.count() - 1)
    scores = ranks.mean(axis=1)
    _assert_same(features["price_sensitivity_score"], scores)
    _assert_same(features["price_sensitivity_decile"], _scores(scores.round(9), 10))


def test_the_share_of_discounts_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    _assert_same(features["discount_share_365d"], discount_shares(facts))


def test_loyalty_to_brands_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    expected = brand_loyalties(facts)
    _assert_same(features["brand_loyalty_365d"], expected)
    # Somebody bought nothing often enough to tell.
    assert len(expected) < facts.within(365, facts.orders)["person"].nunique()


def test_the_share_of_impulses_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    expected = impulse_order_shares(facts)
    _assert_same(features["impulse_order_share_365d"], expected)
    assert expected.max() > 0


@pytest.fixture(scope="module")
def shares_of_seasons(facts: Facts) -> pd.DataFrame:
    return seasonal_shares(facts)


@pytest.fixture(scope="module")
def indexes_of_seasons(facts: Facts) -> pd.DataFrame:
    return seasonal_indexes(facts)


@pytest.mark.parametrize("season", SEASONS)
def test_the_share_of_a_season_is_the_one_that_pandas_finds(
    features: pd.DataFrame, shares_of_seasons: pd.DataFrame, season: str
):
    expected = shares_of_seasons[season]
    _assert_same(features[f"{season}_sales_share_365d"], expected)
    assert expected.nunique() > 100


@pytest.mark.parametrize("season", [*SEASONS, *HOLIDAYS_WITH_AN_INDEX])
def test_a_seasonal_index_is_the_one_that_pandas_finds(
    features: pd.DataFrame, indexes_of_seasons: pd.DataFrame, season: str
):
    expected = indexes_of_seasons[season]
    _assert_same(features[f"{season}_seasonal_index_365d"], expected)
    assert expected.nunique() > 100


def test_shares_of_channels_are_those_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    orders = facts.within(365, facts.orders)
    counts = orders.groupby(["person", "channel"]).size().unstack(fill_value=0)
    shares = counts.div(counts.sum(axis=1), axis=0)
    for channel in ("web", "app", "store"):
        _assert_same(features[f"{channel}_order_share_365d"], shares[channel])
    _assert_same(features["online_order_share_365d"], shares["web"] + shares["app"])


def test_the_favourite_store_is_the_one_that_pandas_finds(facts: Facts, features: pd.DataFrame):
    orders = facts.within(365, facts.orders)
    stores = orders.groupby(["person", "store"]).size().rename("orders").reset_index()
    favourites = stores.sort_values(["orders", "store"]).groupby("person").last()
    _assert_same(features["favourite_store_id_365d"], favourites["store"])
    shares = favourites["orders"] / orders.groupby("person").size()
    _assert_same(features["favourite_store_order_share_365d"], shares)
    rivals = stores[stores["orders"] == stores["person"].map(favourites["orders"])]
    assert rivals["person"].duplicated().any()
    assert shares.isna().any()
