"""Segments that ask what people did, each computed once more by pandas from the real purchases."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from tests.integration.real_purchases.conftest import CONDITIONS, LIBRARY
from tests.integration.real_purchases.facts import Facts
from tests.integration.real_purchases.habits import (
    brand_loyalties,
    discount_shares,
    impulse_order_shares,
    rhythms,
    seasonal_indexes,
)
from tests.integration.segments.project import SegmentsProject

pytestmark = pytest.mark.xdist_group("real_purchases")


def soft_drink_buyers(facts: Facts) -> set[int]:
    days = facts.bought(90, category="SOFT DRINKS").groupby("person")["day"].nunique()
    return {*days[days >= 3].index}


def soft_drink_cross_sell(facts: Facts) -> set[int]:
    snacks = facts.bought(90, category="BAG SNACKS")["person"]
    return {*snacks} - {*facts.bought(90, category="SOFT DRINKS")["person"]}


def recent_soft_drink_buyers(facts: Facts) -> set[int]:
    return {*facts.bought(7, category="SOFT DRINKS")["person"]}


def recent_buyers(facts: Facts) -> set[int]:
    return {*facts.did(7, "order")["person"]}


def came_thirty_times(facts: Facts) -> set[int]:
    orders = facts.did(365, "order").groupby("person").size()
    return {*orders[orders >= 30].index}


def did_not_come_thirty_times(facts: Facts) -> set[int]:
    return {*facts.people["person"]} - came_thirty_times(facts)


def spent_on_beef(facts: Facts) -> set[int]:
    cents = facts.bought(90, category="BEEF").groupby("person")["cents"].sum()
    return {*cents[cents >= 4990].index}


def bought_many_things(facts: Facts) -> set[int]:
    products = facts.bought(90).groupby("person")["product"].nunique()
    return {*products[(products >= 100) & (products <= 200)].index}


def answered_a_mail(facts: Facts) -> set[int]:
    mails = facts.did(90, "email_sent")[["person", "at"]]
    redemptions = facts.did(90, "redemption")[["person", "at"]]
    pairs = mails.merge(redemptions, on="person", suffixes=("_mail", "_redemption"))
    return {*pairs.loc[pairs["at_mail"] < pairs["at_redemption"], "person"]}


def silent_since_the_mail(facts: Facts) -> set[int]:
    mails = facts.did(90, "email_sent").groupby("person")["at"].max()
    orders = facts.did(90, "order")
    since = orders[orders["at"] >= orders["person"].map(mails)]
    return {*mails.index} - {*since["person"]}


def frequent_buyers(facts: Facts) -> set[int]:
    people = rhythms(facts)
    return {*people.index[(people["days"] >= 26) & (people["median"] <= 7)]}


def _with_five_orders(facts: Facts) -> set[int]:
    orders = facts.did(365, "order").groupby("person").size()
    return {*orders[orders >= 5].index}


def bargain_hunters(facts: Facts) -> set[int]:
    shares = discount_shares(facts)
    return _with_five_orders(facts) & {*shares[shares >= 0.25].index}


def brand_loyalists(facts: Facts) -> set[int]:
    loyalties = brand_loyalties(facts)
    return _with_five_orders(facts) & {*loyalties[loyalties >= 0.8].index}


def impulse_buyers(facts: Facts) -> set[int]:
    shares = impulse_order_shares(facts)
    return _with_five_orders(facts) & {*shares[shares >= 0.25].index}


def seasonal_shoppers(facts: Facts) -> set[int]:
    indexes = seasonal_indexes(facts)
    eager = indexes[(indexes["holiday"] >= 1.5) | (indexes["christmas"] >= 3)]
    days = (pd.Timestamp(facts.as_of) - rhythms(facts)["first"]).dt.days
    return _with_five_orders(facts) & {*eager.index} & {*days[days >= 300].index}


EXPECTED: tuple[Callable[[Facts], set[int]], ...] = (
    soft_drink_buyers,
    soft_drink_cross_sell,
    recent_soft_drink_buyers,
    recent_buyers,
    came_thirty_times,
    did_not_come_thirty_times,
    spent_on_beef,
    bought_many_things,
    answered_a_mail,
    silent_since_the_mail,
    frequent_buyers,
    bargain_hunters,
    brand_loyalists,
    impulse_buyers,
    seasonal_shoppers,
)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda segment: segment.__name__)
def test_a_segment_names_whom_pandas_finds(
    project: SegmentsProject, facts: Facts, as_of: date, expected: Callable[[Facts], set[int]]
):
    people = expected(facts)
    assert {int(profile) for profile in project.members(expected.__name__, as_of)} == people
    assert 0 < len(people) < len(facts.people)


def test_each_segment_of_these_tests_is_compared():
    assert {*LIBRARY, *CONDITIONS} == {segment.__name__ for segment in EXPECTED}
