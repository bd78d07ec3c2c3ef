"""What the real households did, as frames: what pandas is asked about.

Belongs here: choosing facts by day, kind and product. Does not belong here: what is made of them.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import duckdb
import pandas as pd


@dataclass(frozen=True)
class Facts:
    """What people did up to a day, and what is known of products and holidays, whatever the day.

    What people did has a `day` and a `person`, a household's number.

    Attributes:
        as_of: The day.
        people: Who there is, since when.
        orders: Orders, with the record that bought; money is in cents.
        lines: Their lines, with what is known of the product.
        deeds: Mails, redemptions and orders, by their `kind` and time.
        products: The catalogue.
        holidays: From when to when people shop for what.
    """

    as_of: date
    people: pd.DataFrame
    orders: pd.DataFrame
    lines: pd.DataFrame
    deeds: pd.DataFrame
    products: pd.DataFrame
    holidays: pd.DataFrame

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection) -> Self:
        """Read all of a warehouse."""
        query = connection.sql
        return cls(
            as_of=date.max,
            people=query(
                "select profile_id::integer as person, first_seen_on as day from profiles.profiles"
            ).df(),
            orders=query(
                """
                select profile_id::integer as person, record_number as record, ordered_on as day,
                    channel, store_id as store, item_count as line_count,
                    (100 * sales_amount)::bigint as cents,
                    (100 * discount_amount)::bigint as discount_cents,
                    coupon_discount_amount > 0 as has_coupon
                from conformed.orders join identity.identity_map using (record_id)
                """
            ).df(),
            lines=query(
                """
                select profile_id::integer as person, record_number as record, ordered_on as day,
                    product_id::integer as product, category, brand, order_items.quantity,
                    (100 * order_items.sales_amount)::bigint as cents,
                    order_items.discount_amount > 0 as has_discount
                from conformed.order_items
                join conformed.orders using (order_id)
                join identity.identity_map using (record_id)
                left join conformed.products using (product_id)
                """
            ).df(),
            deeds=query(
                """
                select profile_id::integer as person, interaction_type as kind,
                    occurred_on as day, occurred_at as at
                from conformed.interactions join identity.identity_map using (record_id)
                union all by name
                select profile_id::integer as person, 'order' as kind,
                    ordered_on as day, ordered_at as at
                from conformed.orders join identity.identity_map using (record_id)
                """
            ).df(),
            products=query(
                "select product_id::integer as product, category, brand from conformed.products"
            ).df(),
            holidays=query("select holiday, starts_on, ends_on from features.holidays").df(),
        )

    def until(self, as_of: date) -> Self:
        """Leave out what came later."""
        last = pd.Timestamp(as_of)
        people, orders, lines, deeds = (
            rows[rows["day"] <= last] for rows in (self.people, self.orders, self.lines, self.deeds)
        )
        return replace(self, as_of=as_of, people=people, orders=orders, lines=lines, deeds=deeds)

    def within(self, days: int, rows: pd.DataFrame) -> pd.DataFrame:
        """Leave the rows of the days that end with the day."""
        return rows[rows["day"] > pd.Timestamp(self.as_of - timedelta(days=days))]

    def bought(self, days: int, category: str | None = None) -> pd.DataFrame:
        """Choose lines within days, of products of a category or all."""
        lines = self.within(days, self.lines)
        return lines if category is None else lines[lines["category"] == category]

    def did(self, days: int, kind: str) -> pd.DataFrame:
        """Choose mails, redemptions or orders within days."""
        return self.within(days, self.deeds[self.deeds["kind"] == kind])
