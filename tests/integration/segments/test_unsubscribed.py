"""Whom mails must leave out, computed once more by pandas from all that people said."""

from datetime import timedelta

import pandas as pd
import pytest

from dagster_project.engine import open_warehouse
from tests.integration.conftest import Deployment

pytestmark = pytest.mark.xdist_group("deployment")


def test_whoever_refuses_mail_on_a_day_is_unsubscribed_on_it(deployment: Deployment):
    with open_warehouse(deployment.home.warehouse, read_only=True) as connection:
        statements = connection.con.sql(
            """
            select profile_id, record_id, is_granted, changed_at, first_seen_on
            from conformed.consents
            join identity.identity_map using (record_id)
            join profiles.profiles using (profile_id)
            where purpose = 'email_marketing'
            """
        ).df()
        named = connection.con.sql("select as_of, profile_id from segments.unsubscribed").df()
    assert len(named) > 0
    for as_of in map(pd.Timestamp, deployment.days):
        end = as_of + timedelta(days=1)
        known = statements[statements["first_seen_on"] <= as_of]
        # Of one moment the refusal is last, and one at the end of the day is of the day.
        is_said = (known["changed_at"] < end) | (
            (known["changed_at"] == end) & ~known["is_granted"]
        )
        latest = (
            known[is_said]
            .sort_values(["changed_at", "is_granted"], ascending=[True, False])
            .groupby(["profile_id", "record_id"])["is_granted"]
            .last()
        )
        # Who refuses as one record refuses.
        expected = set(latest[~latest].index.get_level_values("profile_id"))
        assert set(named.loc[named["as_of"] == as_of, "profile_id"]) == expected
