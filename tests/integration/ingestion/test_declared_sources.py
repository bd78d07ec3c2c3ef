"""The sources of this deployment: each one loads, and Great Expectations knows its words."""

from pathlib import Path

import pytest
import yaml

import dagster_project.defs
from dagster_project.components.file_source import FileSource
from dagster_project.ingestion import SourceTable, TableRejectedError
from dagster_project.ingestion.expectations import Judge, Rule
from tests.integration.ingestion.conftest import Shop

DECLARATIONS = sorted(
    (Path(str(dagster_project.defs.__file__)).parent / "ingestion").glob("*/defs.yaml")
)


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: path.parent.name)
def test_a_declared_source_is_complete(path: Path) -> None:
    source = FileSource.resolve_from_dict(yaml.safe_load(path.read_text())["attributes"])

    assert source.source == path.parent.name
    for table in source.tables:
        rules = [Rule(number, one) for number, one in enumerate(table.all_expectations)]
        judge = Judge(table, rules)
        assert len(judge.row_rules) + len(judge.table_rules) == len(rules)
        assert table.path.startswith(f"{source.source}/{table.name}/")
        assert all(column.description for column in table.columns.values())


def declared(source: str, table: str) -> SourceTable:
    (path,) = (path for path in DECLARATIONS if path.parent.name == source)
    loaded = FileSource.resolve_from_dict(yaml.safe_load(path.read_text())["attributes"])
    return next(one for one in loaded.tables if one.name == table)


def test_a_refusal_is_loaded_whatever_else_is_wrong_with_it(shop: Shop) -> None:
    shop.land(
        "preferences/consents/2026-01-01.csv",
        "consent_id,subject_id,email,phone,purpose,is_granted,changed_at\n"
        "1,s,,,email_marketing,perhaps,2026-01-01 10:00:00\n"
        "2,s,,,email_marketing,,2026-01-01 10:00:00\n"
        "3,s,,,email_marketing,false,2031-01-01 10:00:00\n"
        "4,s,,,fax,false,2026-01-01 10:00:00\n",
    )

    result = shop.load(declared("preferences", "consents"))

    assert result.rows_rejected == 0
    assert shop.rows("select is_granted from raw.shop__consents") == [(False,)] * 4
    assert sum(result.replaced_by_rule.values()) == 2
    assert [one.failed for one in result.outcomes if one.severity == "warning"].count(1) == 2


def test_a_consent_that_has_to_be_rejected_stops_the_table(shop: Shop) -> None:
    consents = declared("preferences", "consents")
    shop.land(
        "preferences/consents/2026-01-01.csv",
        "consent_id,subject_id,email,phone,purpose,is_granted,changed_at\n"
        "1,s,,,email_marketing,false,yesterday\n",
    )

    with pytest.raises(TableRejectedError, match="row 1: column changed_at is no timestamp"):
        shop.load(consents)


def test_an_unsubscribe_from_a_clock_that_is_ahead_is_loaded(shop: Shop) -> None:
    shop.land(
        "email/engagement/2026-01-01.ndjson",
        '{"event_id": "1", "subscriber_id": "s", "email": "a@example.com", "campaign_id": "c", '
        '"event_type": "unsubscribed", "occurred_at": "2026-01-02T00:00:01"}\n',
    )

    assert shop.load(declared("email", "engagement")).rows_rejected == 0
