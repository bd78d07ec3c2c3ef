"""From rows of people's decisions to people apart, in every stage, once somebody has approved."""

import csv
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from dagster_project import transformation
from dagster_project.defs.automation.jobs import STAGES
from dagster_project.transformation import PROJECT_FOLDER
from tests.integration.conftest import UNTIL, Deployment

pytestmark = pytest.mark.xdist_group("deployment")

README = Path(__file__).parents[2] / "README.md"
FROM_IDENTITY = STAGES[STAGES.index("identity") :]
AFTER_IDENTITY = FROM_IDENTITY[1:]

# Of who is in an audience, the records that state the delivered address are parted from those that
# state another one; of twenty others one row parts two records. So many are a jump.
COUPLES = """
    with addresses as (
        select distinct profile_id, record_id, sha256(contact_value) as address
        from identity.identifiers
        join identity.identity_map using (record_id)
        where kind = 'email' and contact_value is not null
    ),

    delivered as (
        select distinct profile_id, email as address from activation.audience_members
    ),

    in_audiences as (
        select
            profile_id, reached.record_id as record_id_a, addresses.record_id as record_id_b
        from delivered
        join addresses as reached using (profile_id, address)
        join addresses using (profile_id)
        where addresses.address <> delivered.address
    ),

    others as (
        select profile_id, min(record_id) as record_id_a, max(record_id) as record_id_b
        from identity.identity_map
        where profile_id not in (select profile_id from in_audiences)
        group by profile_id
        having count(*) > 1
        order by profile_id
        limit 20
    )

    from in_audiences union all from others order by all
"""
STATED_ADDRESSES = """
    select distinct profile_id, kind, contact_value
    from identity.identifiers
    join identity.identity_map using (record_id)
    where kind in ('email', 'phone') and contact_value is not null
        and coalesce(rejection_reason, 'shared in a household') = 'shared in a household'
"""


@dataclass(frozen=True)
class Parting:
    """A deployment in which people were set apart.

    Attributes:
        deployment: The deployment.
        couples: The profile that two records had, and the two.
        refused: The run that nobody had approved.
        left_by_it: What stands in the tables afterwards, as numbers.
        approved: What it left, run with the config that the README shows.
    """

    deployment: Deployment
    couples: list[tuple[str, str, str]]
    refused: dg.ExecuteInProcessResult
    left_by_it: Mapping[str, tuple[int, int]]
    approved: dg.ExecuteInProcessResult

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return rows_of(self.deployment, query)


def rows_of(deployment: Deployment, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(deployment.home.warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def contents(deployment: Deployment) -> Mapping[str, tuple[int, int]]:
    """Count and hash the rows of what follows identities."""
    tables = rows_of(
        deployment,
        f"""
        select table_schema || '.' || table_name
        from information_schema.tables
        where table_type = 'BASE TABLE' and (
            table_schema in {(*AFTER_IDENTITY,)}
            or table_name in ('identity_history', 'identity_map', 'profile_aliases')
        )
        """,
    )
    return {
        str(table): rows_of(
            deployment, f"select count(*), sum(hash(contents)) from {table} as contents"
        )[0]
        for (table,) in tables
    }


def config_of_the_readme() -> Mapping[str, object]:
    """Read the config with which the README has a large change approved."""
    blocks = README.read_text().split("```yaml\n")[1:]
    (config,) = (block for block in blocks if "approve_identity_changes" in block)
    read: Mapping[str, object] = yaml.safe_load(config.split("```")[0])
    return read


@pytest.fixture(scope="module")
def parting(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parting]:
    folder = tmp_path_factory.mktemp("parting")
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_FOLDER, project, ignore=shutil.ignore_patterns("target", "logs"))
    couples = [(str(before), str(a), str(b)) for before, a, b in rows_of(deployment, COUPLES)]
    with (project / "seeds" / "identity_overrides.csv").open("a", newline="") as seed:
        rows = csv.writer(seed, lineterminator="\n")
        for _, one, other in couples:
            rows.writerow([one, other, "separate", "two people", "Kim", "2026-10-06"])
    with deployment.copied_to(folder / "home") as made, pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformation, "PROJECT_FOLDER", project)
        stages = dg.AssetSelection.groups(*FROM_IDENTITY)
        refused = made.run_daily(UNTIL, stages)
        left_by_it = contents(made)
        # As one goes on from the step that failed, which the config is of.
        step = dg.AssetSelection.assets(dg.AssetKey(["identity", "fuzzy_links"])).downstream()
        approved = made.run_daily(UNTIL, step, config_of_the_readme())
    yield Parting(made, couples, refused, left_by_it, approved)
    shutil.rmtree(folder)


def keys_made(result: dg.ExecuteInProcessResult) -> set[dg.AssetKey]:
    events = result.get_asset_materialization_events()
    return {event.asset_key for event in events if event.asset_key}


def test_too_large_a_change_stops_before_the_history_and_all_that_follows(
    deployment: Deployment, parting: Parting
):
    history = dg.AssetSelection.assets(dg.AssetKey(["identity", "identity_history"]))
    following = history.downstream().resolve(deployment.definitions.resolve_asset_graph())
    errors = [
        str(event.step_failure_data.error_display_string)
        for event in parting.refused.all_events
        if event.is_step_failure
    ]

    assert not parting.refused.success
    assert len(errors) == 1
    assert "few_profiles_change_at_once" in errors[0]
    assert dg.AssetKey(["identity", "identity_pending_changes"]) in keys_made(parting.refused)
    assert {key.path[0] for key in following} == {*FROM_IDENTITY}
    assert keys_made(parting.refused) & following == set()
    assert parting.left_by_it == contents(deployment)


def test_it_goes_through_with_the_config_of_the_readme(parting: Parting):
    assert parting.approved.success
    assert {key.path[0] for key in keys_made(parting.approved)} == {*FROM_IDENTITY}


def test_a_row_sets_two_people_apart_who_were_one_profile(parting: Parting):
    profiles = dict(parting.rows("select record_id, profile_id from identity.identity_map"))
    known = {profile for (profile,) in parting.rows("select profile_id from profiles.profiles")}
    split = parting.rows(
        "select previous_profile_id, profile_id from identity.identity_changes "
        "where change = 'split' and cause = 'override'"
    )

    assert len({before for before, _, _ in parting.couples}) > 20
    for before, one, other in parting.couples:
        assert profiles[one] != profiles[other]
        assert {profiles[one], profiles[other]} <= known
        assert before in known
        assert {profile for profile in (profiles[one], profiles[other]) if profile != before} <= {
            new for old, new in split if old == before
        }


def test_both_have_the_orders_and_segments_of_their_own_records(
    deployment: Deployment, parting: Parting
):
    orders = """
        select profile_id, count(orders.order_id), max(orders.ordered_on)
        from identity.identity_map
        left join conformed.orders using (record_id)
        group by profile_id
        order by profile_id
    """
    features = f"""
        select profile_id, order_count, last_order_on
        from features.profile_features
        where as_of = '{UNTIL}'
        order by profile_id
    """
    recent_buyers = f"select profile_id from segments.recent_buyers where as_of = '{UNTIL}'"
    bought_lately = f"""
        select distinct profile_id
        from conformed.orders
        join identity.identity_map using (record_id)
        where ordered_on > date '{UNTIL}' - 7
    """

    assert parting.rows(features) == parting.rows(orders)
    assert rows_of(deployment, features) != parting.rows(features)
    assert set(parting.rows(recent_buyers)) == set(parting.rows(bought_lately))
    assert set(rows_of(deployment, recent_buyers)) != set(parting.rows(recent_buyers))


def test_both_are_reached_where_and_for_what_their_own_records_say(parting: Parting):
    points = parting.rows("select profile_id, kind, value from profiles.contact_points")
    deciding = parting.rows(
        """
        select consents.profile_id, map.profile_id
        from profiles.profile_consents as consents
        left join identity.identity_map as map
            on consents.decided_by_record_id = map.record_id
        """
    )
    asked = parting.rows(
        "select distinct profile_id, purpose from conformed.consents "
        "join identity.identity_map using (record_id)"
    )

    assert set(points) == set(parting.rows(STATED_ADDRESSES))
    assert all(profile == whose for profile, whose in deciding)
    assert set(parting.rows("select profile_id, purpose from profiles.profile_consents")) == set(
        asked
    )


def test_no_audience_keeps_an_address_of_the_one_under_the_id_of_the_other(
    deployment: Deployment, parting: Parting
):
    delivered = "select audience, profile_id, email from activation.audience_members"
    before, after = set(rows_of(deployment, delivered)), set(parting.rows(delivered))
    stated = parting.rows(f"select profile_id, sha256(contact_value) from ({STATED_ADDRESSES})")
    consenting = parting.rows("select profile_id from profiles.profile_consents where is_granted")
    wrong_by_now = {
        (audience, profile, address)
        for audience, profile, address in before
        if (profile, address) not in stated
    }

    assert wrong_by_now, "no address went to another id, so this test would tell nothing"
    assert {(profile, address) for _, profile, address in after if address} <= set(stated)
    assert {(profile,) for _, profile, _ in after} <= set(consenting)
