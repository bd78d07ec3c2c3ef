"""RFM, life cycle and price sensitivity of the demo, each computed once more by pandas."""

import re
from datetime import date, timedelta

import pandas as pd
import pytest

from dagster_project.engine import open_warehouse
from tests.integration.conftest import FIRST_DAY, UNTIL, Deployment

pytestmark = pytest.mark.xdist_group("deployment")

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


@pytest.fixture(scope="module")
def facts(deployment: Deployment) -> dict[str, pd.DataFrame]:
    """What people bought, line by line and order by order, and when they were first seen."""
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        query = connection.con.sql
        return {
            "profiles": query("select profile_id, first_seen_on from profiles.profiles").df(),
            "orders": query(
                """
                select profile_id, order_id, ordered_on, sales_amount::double as sales,
                    coupon_discount_amount > 0 as has_coupon
                from conformed.orders join identity.identity_map using (record_id)
                """
            ).df(),
            "lines": query(
                """
                select profile_id, record_id, ordered_on, product_id, order_items.quantity,
                    order_items.sales_amount::double as sales,
                    order_items.discount_amount > 0 as has_discount
                from conformed.order_items
                join conformed.orders using (order_id)
                join identity.identity_map using (record_id)
                """
            ).df(),
        }


@pytest.fixture(scope="module", params=[FIRST_DAY, UNTIL])
def as_of(request: pytest.FixtureRequest) -> date:
    return request.param


@pytest.fixture(scope="module")
def features(deployment: Deployment, as_of: date) -> pd.DataFrame:
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        rows = connection.con.execute(
            "from features.profile_features where as_of = ?", [as_of]
        ).df()
    return rows.set_index("profile_id").sort_index()


def _until(rows: pd.DataFrame, facts: dict[str, pd.DataFrame], as_of: date) -> pd.DataFrame:
    """Leave out what came later, and people who had not been seen."""
    profiles = facts["profiles"]
    known = profiles.loc[profiles["first_seen_on"] <= pd.Timestamp(as_of), "profile_id"]
    return rows[(rows["ordered_on"] <= pd.Timestamp(as_of)) & rows["profile_id"].isin(known)]


def _within_a_year(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    return rows[rows["ordered_on"] > pd.Timestamp(as_of - timedelta(days=365))]


def _scores(values: pd.Series, bins: int) -> pd.Series:
    middle = values.rank(method="average") - 0.5
    return (middle * bins // len(values) + 1).astype(int)


def test_rfm_is_the_one_that_pandas_finds(facts, features, as_of):
    orders = _within_a_year(_until(facts["orders"], facts, as_of), as_of)
    people = orders.groupby("profile_id")
    recency = _scores(people["ordered_on"].max(), BINS)
    frequency = _scores(people["order_id"].nunique(), BINS)
    monetary = _scores(people["sales"].sum().round(2), BINS)
    scored = features[features["recency_score"].notna()]
    assert len(scored) > BINS
    assert list(scored.index) == list(recency.index)
    assert list(scored["recency_score"]) == list(recency)
    assert list(scored["frequency_score"]) == list(frequency)
    assert list(scored["monetary_score"]) == list(monetary)
    # A half goes up.
    cells = recency.astype(str) + ((frequency + monetary + 1) // 2).astype(str)
    groups = [
        next(group for grid, group in GROUPS.items() if re.fullmatch(grid, cell)) for cell in cells
    ]
    assert list(scored["rfm_group"]) == groups
    assert features.loc[features["recency_score"].isna(), "rfm_group"].isna().all()


def _rhythms(days: pd.Series) -> pd.DataFrame:
    """Tell the days between orders of each person, from the days with an order."""
    pauses = days.groupby(level=0).diff().dt.days
    people = pd.DataFrame(
        {
            "first": days.groupby(level=0).min(),
            "last": days.groupby(level=0).max(),
            "days": days.groupby(level=0).size(),
            "median": pauses.groupby(level=0).median(),
        }
    )
    # In so few weeks all pauses lie within a year: the median of three days counts.
    own = people["median"].where(people["days"] >= 3)
    people["expected"] = own.fillna(own.median())
    # A pause is judged by the days between the orders before it.
    paused = pd.DataFrame({"day": days, "pause": pauses})
    paused["earlier"] = paused.groupby(level=0).cumcount()
    before = pauses.fillna(0).groupby(level=0).cumsum() - pauses
    means = (before / (paused["earlier"] - 1)).where(paused["earlier"] >= 3)
    paused["rhythm"] = means.fillna(own.median()).clip(lower=7)
    back = paused[paused["pause"] > 4 * paused["rhythm"]]
    people["back"] = back.groupby(level=0)["day"].max()
    return people


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


def test_the_life_cycle_is_the_one_that_pandas_finds(facts, features, as_of):
    orders = _until(facts["orders"], facts, as_of)
    days = orders[["profile_id", "ordered_on"]].drop_duplicates().sort_values("ordered_on")
    people = _rhythms(days.set_index("profile_id")["ordered_on"]).reindex(features.index)
    bought = people[people["first"].notna()]
    found = features.loc[bought.index, "expected_days_between_orders"]
    assert found.to_list() == pytest.approx(bought["expected"].to_list())
    expected = [_stage(person, as_of) for _, person in people.iterrows()]
    assert list(features["life_cycle_stage"]) == expected
    assert len(set(expected)) >= 4


def test_price_sensitivity_is_the_one_that_pandas_finds(facts, features, as_of):
    orders = _within_a_year(_until(facts["orders"], facts, as_of), as_of)
    lines = _within_a_year(_until(facts["lines"], facts, as_of), as_of)
    # What a record bought of a product on a day has one price.
    by_day = lines.groupby(["record_id", "ordered_on", "product_id"]).agg(
        sales=("sales", "sum"), quantity=("quantity", "sum"), times=("sales", "size")
    )
    by_day = by_day[by_day["quantity"] > 0].reset_index()
    by_day["unit"] = by_day["sales"] / by_day["quantity"]
    products = by_day.groupby("product_id").agg(median=("unit", "median"), size=("times", "sum"))
    # To four digits, of which the last is rounded up from a half on.
    usual = (products.loc[products["size"] >= 3, "median"] * 10_000 + 0.5) // 1 / 10_000
    priced = lines.assign(usual=lines["product_id"].map(usual).where(lambda price: price > 0))
    priced = priced[priced["usual"].notna()]
    priced = priced.assign(worth=priced["usual"] * priced["quantity"])
    sums = priced.groupby("profile_id")[["sales", "worth"]].sum()
    sales = lines.groupby("profile_id")["sales"].sum().round(2)
    discounted = lines[lines["has_discount"]].groupby("profile_id")["sales"].sum()
    people = pd.DataFrame(
        {
            "discount": discounted.reindex(sales.index).fillna(0) / sales[sales > 0],
            "coupon": orders.groupby("profile_id")["has_coupon"].mean(),
            "price": sums["sales"] / sums["worth"].where(sums["worth"] > 0),
        }
    )
    found = features.loc[people.index]
    for column, name in (
        ("discount", "discounted_sales_share_365d"),
        ("coupon", "coupon_order_share_365d"),
        ("price", "relative_price_365d"),
    ):
        # A digit that floats get wrong must make no two equal values different ones.
        people[column] = people[column].astype(float).round(9)
        assert found[name].to_list() == pytest.approx(people[column].to_list(), nan_ok=True)
    people["price"] = -people["price"]
    ranks = (people.rank(method="min") - 1) / (people.count() - 1)
    scores = ranks.mean(axis=1)
    assert found["price_sensitivity_score"].to_list() == pytest.approx(
        scores.to_list(), nan_ok=True
    )
    deciles = _scores(scores.round(9), 10)
    assert list(found["price_sensitivity_decile"]) == list(deciles)
