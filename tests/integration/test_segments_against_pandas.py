"""Segments that ask about behaviour, each computed once more by pandas from the facts."""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest

from dagster_project.engine import open_warehouse
from tests.integration.conftest import Deployment

pytestmark = pytest.mark.xdist_group("deployment")


class Behaviour:
    """What known people did up to a day, straight from the facts.

    Attributes:
        as_of: The day.
        price_sensitive: People above the seventh decile of price sensitivity, which has a test of
            its own.
        statements: What people said of e-mail marketing, whenever they did.
    """

    def __init__(self, connection, as_of: date) -> None:
        """Read the facts of people who had been seen by the day."""
        self.as_of = as_of
        known = f"""
            identity.identity_map
            semi join (from profiles.profiles where first_seen_on <= date '{as_of}')
                using (profile_id)
        """
        self._lines = connection.sql(
            f"""
            select profile_id, orders.ordered_on as day, category, brand
            from conformed.order_items
            join conformed.orders using (order_id)
            left join conformed.products using (product_id)
            join (from {known}) using (record_id)
            """
        ).df()
        self._interactions = connection.sql(
            f"""
            select profile_id, interaction_type as kind, occurred_at as at, occurred_on as day
            from conformed.interactions join (from {known}) using (record_id)
            union all by name
            select profile_id, 'order' as kind, ordered_at as at, ordered_on as day
            from conformed.orders join (from {known}) using (record_id)
            """
        ).df()
        sensitive = connection.sql(
            f"""
            select profile_id from features.profile_features
            where as_of = date '{as_of}' and price_sensitivity_decile > 7
            """
        ).df()
        self.price_sensitive = set(sensitive["profile_id"])
        self.statements = connection.sql(
            f"""
            select profile_id, record_id, is_granted, changed_at
            from conformed.consents join (from {known}) using (record_id)
            where purpose = 'email_marketing'
            """
        ).df()

    def within(self, rows: pd.DataFrame, days: int) -> pd.DataFrame:
        """Leave the rows of the days that end with the day."""
        last = pd.Timestamp(self.as_of)
        return rows[(rows["day"] <= last) & (rows["day"] > last - timedelta(days=days))]

    def bought(self, days: int, **products: str) -> pd.DataFrame:
        """Lines of orders within days, of these products."""
        lines = self.within(self._lines, days)
        for column, value in products.items():
            lines = lines[lines[column] == value]
        return lines

    def did(self, days: int, *kinds: str) -> pd.DataFrame:
        """Interactions and orders within days, of these kinds."""
        rows = self.within(self._interactions, days)
        return rows[rows["kind"].isin(kinds)]


def soft_drink_buyers(behaviour: Behaviour) -> set[str]:
    days = behaviour.bought(90, category="SOFT DRINKS").groupby("profile_id")["day"].nunique()
    return set(days[days >= 3].index)


def soft_drink_cross_sell(behaviour: Behaviour) -> set[str]:
    snacks = behaviour.bought(90, category="BAG SNACKS")["profile_id"]
    return {*snacks} - {*behaviour.bought(90, category="SOFT DRINKS")["profile_id"]}


def recent_soft_drink_buyers(behaviour: Behaviour) -> set[str]:
    return set(behaviour.bought(7, category="SOFT DRINKS")["profile_id"])


def recent_buyers(behaviour: Behaviour) -> set[str]:
    return set(behaviour.did(7, "order")["profile_id"])


def coffee_up_sell(behaviour: Behaviour) -> set[str]:
    private = behaviour.bought(180, category="COFFEE", brand="Private")["profile_id"]
    national = behaviour.bought(180, category="COFFEE", brand="National")["profile_id"]
    return {*private} - {*national} - behaviour.price_sensitive


def unsubscribed(behaviour: Behaviour) -> set[str]:
    statements = behaviour.statements
    end = pd.Timestamp(behaviour.as_of) + timedelta(days=1)
    # Of one moment the refusal is last, and one at the end of the day is of the day.
    is_said = (statements["changed_at"] < end) | (
        (statements["changed_at"] == end) & ~statements["is_granted"]
    )
    ordered = statements[is_said].sort_values(["changed_at", "is_granted"], ascending=[True, False])
    latest = ordered.groupby(["profile_id", "record_id"])["is_granted"].last()
    return set(latest[~latest].reset_index()["profile_id"])


@pytest.fixture(scope="module")
def warehouse(deployment: Deployment) -> Iterator:
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        yield connection.con


@pytest.mark.parametrize(
    "expected",
    [
        soft_drink_buyers,
        soft_drink_cross_sell,
        recent_soft_drink_buyers,
        recent_buyers,
        coffee_up_sell,
        unsubscribed,
    ],
)
def test_a_segment_names_whom_pandas_finds(deployment, warehouse, expected):
    named: dict[date, set[str]] = {day: set() for day in deployment.days}
    rows = warehouse.execute(f"select profile_id, as_of from segments.{expected.__name__}")
    for profile, day in rows.fetchall():
        named[day].add(profile)
    assert named == {day: expected(Behaviour(warehouse, day)) for day in deployment.days}
    assert any(named.values()), "nobody did it: the test shows nothing"
