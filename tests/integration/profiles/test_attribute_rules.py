"""Which attributes a profile has: what a deployment writes into the seeds, and what comes of it."""

import pytest

from tests.integration.project_copy import ProjectCopy

pytestmark = pytest.mark.xdist_group("profiles")

RULES = "attribute,attribute_group,rule\n"
PRIORITIES = "attribute_group,source,priority\n"
_TABLES = """
    create schema conformed;
    create schema identity;
    create table conformed.customer_records as
    select
        's:' || id as record_id, 's' as source, first_name, street, city, shoe_size,
        timestamp '2026-01-01' as first_seen_at, timestamp '2026-01-01' + to_days(id) as updated_at
    from (
        values (1, 'Ann', '1 Elm St', 'Rome', 43), (2, 'Anna', null, 'Oslo', null)
    ) as records (id, first_name, street, city, shoe_size);
    create table conformed.bounces (email varchar);
    create table identity.identity_map as
    select record_id, source, 'p' as profile_id from conformed.customer_records;
    create table identity.identifiers (
        record_id varchar, kind varchar, value varchar, contact_value varchar,
        rejection_reason varchar
    );
    create table identity.identity_rules (kind varchar);
    create table identity.identifier_blocklist (
        kind varchar, pattern_type varchar, value varchar
    );
"""


class Stage(ProjectCopy):
    """The stage `profiles`, and the rules that it follows."""

    def build(self, rules: str, priorities: str = "") -> tuple[bool, str]:
        """Let dbt make profiles by these rules and tell whether it went well, and what it said."""
        self.write_seed("profile_attribute_rules", RULES, rules)
        self.write_seed("source_priorities", PRIORITIES, priorities)
        return self.dbt(
            "build",
            "--select",
            "profile_attribute_rules",
            "source_priorities",
            "profile_attributes",
            "profiles.profiles",
            "--exclude-resource-types",
            "test",
            "unit_test",
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage.lay_out(tmp_path_factory.mktemp("profiles"), _TABLES)


def test_a_column_that_the_seed_names_arrives_in_the_profile(stage: Stage) -> None:
    succeeded, output = stage.build("city,,most_recent\nshoe_size,,most_recent\n")

    assert succeeded, output
    assert stage.rows("select city, custom_attributes from profiles.profiles") == [
        ("Oslo", '{"shoe_size":"43"}')
    ]


def test_rules_that_cannot_be_followed_are_named_with_what_to_do(stage: Stage) -> None:
    succeeded, output = stage.build(
        "first_name,,newest\n"
        "hat_size,,most_recent\n"
        "street,address,most_recent\n"
        "city,address,longest\n"
        "shoe_size,,source_order\n",
        "adress,s,1\n",
    )

    assert not succeeded
    rules, priorities = "profile_attribute_rules.csv, row", "source_priorities.csv, row"
    for place, fault in (
        (f"{rules} of first_name", "'newest' is no rule. Write one of most_recent, most_frequent,"),
        (f"{rules} of hat_size", "conformed.customer_records has no such column, and no staging"),
        (f"{rules}s of the group address", "they name different rules, but a group is taken from"),
        (f"{rules} of shoe_size", "source_order needs an order. Give shoe_size its sources in"),
        (f"{priorities} of adress", "no row of seeds/profile_attribute_rules.csv with the rule"),
    ):
        assert f"{place}: {fault}" in output
