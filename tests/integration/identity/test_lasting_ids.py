"""Ids of profiles last, through whatever happens to the records that they stand for."""

import itertools
from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.identity.clusterings import Clusters, clusterings, seen_days
from tests.integration.identity.conftest import IdentityStage

pytestmark = pytest.mark.xdist_group("identity")

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
@given(history=st.lists(clusterings(), min_size=1, max_size=6), seen=seen_days)
def test_every_id_that_was_issued_stands_for_its_records_and_without_them_for_its_heir(
    compiled_identity: Mapping[str, str], history: list[Clusters], seen: dict[str, int]
) -> None:
    stage = IdentityStage(compiled_identity)
    before: dict[str, str] = {}
    last_profiles: dict[str, str] = {}
    ever: dict[str, set[str]] = {}
    merged: dict[str, set[str]] = {}
    for clusters in history:
        stage.run(clusters, seen)
        profiles = stage.profiles()
        last_profiles |= profiles
        for record, profile in profiles.items():
            ever.setdefault(profile, set()).add(record)
        for given_up in {*before.values()} - {*profiles.values()}:
            merged[given_up] = {r for r in profiles if before.get(r) == given_up}
        before = profiles

        aliases = stage.aliases()
        assert aliases.keys() == ever.keys()
        for issued, current in aliases.items():
            held = {profiles[record] for record in ever[issued] if record in profiles}
            if held:
                assert current in held
                assert current == issued or issued not in held
            else:
                shares = Counter(last_profiles[record] for record in merged[issued])
                heir = min(shares, key=lambda profile: (-shares[profile], profile), default=None)
                assert current == (aliases[heir] if heir else None)


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
