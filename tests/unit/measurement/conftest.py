"""A warehouse in memory with the few columns of it that measurement reads."""

from collections.abc import Iterator

import ibis
import pytest
from ibis.backends.duckdb import Backend

SEGMENTS = ("all_customers", "at_risk", "athletes", "champions")


@pytest.fixture
def warehouse() -> Iterator[Backend]:
    connection = ibis.duckdb.connect()
    engine = connection.con
    for schema in ("segments", "conformed", "identity", "profiles"):
        engine.execute(f"create schema {schema}")
    for segment in SEGMENTS:
        engine.execute(f"create table segments.{segment} (profile_id varchar, as_of date)")
    engine.execute(
        """
        create table conformed.orders (
            order_id varchar, record_id varchar, ordered_on date, sales_amount decimal(12, 2)
        )
        """
    )
    engine.execute(
        """
        create table identity.identity_map (
            source varchar, source_record_id varchar, record_id varchar, profile_id varchar
        )
        """
    )
    engine.execute(
        """
        create table identity.identity_history (
            record_id varchar, revision integer, profile_id varchar, previous_profile_id varchar
        )
        """
    )
    engine.execute(
        """
        create table identity.profile_aliases (
            profile_id varchar, current_profile_id varchar, is_current boolean
        )
        """
    )
    engine.execute("create table profiles.profiles (profile_id varchar, first_seen_on date)")
    yield connection
    connection.disconnect()
