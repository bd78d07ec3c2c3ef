"""What a person is told of changes before they are made, on tables made by hand."""

import ibis

from dagster_project.resolution.pending_changes import Example, read_pending_changes

TABLES = """
    create schema identity;
    create table identity.identity_proposals (record_id varchar, profile_id varchar);
    create table identity.identity_pending_changes (
        record_id varchar, profile_id varchar, previous_profile_id varchar, change varchar,
        cause varchar
    );
    create table identity.identity_overrides (record_id_a varchar, record_id_b varchar);
    create schema conformed;
    create table conformed.customer_records (record_id varchar);
"""


def test_the_report_counts_profiles_and_names_the_largest_and_examples_by_id():
    connection = ibis.duckdb.connect()
    connection.con.execute(TABLES)
    connection.con.execute(
        """
        insert into identity.identity_proposals values
            ('a1', 'pA'), ('a2', 'pA'), ('b', 'pA'), ('c1', 'pC'), ('c2', 'pNew'), ('d', 'pD');
        insert into identity.identity_pending_changes values
            ('a2', 'pA', 'pOld', 'merged', 'rule change'),
            ('b', 'pA', 'pB', 'merged', 'new record'), ('b2', 'pA', 'pB', 'merged', 'new record'),
            ('c2', 'pNew', 'pC', 'split', 'override'), ('d', 'pD', null, 'added', 'new record'),
            ('gone', null, 'pX', 'removed', 'removed record');
        """
    )
    changes = read_pending_changes(connection)

    assert (changes.profiles, changes.merged, changes.split) == (4, 2, 1)
    assert (changes.added, changes.removed) == (1, 1)
    assert changes.largest[0] == ("pA", 3)
    assert changes.merges == [
        Example("pB", "pA", "new record", 2),
        Example("pOld", "pA", "rule change", 1),
    ]
    assert changes.splits == [Example("pC", "pNew", "override", 1)]
    assert "2 profiles would be merged into others, 1 would be split" in changes.as_markdown()
    assert "| pB | pA | new record | 2 |" in changes.as_markdown()


def test_without_any_change_the_report_says_so_without_examples():
    connection = ibis.duckdb.connect()
    connection.con.execute(TABLES)
    changes = read_pending_changes(connection)

    assert changes.as_markdown().startswith("0 profiles would be merged into others, 0 would be")
    assert "such as" not in changes.as_markdown()


def test_the_report_names_decisions_about_records_that_are_not_there():
    connection = ibis.duckdb.connect()
    connection.con.execute(TABLES)
    connection.con.execute(
        """
        insert into conformed.customer_records values ('crm:1'), ('crm:2');
        insert into identity.identity_overrides values
            ('crm:1', 'crm:2'), ('crm:2', 'crm:l'), ('shop:8', 'shop:9');
        """
    )
    changes = read_pending_changes(connection)

    assert changes.idle_decisions == [
        ("crm:2", "crm:l", "crm:l"),
        ("shop:8", "shop:9", "shop:8"),
        ("shop:8", "shop:9", "shop:9"),
    ]
    assert "| crm:2 | crm:l | crm:l |" in changes.as_markdown()
