"""What dbt's SQL asks of Python, functions and a variable: a plugin of dbt-duckdb (`profiles.yml`).

Belongs here: their names and types in SQL. Does not belong here: what they compute (the libraries).
dbt imports this module each time that it starts, so it imports nothing that takes long by itself.
"""

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from duckdb.func import ARROW, SPECIAL
from duckdb.sqltypes import DOUBLE, VARCHAR, DuckDBPyType

from dagster_project.resolution.phone_numbers import normalise_phone, phone_rules_version


class Plugin(BasePlugin):
    """Offers the functions and the variable to every connection that dbt opens."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register the functions."""
        conn.create_function(
            "normalise_phone",
            _normalise_phone,
            [VARCHAR, VARCHAR, VARCHAR],
            VARCHAR,
            # A number that is none is null.
            null_handling=SPECIAL,
        )
        conn.create_function(
            "expected_orders",
            _expected_orders,
            # One list: repeats, age, weeks_ahead, yearly_discount_rate, r, alpha, a, b.
            [DuckDBPyType("DOUBLE[]")],
            DOUBLE,
            type=ARROW,
            # What cannot be computed is null.
            null_handling=SPECIAL,
        )

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Set the variable `phone_rules_version`.

        It is no function, since each run asks for it, and DuckDB imports pandas to call one.
        """
        cursor.execute(f"set variable phone_rules_version = '{phone_rules_version()}'")


def _normalise_phone(phone: str | None, region: str, default_region: str) -> str | None:
    return normalise_phone(phone, region, default_region) if phone else None


def _expected_orders(rows: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    from dagster_project.valuation.closed_forms import expected_orders  # noqa: PLC0415

    # Nulls become what is no number, and that becomes null again.
    flat = rows.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    arguments = flat.astype(float).reshape(len(rows), -1).T
    names = ("repeats", "age", "weeks_ahead", "yearly_discount_rate", "r", "alpha", "a", "b")
    numbers = expected_orders(**dict(zip(names, arguments, strict=True)))
    return pa.array(numbers, from_pandas=True)
