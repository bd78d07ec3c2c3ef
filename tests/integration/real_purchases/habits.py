"""How the real households are used to buy, as pandas finds it: rhythm, impulses, brands, seasons.

Belongs here: what a feature and a segment are both compared with. It follows the descriptions of
the columns, not the SQL behind them.
"""

import pandas as pd

from tests.integration.real_purchases.facts import Facts


def _order_days(facts: Facts) -> pd.DataFrame:
    """Tell on which days each person ordered, and how many days after the one before."""
    days = facts.orders[["person", "day"]].drop_duplicates().sort_values(["person", "day"])
    return days.assign(pause=days.groupby("person")["day"].diff().dt.days)


def rhythms(facts: Facts) -> pd.DataFrame:
    """Tell each person's days with orders, the days between, and when the last long pause ended."""
    days = _order_days(facts)
    days["earlier"] = days.groupby("person").cumcount()
    everyone = days.groupby("person")["day"].agg(["min", "max", "size"])
    lately = facts.within(365, days).groupby("person").agg({"pause": "median", "day": "size"})
    lately = lately.reindex(everyone.index)
    mean = (everyone["max"] - everyone["min"]).dt.days / (everyone["size"] - 1)
    own = lately["pause"].where(lately["day"] >= 3, mean.where(everyone["size"] >= 3))
    # A pause is judged by the days between the orders before it.
    spans = days.groupby("person")["pause"].cumsum() - days["pause"]
    before = (spans / (days["earlier"] - 1)).where(days["earlier"] >= 3, own.median())
    ended = facts.within(365, days[days["pause"] > 4 * before.clip(lower=7)])
    return pd.DataFrame(
        {
            "first": everyone["min"],
            "last": everyone["max"],
            "days": lately["day"].fillna(0),
            "median": lately["pause"],
            "expected": own.fillna(own.median()),
            "has_own": own.notna(),
            "back": ended.groupby("person")["day"].max(),
        }
    )


def impulse_order_shares(facts: Facts) -> pd.Series:
    """Tell the share of orders that are small, promoted and early by the rhythm of now."""
    orders = facts.within(365, facts.orders).merge(_order_days(facts), on=["person", "day"])
    is_small = orders["line_count"] <= 3
    is_promoted = orders["discount_cents"] > 0
    is_unplanned = 2 * orders["pause"] < orders["person"].map(rhythms(facts)["expected"])
    return (is_small & is_promoted & is_unplanned).groupby(orders["person"]).mean()


def discount_shares(facts: Facts) -> pd.Series:
    """Tell the share of the price before discounts that was saved by them."""
    cents = facts.within(365, facts.orders).groupby("person")[["cents", "discount_cents"]].sum()
    before = cents.sum(axis=1)
    return cents["discount_cents"] / before[before > 0]


def brand_loyalties(facts: Facts) -> pd.Series:
    """Tell the first brands' share of the categories that are bought again and have several."""
    brands = facts.products.groupby("category")["brand"].nunique()
    lines = facts.bought(365)
    lines = lines[lines["category"].map(brands) > 1]
    again = lines.groupby(["person", "category"])["cents"].transform("size") >= 3
    sales = lines[again].groupby(["person", "category", "brand"])["cents"].sum()
    firsts = sales.groupby(["person", "category"]).max().groupby("person").sum()
    total = lines[again].groupby("person")["cents"].sum()
    return firsts / total[total > 0]


def _seasonal_sales(facts: Facts) -> pd.DataFrame:
    """Tell what each person spent in each season, and in the year, in cents."""
    orders = facts.within(365, facts.orders)
    day = orders["day"]
    seasons = {f"quarter_{quarter}": day.dt.quarter == quarter for quarter in range(1, 5)}
    for holiday, starts_on, ends_on in facts.holidays.itertuples(index=False):
        for season in (holiday, "holiday"):
            seasons[season] = seasons.get(season, False) | day.between(starts_on, ends_on)
    seasons["year"] = day.notna()
    cents = {season: orders["cents"].where(is_in, 0) for season, is_in in seasons.items()}
    return pd.DataFrame(cents).groupby(orders["person"]).sum()


def seasonal_shares(facts: Facts) -> pd.DataFrame:
    """Tell the share of each person's sales that was made in each season."""
    sales = _seasonal_sales(facts)
    return sales.div(sales["year"], axis=0)


def seasonal_indexes(facts: Facts) -> pd.DataFrame:
    """Tell these shares by those of everybody's sales together."""
    sales = _seasonal_sales(facts).sum()
    return seasonal_shares(facts) / (sales / sales["year"])
