"""Addresses that a source replaces by others: from the rows that land to the profile."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import dagster as dg
import duckdb
import pytest

from tests.integration.conftest import UNTIL, Deployment

pytestmark = pytest.mark.xdist_group("deployment")

# On the last day a customer states another address and gives the number up, and a subscriber's
# events come from another address. Both are alone in their profiles.
CHANGES = f"""
    create temporary table alone as
    select records.source, min_by(records, record_id) as record
    from conformed.customer_records as records
    join identity.identity_map using (record_id)
    join profiles.profiles using (profile_id)
    where profiles.email is not null
        and (profiles.phone is not null or records.source = 'email__subscribers')
        and profile_id in (
            select profile_id from identity.identity_map group by profile_id having count(*) = 1
        )
    group by records.source;

    insert into raw.crm__customers
    select rows.* replace (
        'another-' || rows.email as email,
        null as phone,
        timestamp '{UNTIL} 12:00:00' as updated_at,
        date '{UNTIL}' as _landed_on
    )
    from raw.crm__customers as rows
    join alone on trim(customer_id) = record.source_record_id and source = 'crm__customers';

    insert into raw.email__engagement
    select rows.* replace (
        'with another address' as event_id,
        'another-' || rows.email as email,
        timestamp '{UNTIL} 12:00:00' as occurred_at,
        date '{UNTIL}' as _landed_on
    )
    from raw.email__engagement as rows
    join alone on trim(subscriber_id) = record.source_record_id and source = 'email__subscribers'
    limit 1;

    select source, record.record_id, lower(record.email) from alone;
"""


@dataclass(frozen=True)
class Changed:
    """A deployment in which a customer and a subscriber have told of other addresses.

    Attributes:
        warehouse: The warehouse after a run.
        records: The records by their source.
    """

    warehouse: duckdb.DuckDBPyConnection
    records: dict[str, tuple[str, str]]

    def points(self, source: str) -> list[tuple[object, ...]]:
        """Tell what the person behind the record of a source has been reached by."""
        record_id, email = self.records[source]
        return self.warehouse.execute(
            f"""
            select
                kind, is_current, is_primary,
                last_seen_at = timestamp '{UNTIL} 12:00:00' as is_of_that_day
            from profiles.contact_points
            join identity.identity_map using (profile_id)
            where record_id = ? and (kind = 'phone' or value in (?, 'another-' || ?))
            order by kind, is_current, is_primary
            """,
            [record_id, email, email],
        ).fetchall()


@pytest.fixture(scope="module")
def changed(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Changed]:
    folder = tmp_path_factory.mktemp("changed")
    with deployment.copied_to(folder / "home") as made:
        with duckdb.connect(str(made.home.warehouse)) as connection:
            rows = connection.execute(CHANGES).fetchall()
        stages = dg.AssetSelection.groups("conformed", "identity", "profiles")
        assert made.run_daily(UNTIL, stages).success
    with duckdb.connect(str(made.home.warehouse), read_only=True) as warehouse:
        yield Changed(warehouse, {source: (record, email) for source, record, email in rows})
    shutil.rmtree(folder)


def test_an_address_and_a_number_that_a_customer_gave_up_stay_as_earlier_ones(changed: Changed):
    assert changed.points("crm__customers") == [
        ("email", False, False, False),
        ("email", True, True, True),
        ("phone", False, False, False),
    ]


def test_an_earlier_address_of_a_subscriber_stays_as_an_earlier_one(changed: Changed):
    assert changed.points("email__subscribers") == [
        ("email", False, False, False),
        ("email", True, True, True),
    ]
