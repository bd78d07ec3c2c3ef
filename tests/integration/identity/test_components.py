"""Records are one component where links connect them, whatever the graph looks like."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.identity.conftest import CompiledQueries

pytestmark = pytest.mark.xdist_group("identity")

Edge = tuple[str, str]

RECORDS = [f"s:{number}" for number in range(40)]
LONG = 100_000

single_edges = st.lists(
    st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)), max_size=len(RECORDS)
)


@st.composite
def chains(draw: st.DrawFn) -> list[Edge]:
    """Draw a chain or a cycle over records in any order."""
    records = draw(st.permutations(RECORDS))[: draw(st.integers(2, len(RECORDS)))]
    edges = list(itertools.pairwise(records))
    return [*edges, (records[-1], records[0])] if draw(st.booleans()) else edges


@st.composite
def stars(draw: st.DrawFn) -> list[Edge]:
    """Draw a star whose centre may be any of its records, its edges in either direction."""
    centre, *others = draw(st.permutations(RECORDS))[: draw(st.integers(2, len(RECORDS)))]
    return [draw(st.sampled_from([(centre, other), (other, centre)])) for other in others]


graphs = st.lists(st.one_of(single_edges, chains(), stars()), max_size=3).map(
    lambda parts: [edge for part in parts for edge in part]
)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def query() -> str:
    """The macro's SQL, over a table `edges`."""
    macro = (Path(PROJECT_FOLDER) / "macros" / "connected_components.sql").read_text()
    called = "{{ duckdb__connected_components('edges', 'record_id_a', 'record_id_b') }}"
    return jinja2.Template(macro + called).render()


def union_find(edges: Iterable[Edge]) -> dict[str, str]:
    """Tell the smallest node that each node is connected with, one edge after the other."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        while parent.setdefault(node, node) != node:
            node = parent[node]
        return node

    for edge in edges:
        smaller, larger = sorted(map(root, edge))
        parent[larger] = smaller
    return {node: root(node) for node in list(parent)}


def components(
    connection: duckdb.DuckDBPyConnection, query: str, edges: Iterable[Edge]
) -> list[tuple[str, str]]:
    rows = list(edges)
    connection.execute(
        "create or replace table edges as "
        "select unnest(?::varchar[]) as record_id_a, unnest(?::varchar[]) as record_id_b",
        [[one for one, _ in rows], [other for _, other in rows]],
    )
    return connection.sql(query).fetchall()


@settings(max_examples=40)
@given(edges=graphs)
def test_components_are_those_that_joining_edge_by_edge_gives(
    warehouse: duckdb.DuckDBPyConnection, query: str, edges: list[Edge]
) -> None:
    found = components(warehouse, query, edges)

    assert len(found) == len(dict(found)), "a node has one component"
    assert dict(found) == union_find(edges)


def test_nodes_of_one_hash_are_told_apart(warehouse: duckdb.DuckDBPyConnection, query: str) -> None:
    street = "10115, lindenstr 5, phone"
    same = (f"{street} +4915100000000", f"{street} +4915600000005")
    edges = [(profile, tie) for profile in ("p1", "p2") for tie in same]
    hashes = warehouse.sql(f"select hash('{same[0]}') = hash('{same[1]}')").fetchone()

    assert hashes == (True,)
    assert dict(components(warehouse, query, edges)) == union_find(edges)


@pytest.mark.parametrize(
    "edges",
    [
        pytest.param("(i, i + 1)", id="a chain in order"),
        pytest.param("(hash(i), hash(i + 1))", id="a chain in no order"),
        pytest.param("(i, (i + 1) % {LONG})", id="a ring"),
        pytest.param("(0, i + 1)", id="a star around its smallest record"),
        pytest.param("({LONG}, i)", id="a star around its largest record"),
    ],
)
def test_a_hundred_thousand_connected_records_are_one_component(
    warehouse: duckdb.DuckDBPyConnection, query: str, edges: str
) -> None:
    warehouse.execute(
        "create or replace table edges as "
        "select pair[1]::varchar as record_id_a, pair[2]::varchar as record_id_b "
        f"from (select {edges.format(LONG=LONG)} as pair from range({LONG}) as numbers(i))"
    )
    found = warehouse.sql(f"select count(distinct component) from ({query})").fetchone()

    assert found == (1,)


def test_records_without_identifiers_and_a_value_of_half_of_all_records_link_nothing(
    compiled_identity: CompiledQueries,
) -> None:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        connection.execute("create schema conformed; create schema identity")
        connection.execute(
            f"""
            create table conformed.customer_records as
            select 's:' || i as record_id, i as record_number,
                -- Half of all write one address, a quarter one of their own in pairs.
                case
                    when i % 2 = 0 then 'all@shop.example'
                    when i % 4 = 1 then 'pair' || i // 8 || '@web.example'
                end as email,
                null::varchar as phone, null::varchar as loyalty_id, null::varchar as account_id,
                null::varchar as customer_id, null::varchar as device_id,
                null::date as birth_date, null::varchar as country
            from range({LONG}) as numbers(i);
            create table identity.phone_numbers (phone varchar, region varchar, value varchar);
            create table identity.identifier_blocklist (
                kind varchar, pattern_type varchar, value varchar
            );
            create table identity.identity_rules as
            select 'email' as kind, 4 as priority, 8 as weight, 200 as max_records_per_value,
                null::integer as max_values_per_profile, false as is_personal;
            create table identity.first_names (
                record_id varchar, record_number bigint,
                stated_first_name varchar, first_name varchar
            );
            create table identity.first_name_variants (variant varchar, name varchar);
            create table identity.identity_overrides (
                record_id_a varchar, record_id_b varchar, decision varchar
            );
            """
        )
        for model in ("identifiers", "identity_components"):
            connection.execute(f"create table identity.{model} as {compiled_identity[model]}")
        sizes = connection.sql(
            "select size, count(*) from (select count(*) as size from identity.identity_components "
            "group by component_number) group by size order by size"
        ).fetchall()

    assert sizes == [(1, LONG * 3 // 4), (2, LONG // 8)]


def test_half_of_all_records_are_one_component_where_their_value_may_link(
    warehouse: duckdb.DuckDBPyConnection, query: str
) -> None:
    warehouse.execute(
        "create or replace table edges as "
        "select 's:' || lpad((i * 2)::varchar, 7, '0') as record_id_b, "
        "min(record_id_b) over () as record_id_a "
        f"from range({LONG * 5}) as numbers(i)"
    )
    sizes = warehouse.sql(f"select count(*) from ({query}) group by component").fetchall()

    assert sizes == [(LONG * 5,)]
