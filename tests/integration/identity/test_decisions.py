"""What people decide: on two records, by rules, and on a run that would change more than usual."""

import json

import pytest

from tests.integration.identity.conftest import BuiltStage

pytestmark = pytest.mark.xdist_group("identity")

SEPARATE = "s:anna,s:hanna,separate,twins,Kim,2026-05-01\n"
LINK = "s:ben,s:benjamin,link,he told us,Kim,2026-05-02\n"


def test_one_row_and_one_run_set_two_people_apart_or_join_them(
    before: BuiltStage, stage: BuiltStage
) -> None:
    earlier = before.profiles()
    stage.decide(SEPARATE, LINK)
    succeeded, output = stage.build()
    now = stage.profiles()

    assert succeeded, output
    assert earlier["anna"] == earlier["hanna"] == now["anna"] != now["hanna"]
    assert earlier["ben"] != earlier["benjamin"]
    assert now["benjamin"] == now["ben"] == earlier["ben"]
    assert stage.rows(
        "select change, cause, previous_profile_id, profile_id from identity.identity_changes "
        "order by change"
    ) == [
        ("merged", "override", earlier["benjamin"], now["ben"]),
        ("split", "override", earlier["anna"], now["hanna"]),
    ]
    assert ("s:anna", "s:hanna", "email", "overridden") in stage.rows(
        "select record_id_a, record_id_b, rule, reason from identity.identity_rejected_links"
    )
    aliases = dict(
        stage.rows("select profile_id, current_profile_id from identity.profile_aliases")
    )
    assert aliases[earlier["benjamin"]] == now["ben"]

    joined = {"record_id_a": "s:ben", "record_id_b": "s:benjamin"}
    _, why = stage.dbt("run-operation", "explain_identity", "--args", json.dumps(joined))
    parted = {"record_id_a": "s:hanna", "record_id_b": "s:anna"}
    _, why_not = stage.dbt("run-operation", "explain_identity", "--args", json.dumps(parted))
    assert "s:ben -[override]- s:benjamin" in why
    assert "s:anna -[email]- s:hanna: overridden" in why_not


def test_a_link_is_called_a_bridge_where_nothing_else_holds_two_records_together(
    before: BuiltStage,
) -> None:
    twice = {"record_id_a": "s:eva", "record_id_b": "s:eve"}
    _, held_twice = before.dbt("run-operation", "explain_identity", "--args", json.dumps(twice))
    once = {"record_id_a": "s:eve", "record_id_b": "s:evelyn"}
    _, held_once = before.dbt("run-operation", "explain_identity", "--args", json.dumps(once))

    assert "s:eva -[email]- s:eve" in held_twice
    assert "bridge" not in held_twice
    # Of equally short chains the strongest: a device comes first in the alphabet, a phone last.
    assert "s:eve -[email]- s:eva -[phone]- s:evelyn" in held_once
    # The address joins s:eva and s:eve once more, but not s:evelyn.
    assert "A bridge, nothing else holds them together: s:eva -[phone]- s:evelyn" in held_once
    assert before.rows(
        "select record_id_a, record_id_b, rule, smaller_side_record_id, record_count "
        "from identity.identity_bridges where rule = 'phone'"
    ) == [("s:eva", "s:evelyn", "phone", "s:evelyn", 1)]


def test_decisions_that_contradict_each_other_are_named_and_nothing_changes(
    stage: BuiltStage,
) -> None:
    earlier = stage.profiles()
    stage.decide(
        SEPARATE,
        "s:anna,s:ben,link,no reason,Lou,2026-05-03\n",
        "s:ben,s:hanna,link,no reason,Max,2026-05-04\n",
    )
    succeeded, output = stage.build()

    assert not succeeded
    assert (
        "separate s:anna and s:hanna (Kim, 2026-05-01), but link s:anna and s:ben "
        "(Lou, 2026-05-03), link s:ben and s:hanna (Max, 2026-05-04). Take one of these rows "
        "back"
    ) in output
    assert stage.profiles() == earlier


def test_rows_that_decide_nothing_are_named_and_nothing_changes(stage: BuiltStage) -> None:
    earlier = stage.profiles()
    stage.decide(
        "s:anna,s:hanna,seperate,twins,Lou,2026-05-03\n",
        "s:anna,s:ben,,no reason,Lou,2026-05-03\n",
        "s:anna,s:anna,link,no reason,Lou,2026-05-03\n",
        "s:ben,s:benjamin,link,he told us,Kim,2026-05-02\n",
        "s:benjamin,s:ben,link,he told us,Lou,2026-05-03\n",
    )
    succeeded, output = stage.build()

    assert not succeeded
    row = "seeds/identity_overrides.csv, row of s:anna and"
    assert f"{row} s:hanna: 'seperate' is no decision. Write link or separate." in output
    assert f"{row} s:ben: there is no decision. Write link or separate." in output
    assert "s:ben and s:benjamin: the decision is there more than once. Keep one." in output
    assert f"{row} s:anna: a decision is about two records. Name both, or take" in output
    assert stage.profiles() == earlier


def test_rules_that_cannot_be_followed_are_named_and_nothing_changes(stage: BuiltStage) -> None:
    earlier = stage.profiles()
    stage.write_seed(
        "identity_rules",
        "kind,priority,weight,max_records_per_value,max_values_per_profile,is_personal\n",
        "emial,1,8,200,,false\n",
        "phone,2,,200,,false\n",
        "device_id,2,6,10000,,false\n",
        "loyalty_id,3,10,0,0,true\n",
        "account_id,4,9,100,2,\n",
        "account_id,5,9,100,2,true\n",
    )
    stage.write_seed(
        "identifier_blocklist",
        "kind,pattern_type,value,reason\n",
        "email,regex,(none@.*,placeholder\n",
        "fax,exact,0,placeholder\n",
        "phone,literal,+1,placeholder\n",
        "birth_date,regex,19.*,placeholder\n",
    )
    succeeded, output = stage.build()

    assert not succeeded
    rules = "seeds/identity_rules.csv"
    for fault in (
        f"{rules}, row of emial: 'emial' is no kind of identifier. Write one of email, phone,",
        f"{rules}, row of phone: the weight is missing. Write a number from 1 on.",
        f"{rules}: the priority 2 is that of device_id and of phone. Give each kind one of its own",
        f"{rules}, row of device_id: a value that 10000 records may share would join more than one",
        f"{rules}, row of loyalty_id: the max_records_per_value is 0. Write a number from 1 on.",
        f"{rules}, row of loyalty_id: no profile could hold 0 values.",
        f"{rules}, row of account_id: is_personal is missing. Write true or false.",
        f"{rules}, row of account_id: the kind has more than one row. Keep one.",
    ):
        assert fault in output
    blocklist = "seeds/identifier_blocklist.csv, row of"
    for fault in (
        f"{blocklist} email and (none@.*: it is no regular expression. Correct it, or write exact",
        f"{blocklist} fax and 0: 'fax' is nothing that can be blocked. Write one of email, phone,",
        f"{blocklist} phone and +1: 'literal' is no type of pattern. Write exact or regex.",
        f"{blocklist} birth_date and 19.*: birth dates are compared as they are.",
    ):
        assert fault in output
    assert stage.profiles() == earlier


def test_resolving_everything_anew_on_top_of_the_map_changes_no_id(stage: BuiltStage) -> None:
    stage.decide(SEPARATE, LINK)
    stage.build()
    issued = "select * from identity.profile_aliases order by profile_id"
    changes = "select * from identity.identity_changes order by all"
    profiles, aliases, changed = stage.profiles(), stage.rows(issued), stage.rows(changes)
    succeeded, output = stage.build(["--full-refresh"])

    assert succeeded, output
    assert len(changed) == 2
    assert stage.profiles() == profiles
    assert stage.rows(issued) == aliases
    assert stage.rows(changes) == changed


def test_a_jump_in_merges_waits_until_somebody_approves_it(stage: BuiltStage) -> None:
    earlier = stage.profiles()
    # As a wrong rule would: sixty strangers become thirty couples.
    stage.execute(
        """
        update conformed.customer_records
        set customer_id = 'C' || (regexp_extract(record_id, '\\d+')::integer // 2 + 1)
        where record_id like 's:many%'
        """
    )
    blocked, output = stage.build()
    passed_by, refusal = stage.dbt(
        "build", "--select", "identity_history", "identity_map", "resolved_records"
    )
    held_back = stage.profiles()
    approved, approved_output = stage.build(["--vars", '{"approve_identity_changes": true}'])

    assert not blocked
    assert "few_profiles_change_at_once" in output
    assert not passed_by, "who makes the history alone goes past the test"
    assert "30 profiles would be merged or split at once, and 34 would be left" in refusal
    assert held_back == earlier
    assert approved, approved_output
    assert len(set(earlier.values())) - len(set(stage.profiles().values())) == 30
