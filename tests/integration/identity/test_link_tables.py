"""What the tables of links hold: which records, by what kind of value, and never the value."""

import pytest

from tests.integration.identity.conftest import BuiltStage

pytestmark = pytest.mark.xdist_group("identity")

TABLES = ("identity_edges", "identity_rejected_links")


def test_links_hold_the_kind_of_a_value_and_its_weight_and_never_the_value(
    before: BuiltStage,
) -> None:
    columns = before.rows(
        f"""
        select table_name, list(column_name order by column_name)
        from information_schema.columns
        where table_name in {TABLES}
        group by table_name
        order by table_name
        """
    )
    kinds = before.rows("select kind from identity.identity_rules")
    rules = before.rows(
        "select distinct rule from identity.identity_edges "
        "union select distinct rule from identity.identity_rejected_links"
    )

    ends = ["record_id_a", "record_id_b"]
    numbers = ["record_number_a", "record_number_b"]
    assert columns == [
        ("identity_edges", [*ends, *numbers, "rule", "weight"]),
        ("identity_rejected_links", ["reason", *ends, "rule", "weight"]),
    ]
    assert rules
    assert {*rules} <= {*kinds, ("fuzzy",), ("override",)}


def test_a_value_beside_a_link_stops_the_run(stage: BuiltStage) -> None:
    for table in TABLES:
        model = stage.project / "models" / "identity" / f"{table}.sql"
        model.write_text(f"select *, 'ann@web.example' as value from ({model.read_text()})")
    succeeded, output = stage.dbt("run", "--select", *TABLES)
    columns = stage.rows(
        f"from information_schema.columns where table_name in {TABLES} and column_name = 'value'"
    )

    assert not succeeded
    assert output.count("This model has an enforced contract that failed") == len(TABLES)
    assert columns == []
