"""How customers ordered up to a day, and after it: what the models are fitted to and judged by.

Belongs here: reading it from the warehouse. Does not belong here: what is made of it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from ibis.backends.duckdb import Backend

from dagster_project.valuation.closed_forms import Numbers

MOST_CUSTOMERS = 100_000
"""More customers teach seven parameters nothing; these are drawn by a hash, always the same."""

_HISTORIES = """
    with customers as (

        select identity_map.profile_id
        from identity.identity_map
        inner join conformed.daily_activity
            on identity_map.record_number = daily_activity.record_number
        where daily_activity.activity_type = 'order' and daily_activity.activity_on <= $until
        group by identity_map.profile_id
        order by md5(identity_map.profile_id)
        limit $most

    ),

    order_days as (

        select
            identity_map.profile_id,
            daily_activity.activity_on as ordered_on,
            cast(sum(daily_activity.sales_amount) as double) as sales_amount,
            daily_activity.activity_on <= $until as is_known,
            min(daily_activity.activity_on) over (partition by identity_map.profile_id)
                as first_order_on
        from customers
        inner join identity.identity_map on customers.profile_id = identity_map.profile_id
        inner join conformed.daily_activity
            on identity_map.record_number = daily_activity.record_number
        where daily_activity.activity_type = 'order' and daily_activity.activity_on <= $judged_until
        group by identity_map.profile_id, daily_activity.activity_on

    )

    select
        cast(count(*) filter (where is_known) - 1 as double) as repeats,
        (max(ordered_on) filter (where is_known) - any_value(first_order_on)) / 7 as recency,
        ($until - any_value(first_order_on)) / 7 as age,
        coalesce(sum(sales_amount) filter (where is_known and ordered_on > first_order_on), 0)
            as repeat_value,
        cast(count(*) filter (where not is_known) as double) as orders_after,
        coalesce(sum(sales_amount) filter (where not is_known), 0) as sales_after
    from order_days
    group by profile_id
    order by profile_id
"""


@dataclass(frozen=True)
class Histories:
    """The histories of customers, an entry of each array for each of them.

    Attributes:
        until: The day until which they are told.
        judged_until: The last day after it that is counted.
        repeats: Days with an order after the first one.
        recency: Weeks from the first order to the last.
        age: Weeks from the first order to the day.
        repeat_value: What was bought on the days of `repeats`.
        orders_after: Days with an order after the day.
        sales_after: What was bought on them.
    """

    until: date
    judged_until: date
    repeats: Numbers
    recency: Numbers
    age: Numbers
    repeat_value: Numbers
    orders_after: Numbers
    sales_after: Numbers

    @property
    def customers(self) -> int:
        """The number of customers."""
        return len(self.repeats)

    @property
    def repeat_customers(self) -> int:
        """The number of those who ordered on more than one day."""
        return int(np.count_nonzero(self.repeats))

    @property
    def weeks_after(self) -> float:
        """Weeks from the day to the last one that is counted."""
        return (self.judged_until - self.until).days / 7


def read_order_days(connection: Backend) -> tuple[date, date] | None:
    """Tell the first and the last day with an order of a known customer; null without any.

    Args:
        connection: The warehouse.
    """
    ((first, last),) = connection.con.sql(
        "select min(activity_on), max(activity_on) "
        "from conformed.daily_activity where activity_type = 'order'"
    ).fetchall()
    return (first, last) if first else None


def read_histories(
    connection: Backend, until: date, judged_until: date, *, most: int = MOST_CUSTOMERS
) -> Histories:
    """Read the histories of everybody who had ordered by a day.

    Args:
        connection: The warehouse.
        until: The day until which they are told.
        judged_until: The last day of the orders after it.
        most: For how many customers at most.
    """
    rows: pd.DataFrame = connection.con.execute(
        _HISTORIES, {"until": until, "judged_until": judged_until, "most": most}
    ).df()
    arrays = {str(name): rows[name].to_numpy(float) for name in rows}
    return Histories(until, judged_until, **arrays)


def read_training_histories(connection: Backend, holdout_days: int) -> tuple[date, Histories]:
    """Read all histories but for the last days, with what came in these.

    Args:
        connection: The warehouse.
        holdout_days: How many days are the last ones.

    Returns:
        The first day with an order, and the histories.

    Raises:
        LookupError: There is no order before the last days.
    """
    first, last = read_order_days(connection) or (date.max, date.max)
    until = last - timedelta(days=holdout_days)
    if first > until:
        raise LookupError(
            "conformed.daily_activity has no order of a known customer before the last "
            f"{holdout_days} days: there is nothing to estimate from. Run more history first."
        )
    return first, read_histories(connection, until, last)


def newest_day(connection: Backend) -> date | None:
    """Tell the newest day that value features describe; null without any.

    Args:
        connection: The warehouse.
    """
    ((day,),) = connection.con.sql("select max(as_of) from features.value_features").fetchall()
    newest: date | None = day
    return newest
