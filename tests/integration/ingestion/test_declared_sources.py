"""The sources of this deployment: each one loads, and Great Expectations knows its words."""

import json
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


CONSENTS_HEADER = "consent_id,subject_id,email,phone,purpose,is_granted,changed_at\n"
UNSUBSCRIBE = {
    "event_id": "1",
    "subscriber_id": "s",
    "event_type": "unsubscribed",
    "occurred_at": "2026-01-01T10:00:00",
}


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
        CONSENTS_HEADER + "1,s,,,email_marketing,perhaps,2026-01-01 10:00:00\n"
        "2,s,,,email_marketing,,2026-01-01 10:00:00\n"
        "3,s,,,email_marketing,false,2031-01-01 10:00:00\n"
        "4,s,,, EMAIL_Marketing ,false,2026-01-01 10:00:00\n",
    )

    result = shop.load(declared("preferences", "consents"))

    assert result.rows_rejected == 0
    assert shop.rows("select is_granted from raw.shop__consents") == [(False,)] * 4
    assert sum(result.replaced_by_rule.values()) == 2
    assert [one.failed for one in result.outcomes if one.severity == "warning"].count(1) == 1


def test_a_consent_that_has_to_be_rejected_stops_the_table(shop: Shop) -> None:
    consents = declared("preferences", "consents")
    shop.land(
        "preferences/consents/2026-01-01.csv",
        CONSENTS_HEADER + "1,s,,,email_marketing,false,yesterday\n",
    )

    with pytest.raises(TableRejectedError, match="row 1: column changed_at is no timestamp"):
        shop.load(consents)


@pytest.mark.parametrize("purpose", ["fax", "email marketing", "emailmarketing"])
def test_a_consent_for_a_purpose_that_nobody_knows_stops_the_table(
    shop: Shop, purpose: str
) -> None:
    shop.land(
        "preferences/consents/2026-01-01.csv",
        CONSENTS_HEADER + f"1,s,,,{purpose},false,2026-01-01 10:00:00\n",
    )

    with pytest.raises(TableRejectedError, match="row 1: column purpose breaks"):
        shop.load(declared("preferences", "consents"))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"email": None, "campaign_id": None},
        {"event_type": " Unsubscribed "},
        # A clock that is ahead.
        {"occurred_at": "2026-01-02T00:00:01"},
    ],
)
def test_an_unsubscribe_needs_an_event_a_subscriber_and_a_time(
    shop: Shop, changes: dict[str, str | None]
) -> None:
    shop.land("email/engagement/2026-01-01.ndjson", json.dumps(UNSUBSCRIBE | changes))

    assert shop.load(declared("email", "engagement")).rows_rejected == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"subscriber_id": " "},
        {"occurred_at": "1 Jan 2026, 10am"},
        {"event_type": "unsubscribe"},
        {"event_type": "unsubscribed\n"},
        {"event_type": None},
    ],
)
def test_an_unsubscribe_that_has_to_be_rejected_stops_the_table(
    shop: Shop, changes: dict[str, str | None]
) -> None:
    good = UNSUBSCRIBE | {"event_id": "2"}
    lines = [json.dumps(row) for row in (UNSUBSCRIBE | changes, good)]
    shop.land("email/engagement/2026-01-01.ndjson", "\n".join(lines))

    with pytest.raises(TableRejectedError, match="ndjson, row 1: "):
        shop.load(declared("email", "engagement"))


def test_an_event_that_withdraws_nothing_is_rejected_alone(shop: Shop) -> None:
    lines = [
        json.dumps(UNSUBSCRIBE | changes)
        for changes in (
            {},
            {"event_id": "2", "event_type": "opend"},
            {"event_id": "3", "event_type": "Clicked", "occurred_at": "soon"},
            {"event_id": "4", "event_type": "bounced", "occurred_at": "soon"},
            {"event_id": "5", "event_type": " Bounced"},
        )
    ]
    shop.land("email/engagement/2026-01-01.ndjson", "\n".join(lines))

    result = shop.load(declared("email", "engagement"))

    assert (result.rows_loaded, result.rows_rejected) == (2, 3)
