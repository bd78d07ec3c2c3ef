"""Figures about profiles, on tables made by hand."""

from datetime import UTC, datetime

import ibis
import pytest
from ibis.backends.duckdb import Backend

from dagster_project.resolution.figures import IdentityFigures, identity_figures

_TABLES = """
    create schema identity;
    create table identity.identity_map (record_id varchar, profile_id varchar);
    create table identity.identity_rejected_links (
        record_id_a varchar, record_id_b varchar, rule varchar, reason varchar
    );
    create table identity.identity_conflicts (
        component_number bigint, reason varchar, record_id varchar
    );
    create table identity.identity_confidences (
        profile_id varchar, bridge_count integer, confidence double
    );
    create table identity.identity_history (
        record_id varchar, revision integer, changed_at timestamptz
    );
    create table identity.identity_changes (
        revision integer, previous_profile_id varchar, profile_id varchar, change varchar,
        cause varchar
    );
"""


@pytest.fixture
def warehouse() -> Backend:
    connection = ibis.duckdb.connect()
    connection.con.execute("set timezone = 'UTC'")
    connection.con.execute(_TABLES)
    return connection


def test_figures_tell_how_records_became_profiles(warehouse: Backend) -> None:
    warehouse.con.execute(
        """
        insert into identity.identity_map values
            ('1', 'a'), ('2', 'b'), ('3', 'b'), ('4', 'c'), ('5', 'c'), ('6', 'c'), ('7', 'd');
        insert into identity.identity_map
        select 'many' || number, 'e' from range(8) as many (number);
        insert into identity.identity_rejected_links values
            ('1', '2', 'email', 'blocked'), ('1', '3', 'email', 'blocked'),
            ('1', '3', 'phone', 'over a limit');
        insert into identity.identity_conflicts values
            (1, 'too many values of loyalty_id', '1'), (1, 'too many records', '1');
        insert into identity.identity_confidences values
            ('a', 0, 1.0), ('b', 1, 0.95), ('c', 2, 0.9), ('d', 0, 1.0), ('e', 1, 0.4);
        insert into identity.identity_history values
            ('1', 1, '2026-11-01 04:00:00+00'), ('2', 2, '2026-11-02 04:00:00+00'),
            ('3', 3, '2026-11-03 04:00:00+00');
        insert into identity.identity_changes values
            (2, 'x', 'a', 'merged', 'rule change'),
            (3, 'y', 'a', 'merged', 'new record'), (3, 'z', 'a', 'merged', 'new record'),
            (3, 'b', 'd', 'split', 'override');
        """
    )
    assert identity_figures(warehouse) == IdentityFigures(
        records=15,
        profiles=5,
        largest_profile=8,
        records_alone_share=2 / 15,
        profiles_by_size={"1": 2, "2 to 5": 2, "6 to 20": 1},
        components_cut=1,
        rejected_links={"blocked": 2, "over a limit": 1},
        bridges=4,
        doubtful_profiles=2,
        changed_at=datetime(2026, 11, 3, 4, tzinfo=UTC),
        changes={"merged: new record": 2, "split: override": 1},
    )


def test_changes_of_an_earlier_revision_are_not_the_last(warehouse: Backend) -> None:
    warehouse.con.execute(
        """
        insert into identity.identity_history (record_id, revision) values ('1', 1), ('2', 2);
        insert into identity.identity_changes values (1, 'x', 'a', 'merged', 'rule change');
        """
    )
    assert identity_figures(warehouse).changes == {}


def test_without_records_there_are_no_shares(warehouse: Backend) -> None:
    figures = identity_figures(warehouse)
    assert (figures.records, figures.largest_profile, figures.records_alone_share) == (0, 0, None)
    assert figures.changed_at is None


def test_what_changed_last_comes_with_its_time_however_long_ago_that_was(
    warehouse: Backend,
) -> None:
    warehouse.con.execute(
        """
        insert into identity.identity_history values ('1', 1, '2026-11-01 04:00:00+00');
        insert into identity.identity_changes values (1, 'x', 'a', 'merged', 'rule change');
        """
    )
    figures = identity_figures(warehouse)
    assert figures.changed_at == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert figures.changes == {"merged: rule change": 1}
