"""The published copy: what is in it, and how it takes the old one's place."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.engine import open_warehouse
from dagster_project.publication import publish


@pytest.fixture
def warehouse(tmp_path: Path):
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        connection.con.execute(
            """
            create schema profiles;
            create schema metrics;
            create table profiles.profiles as
                select 'p1' as profile_id, 'ada@example.com' as email, 'gold' as loyalty_tier;
            create table metrics.segment_memberships as
                select * from (values
                    ('champions', 'p1', date '2026-10-01', null),
                    ('champions', 'p2', date '2026-10-01', date '2026-10-05'),
                    ('athletes', 'p2', date '2026-10-02', null)
                ) as membership (segment, profile_id, entered_on, exited_on);
            """
        )
        yield connection


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "the analysts' copy" / "segmentation.duckdb"


def _publish(warehouse, published: Path):
    return publish(
        warehouse,
        published,
        profile_columns=["profile_id", "loyalty_tier"],
        segments=["athletes", "champions"],
    )


def test_profiles_are_published_without_personal_columns(warehouse, published: Path):
    _publish(warehouse, published)
    with duckdb.connect(str(published), read_only=True) as copy:
        assert copy.sql("from profiles.profiles").columns == ["profile_id", "loyalty_tier"]


def test_a_published_segment_holds_its_current_members_only(warehouse, published: Path):
    _publish(warehouse, published)
    with duckdb.connect(str(published), read_only=True) as copy:
        assert copy.sql("select profile_id from segments.champions").fetchall() == [("p1",)]


def test_the_tables_of_metrics_are_published_whole(warehouse, published: Path):
    rows = _publish(warehouse, published)
    assert rows["metrics.segment_memberships"] == 3


def test_the_published_copy_cannot_be_written(warehouse, published: Path):
    _publish(warehouse, published)
    assert published.stat().st_mode & 0o222 == 0


def test_a_reader_keeps_the_copy_he_has_open(warehouse, published: Path):
    _publish(warehouse, published)
    with duckdb.connect(str(published), read_only=True) as copy:
        warehouse.con.execute("delete from metrics.segment_memberships")
        _publish(warehouse, published)
        assert copy.sql("select count(*) from segments.champions").fetchone() == (1,)
    with duckdb.connect(str(published), read_only=True) as copy:
        assert copy.sql("select count(*) from segments.champions").fetchone() == (0,)


def test_what_a_killed_publication_left_is_in_nobodys_way(warehouse, published: Path):
    published.parent.mkdir()
    for left in (".segmentation.duckdb.next", ".segmentation.duckdb.next.wal"):
        (published.parent / left).write_text("half a copy")
    _publish(warehouse, published)
    assert list(published.parent.iterdir()) == [published]


def test_a_publication_that_fails_leaves_the_old_copy_and_nothing_else(warehouse, published: Path):
    _publish(warehouse, published)
    before = published.read_bytes()
    warehouse.con.execute("drop table profiles.profiles")
    with pytest.raises(duckdb.CatalogException):
        _publish(warehouse, published)
    assert published.read_bytes() == before
    assert list(published.parent.iterdir()) == [published]
