"""Ids of profiles last, through whatever happens to the records that they stand for."""

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.identity.conftest import IdentityStage

Clusters = dict[str, frozenset[str]]

pytestmark = pytest.mark.xdist_group("identity")

RECORDS = [f"s:{number}" for number in range(8)]


@st.composite
def clusterings(draw: st.DrawFn) -> Clusters:
    """Any division of any of the records into clusters, each named by its smallest record."""
    present = draw(st.lists(st.sampled_from(RECORDS), unique=True))
    groups: dict[int, set[str]] = {}
    for record in present:
        groups.setdefault(draw(st.integers(0, 3)), set()).add(record)
    return {min(group): frozenset(group) for group in groups.values()}


seen_days = st.fixed_dictionaries({record: st.integers(0, 5) for record in RECORDS})
in_memory = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])


def clusters_of(profiles: Mapping[str, str]) -> set[frozenset[str]]:
    members: dict[str, set[str]] = {}
    for record, profile in profiles.items():
        members.setdefault(profile, set()).add(record)
    return {frozenset(records) for records in members.values()}


@in_memory
@given(history=st.lists(clusterings(), min_size=1, max_size=5), seen=seen_days)
def test_a_profile_is_a_cluster_whatever_came_before(
    compiled_identity: Mapping[str, str], history: list[Clusters], seen: dict[str, int]
) -> None:
    stage = IdentityStage(compiled_identity)
    for clusters in history:
        stage.run(clusters, seen)
        assert clusters_of(stage.profiles()) == set(clusters.values())


@in_memory
@given(history=st.lists(clusterings(), min_size=2, max_size=5), seen=seen_days)
def test_whoever_is_not_touched_keeps_the_id(
    compiled_identity: Mapping[str, str], history: list[Clusters], seen: dict[str, int]
) -> None:
    stage = IdentityStage(compiled_identity)
    stage.run(history[0], seen)
    for earlier, later in itertools.pairwise(history):
        before = stage.profiles()
        stage.run(later, seen)
        after = stage.profiles()
        for cluster in set(earlier.values()) & set(later.values()):
            assert {before[record] for record in cluster} == {after[record] for record in cluster}


@in_memory
@given(before=clusterings(), seen=seen_days, arrivals=st.lists(st.integers(0, 3)))
def test_new_records_change_no_id(
    compiled_identity: Mapping[str, str],
    before: Clusters,
    seen: dict[str, int],
    arrivals: list[int],
) -> None:
    stage = IdentityStage(compiled_identity)
    stage.run(before, seen)
    profiles = stage.profiles()
    grown = dict(before)
    for number, place in enumerate(arrivals):
        names = [*grown, f"s:new{number}"]
        name = names[place % len(names)]
        grown[name] = grown.get(name, frozenset()) | {f"s:new{number}"}
    stage.run(grown, seen)
    assert {record: stage.profiles()[record] for record in profiles} == profiles


@in_memory
@given(history=st.lists(clusterings(), min_size=1, max_size=4), seen=seen_days)
def test_every_id_that_was_issued_stands_for_a_profile_with_records_of_its_own(
    compiled_identity: Mapping[str, str], history: list[Clusters], seen: dict[str, int]
) -> None:
    stage = IdentityStage(compiled_identity)
    ever: dict[str, set[str]] = {}
    for clusters in history:
        stage.run(clusters, seen)
        profiles = stage.profiles()
        for record, profile in profiles.items():
            ever.setdefault(profile, set()).add(record)
        aliases = stage.aliases()
        assert aliases.keys() == ever.keys()
        for issued, current in aliases.items():
            held = {profiles[record] for record in ever[issued] if record in profiles}
            assert current in held or (current is None and not held)
            assert current == issued or issued not in profiles.values()


@in_memory
@given(clusters=clusterings(), seen=seen_days)
def test_two_warehouses_built_at_once_agree_and_a_rerun_changes_nothing(
    compiled_identity: Mapping[str, str], clusters: Clusters, seen: dict[str, int]
) -> None:
    one, other = IdentityStage(compiled_identity), IdentityStage(compiled_identity)
    one.run(clusters, seen)
    other.run({f"other {name}": records for name, records in clusters.items()}, seen)
    assert one.profiles() == other.profiles()

    history = one.connection.sql("from identity.identity_history order by all").fetchall()
    one.run(clusters, seen)
    assert one.connection.sql("from identity.identity_history order by all").fetchall() == history
