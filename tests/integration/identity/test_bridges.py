"""A link is a bridge where its cluster falls apart without it, whatever the cluster looks like."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb
import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.identity.test_components import union_find

pytestmark = pytest.mark.xdist_group("identity")

Row = tuple[str, str, str]
"""The name of a link and two nodes of it."""
Part = frozenset[str]

RECORDS = [f"s:{number}" for number in range(14)]
CHAIN = 1000
COLUMNS = ("cluster_number", "link", "record_number_a", "record_number_b")

pairs = st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS))
# Few links of many rows, as shared values are, or many links of one row.
graphs = st.one_of(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), pairs), min_size=1, max_size=30),
    st.lists(pairs, min_size=1, max_size=30).map(lambda links: list(enumerate(links))),
).map(lambda links: [(str(link), one, other) for link, (one, other) in links])


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def query() -> str:
    """The macro's SQL, over a table `links`."""
    folder = Path(PROJECT_FOLDER) / "macros"
    dispatched = (
        "{% macro connected_components(edges, node_a, node_b) %}"
        "{{ duckdb__connected_components(edges, node_a, node_b) }}{% endmacro %}"
    )
    arguments = ", ".join(map(repr, ("links", *COLUMNS)))
    called = f"{{{{ duckdb__bridges({arguments}) }}}}"
    macros = [(folder / f"{name}.sql").read_text() for name in ("connected_components", "bridges")]
    return jinja2.Template("".join([*macros, dispatched, called])).render()


def connected(nodes: Iterable[str], rows: Iterable[Row]) -> set[Part]:
    """Tell what the nodes fall into if links are as whole as their rows are connected."""
    ends = defaultdict(set)
    for link, one, other in rows:
        ends[link] |= {one, other}
    edges = [edge for nodes_of in ends.values() for edge in itertools.pairwise(sorted(nodes_of))]
    component = {node: node for node in nodes} | union_find(edges)
    parts = defaultdict(set)
    for node, name in component.items():
        parts[name].add(node)
    return {frozenset(part) for part in parts.values()}


def clustered(rows: Sequence[Row]) -> list[tuple[str, *Row]]:
    """Name each row's cluster, and its link after the cluster: one name may be in several."""
    ends = {node for _, *nodes in rows for node in nodes}
    cluster = {node: min(part) for part in connected(ends, rows) for node in part}
    return [(cluster[one], f"{link} of {cluster[one]}", one, other) for link, one, other in rows]


def parts_without(rows: Iterable[tuple[str, *Row]]) -> dict[str, set[Part]]:
    """Leave out each link in turn, and tell what its cluster falls into, if it does."""
    found = {}
    for _, rows_of_cluster in itertools.groupby(sorted(rows), key=lambda row: row[0]):
        links = [row[1:] for row in rows_of_cluster]
        nodes = {node for _, *ends in links for node in ends}
        for name in {link for link, *_ in links}:
            parts = connected(nodes, [row for row in links if row[0] != name])
            if len(parts) > 1:
                found[name] = parts
    return found


def parts_found(
    connection: duckdb.DuckDBPyConnection, query: str, rows: Iterable[tuple[str, *Row]]
) -> dict[str, list[Part]]:
    rows = list(rows)
    names = sorted({name for row in rows for name in row})
    number = {name: position for position, name in enumerate(names)}
    unnested = ", ".join(f"unnest(?::bigint[]) as {column}" for column in COLUMNS)
    connection.execute(
        f"create or replace table links as select {unnested}",
        [[number[name] for name in values] for values in zip(*rows, strict=True)],
    )
    found = defaultdict(list)
    for link, part, nodes in connection.sql(
        f"select link, part, list(node) from ({query}) group by link, part"
    ).fetchall():
        assert part in nodes, "a part bears the number of one of its nodes"
        assert len(nodes) == len(set(nodes)), "a node is in a part once"
        found[names[link]].append(frozenset(names[node] for node in nodes))
    return found


@settings(max_examples=60)
@given(rows=graphs.map(clustered))
def test_bridges_are_what_leaving_out_each_link_in_turn_finds(
    warehouse: duckdb.DuckDBPyConnection, query: str, rows: list[tuple[str, *Row]]
) -> None:
    expected = parts_without(rows)
    found = parts_found(warehouse, query, rows)

    assert found.keys() == expected.keys()
    for link, parts in found.items():
        assert len(parts) == len(expected[link]) - 1
        assert set(parts) < expected[link]
        (rest,) = expected[link] - set(parts)
        assert len(rest) == max(map(len, expected[link])), "the largest part is the rest"


def test_every_link_of_a_long_chain_is_a_bridge_and_parts_it_where_it_is(
    warehouse: duckdb.DuckDBPyConnection, query: str
) -> None:
    warehouse.execute(
        "create or replace table links as select 0 as cluster_number, i as link, "
        "i as record_number_a, i + 1 as record_number_b "
        f"from range({CHAIN - 1}) as numbers(i)"
    )
    found = warehouse.sql(
        f"select link, count(*), count(distinct part) from ({query}) group by link"
    ).fetchall()

    assert sorted(found) == sorted(
        (link, min(link + 1, CHAIN - 1 - link), 1) for link in range(CHAIN - 1)
    )


def test_of_two_links_between_the_same_two_records_neither_is_a_bridge(
    warehouse: duckdb.DuckDBPyConnection, query: str
) -> None:
    parallel = [("s:a", "phone", "s:a", "s:b"), ("s:a", "email", "s:b", "s:a")]
    single = ("s:a", "card", "s:b", "s:c")

    assert parts_found(warehouse, query, parallel) == {}
    assert parts_found(warehouse, query, [*parallel, single]) == {"card": [frozenset({"s:c"})]}


def test_a_value_that_holds_two_groups_is_a_bridge_though_none_of_its_rows_is(
    warehouse: duckdb.DuckDBPyConnection, query: str
) -> None:
    shared = [("s:a1", "phone", "s:a1", other) for other in ("s:a2", "s:b1", "s:b2")]
    groups = [("s:a1", "card", "s:a1", "s:a2"), ("s:a1", "account", "s:b1", "s:b2")]
    links = [*shared, *groups]
    one_by_one = [
        (cluster, f"{link} {one} {other}", one, other) for cluster, link, one, other in links
    ]

    assert parts_found(warehouse, query, links) == {"phone": [frozenset({"s:b1", "s:b2"})]}
    assert parts_found(warehouse, query, one_by_one) == {}
