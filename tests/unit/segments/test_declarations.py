"""What stands beside a segment's SQL: read in full, or refused with every fault at once."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from dagster_project.segments.declarations import SegmentsError, read_segments

METRICS = ["customers_end", "retention_rate", "sales"]
FILE = "models/segments/_segments__models.yml"
GOAL = {"metric": "sales", "at_least": 100, "by": "2027-12-31", "aim": "Sell more."}
DYNAMIC: Mapping[str, Any] = {
    "owner": "marketing",
    "kind": "dynamic",
    "goal": GOAL,
    "review_on": "2027-06-30",
}
AD_HOC: Mapping[str, Any] = {
    "owner": "marketing",
    "kind": "ad_hoc",
    "goal": GOAL,
    "ends_on": "2026-12-24",
}


def manifest_of(*, where: str = "kids > 0", **metas: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest of segments with these declarations, whose SQL asks for this."""
    nodes: dict[str, Any] = {}
    for name, meta in metas.items():
        key = f"model.shop.{name}"
        nodes[key] = {
            "resource_type": "model",
            "unique_id": key,
            "schema": "segments",
            "alias": name,
            "description": "Some people.",
            "config": {"meta": meta},
            "original_file_path": f"models/segments/{name}.sql",
            "patch_path": f"shop://{FILE}",
            "raw_code": f"select profile_id, as_of from {{{{ ref('all') }}}} where {where}",
            "depends_on": {"macros": ["macro.shop.until_its_end"] * ("until_its_end" in where)},
        }
        for test in ("unique_combination", "relationship_of_columns"):
            nodes[f"test.{test}_{name}"] = {
                "resource_type": "test",
                "schema": "tests",
                "test_metadata": {"name": test},
                "attached_node": key,
            }
    return {"nodes": nodes}


def faults_of(manifest: Mapping[str, Any]) -> list[str]:
    with pytest.raises(SegmentsError) as raised:
        read_segments(manifest, METRICS)
    head, *faults = str(raised.value).splitlines()
    assert head == "Segments are not declared as they have to be:"
    return [fault.removeprefix(f"- {FILE}, segment ") for fault in faults]


def test_everything_that_is_declared_is_read() -> None:
    meta = {
        **DYNAMIC,
        "family": "value",
        "priority": 1,
        "minimum_days": 14,
        "consent_purpose": "email_marketing",
    }
    other = {**DYNAMIC, "family": "value", "priority": 2}
    first, second = read_segments(manifest_of(gold=meta, silver=other), METRICS)
    assert (first.name, first.family, first.priority, first.minimum_days) == (
        "gold",
        "value",
        1,
        14,
    )
    assert first.goal is not None
    assert (first.goal.metric, first.goal.at_least, first.goal.by) == (
        "sales",
        100,
        date(2027, 12, 31),
    )
    assert (second.minimum_days, second.consent_purpose, second.ends_on) == (1, None, None)


def test_what_segments_ask_and_what_others_read_of_the_meta_is_no_declaration() -> None:
    meta = {**DYNAMIC, "behaviour: order within 7 days": {}, "dagster": {}, "plotted": {}}
    assert len(read_segments(manifest_of(gold=meta), METRICS)) == 1


def test_all_that_is_wrong_is_told_at_once_with_file_segment_and_field() -> None:
    faults = faults_of(
        manifest_of(
            gold={**DYNAMIC, "goal": {**GOAL, "metric": "saless"}, "kind": "dynamc"},
            silver={"owner": "", "kind": "dynamic", "review": "2027-06-30"},
        )
    )
    assert faults == [
        (
            "gold, config.meta.kind: 'dynamc' is none; did you mean dynamic? Write one of dynamic, "
            "ad_hoc, exclusion, lookalike_seed, static."
        ),
        "silver, config.meta.owner: it is empty. Write it.",
        (
            "silver, config.meta.review: no such field is known; did you mean review_on? There are "
            "owner, kind, goal, review_on, ends_on, family, priority, "
            "minimum_days, consent_purpose."
        ),
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"goal": {**GOAL, "metric": "saless"}},
            (
                "goal.metric: 'saless' is no metric of metrics.segment_metrics; did you mean "
                "sales? There are customers_end, retention_rate, sales."
            ),
        ),
        ({"goal": {**GOAL, "by": "soon"}}, "goal.by: 'soon' is no day. Write it as YYYY-MM-DD."),
        (
            {"goal": {**GOAL, "at_least": "a lot"}},
            "goal.at_least: 'a lot' does not do: Input should",
        ),
        (
            {"goal": {**GOAL, "target": 3}},
            ("goal.target: no such field is known. There are metric, at_least, at_most, by, aim."),
        ),
        (
            {"goal": {**GOAL, "at_least": None}},
            "goal: what sales shall be is missing. Write at_least or at_most.",
        ),
        (
            {"goal": {**GOAL, "at_most": 200}},
            "goal: it has two directions, at_least and at_most. Take one of them out.",
        ),
        (
            {"goal": "Sell more."},
            "goal: 'Sell more.' cannot be measured. Write metric, at_least or at_most (a number)",
        ),
        ({"goal": None}, "goal: it is missing. Write metric, at_least or at_most (a number) and"),
        ({"review_on": None}, "review_on: it is missing. Write the day by which its owner reviews"),
        ({"ends_on": "2027-01-01"}, "ends_on: a segment that is dynamic has no end; ad_hoc ones"),
        ({"minimum_days": 0}, "minimum_days: 0 does not do: Input should be greater than or equal"),
        (
            {"family": "value"},
            "priority: a family and a priority in it go together. Write both",
        ),
        ({"priority": 1}, "family: a family and a priority in it go together. Write both"),
    ],
)
def test_a_declaration_that_cannot_be_used_says_what_to_do(
    changes: Mapping[str, Any], fault: str
) -> None:
    faults = faults_of(manifest_of(gold={**DYNAMIC, **changes}))
    assert faults[0].startswith(f"gold, config.meta.{fault}") or faults[-1].startswith(
        f"gold, config.meta.{fault}"
    )


def test_an_ad_hoc_segment_ends_and_its_sql_knows_it() -> None:
    where = "(kids > 0 or {{ did('order', within_days=3) }}) and {{ until_its_end() }}"
    (segment,) = read_segments(manifest_of(where=where, gifts=AD_HOC), METRICS)
    assert not segment.is_over(date(2026, 12, 24))
    assert segment.is_over(date(2026, 12, 25))
    reviewed = {**AD_HOC, "review_on": "2026-12-01"}
    (segment,) = read_segments(manifest_of(where=where, gifts=reviewed), METRICS)
    assert segment.is_due_for_review(date(2026, 12, 2))
    assert faults_of(manifest_of(gifts={**AD_HOC, "review_on": "2026-12-25"})) == [
        (
            "gifts, config.meta.ends_on: the SQL does not mind it. Add `and {{ until_its_end() }}` "
            "to the where clause of the last select of models/segments/gifts.sql, where it holds "
            "of everybody: in no brackets, with what stands beside an `or` in brackets of its own."
        ),
        (
            "gifts, config.meta.review_on: 2026-12-25 is after its end, 2026-12-24. Write an "
            "earlier day, or take it out."
        ),
    ]
    assert faults_of(manifest_of(where="{{ until_its_end() }}", gold=DYNAMIC)) == [
        (
            "gold, config.meta.ends_on: the SQL calls until_its_end(), which needs it, with the "
            "kind ad_hoc."
        )
    ]


@pytest.mark.parametrize(
    "where",
    [
        "kids > 0 and {{- until_its_end() }}",
        "kids > 0 and {{- until_its_end() -}}",
        "{{until_its_end(day='all.as_of')}}",
        "exists (select 1 from {{ ref('b') }}) and {{ until_its_end() }} -- or never",
    ],
)
def test_an_end_that_holds_of_everybody_is_one_however_it_is_written(where: str) -> None:
    (segment,) = read_segments(manifest_of(where=where, gifts=AD_HOC), METRICS)
    assert segment.ends_on == date(2026, 12, 24)


def test_an_end_is_found_where_the_sql_begins_with_its_configuration() -> None:
    manifest = manifest_of(where="{{ until_its_end() }}", gifts=AD_HOC)
    model = manifest["nodes"]["model.shop.gifts"]
    model["raw_code"] = "{{ config(tags=['winter']) }}\n" + model["raw_code"]
    assert read_segments(manifest, METRICS)


@pytest.mark.parametrize(
    "where",
    [
        "kids > 0 or {{ until_its_end() }}",
        "kids > 0 or kids is null and {{ until_its_end() }}",
        "not {{ until_its_end() }}",
        "kids > 0 -- and {{ until_its_end() }}",
        "profile_id in (select profile_id from b where {{ until_its_end() }})",
        "{{ until_its_end() }} union all select profile_id, as_of from b",
        "{% if true %} kids > 0 and {% else %} and {{ until_its_end() }} {% endif %}",
    ],
)
def test_an_end_that_does_not_hold_of_everybody_is_none(where: str) -> None:
    (fault,) = faults_of(manifest_of(where=where, gifts=AD_HOC))
    assert fault.startswith("gifts, config.meta.ends_on: the SQL does not mind it.")


def test_a_review_is_due_once_its_day_has_passed() -> None:
    (segment,) = read_segments(manifest_of(gold=DYNAMIC), METRICS)
    assert not segment.is_due_for_review(date(2027, 6, 30))
    assert segment.is_due_for_review(date(2027, 7, 1))


def test_a_goal_has_a_direction_and_a_day_that_passes() -> None:
    ceiling = {**GOAL, "at_least": None, "at_most": 0.05}
    first, second = read_segments(
        manifest_of(gold=DYNAMIC, silver={**DYNAMIC, "goal": ceiling}), METRICS
    )
    assert (str(first.goal), str(second.goal)) == ("sales at least 100", "sales at most 0.05")
    assert not first.is_past_its_goal(date(2027, 12, 31))
    assert first.is_past_its_goal(date(2028, 1, 1))


def test_a_family_has_several_segments_each_with_a_priority_of_its_own() -> None:
    def of(family: str, priority: int) -> dict[str, Any]:
        return {**DYNAMIC, "family": family, "priority": priority}

    assert faults_of(
        manifest_of(gold=of("value", 1), silver=of("value", 1), bronze=of("valeu", 3))
    ) == [
        (
            "bronze, config.meta.family: no other segment is of the family valeu; did you mean "
            "value? Name a family of two at least, or take it out."
        ),
        (
            "gold, config.meta.priority: another segment of the family value has 1 as well. Give "
            "each one its own."
        ),
        (
            "silver, config.meta.priority: another segment of the family value has 1 as well. Give "
            "each one its own."
        ),
    ]


def test_a_segment_without_its_data_tests_is_named() -> None:
    manifest = manifest_of(gold=DYNAMIC)
    del manifest["nodes"]["test.unique_combination_gold"]
    assert faults_of(manifest) == [
        (
            "gold, data_tests: unique_combination missing. Write the data_tests that the other "
            "segments have."
        )
    ]


def test_a_segment_without_any_properties_is_named_by_its_sql() -> None:
    manifest = manifest_of(gold={})
    manifest["nodes"]["model.shop.gold"] |= {"patch_path": None, "description": ""}
    with pytest.raises(SegmentsError) as raised:
        read_segments(manifest, METRICS)
    assert "- models/segments/gold.sql, segment gold, description: it is empty. Write it." in str(
        raised.value
    )
    assert "- models/segments/gold.sql, segment gold, config.meta.owner: it is missing." in str(
        raised.value
    )


WIDE = "{{ ref('profile_features') }}"


def test_a_consent_for_which_nobody_is_asked_is_refused() -> None:
    manifest = manifest_of(gold={**DYNAMIC, "consent_purpose": "advertisng"})
    values = ["email_marketing", "advertising"]
    manifest["nodes"]["test.purposes"] = {
        "resource_type": "test",
        "schema": "tests",
        "test_metadata": {
            "name": "accepted_values",
            "kwargs": {"column_name": "purpose", "values": values},
        },
        "attached_node": "model.shop.consents",
    }
    (fault,) = faults_of(manifest)
    assert fault == (
        "gold, config.meta.consent_purpose: conformed.consents accepts no purpose 'advertisng'; "
        "did you mean advertising? There are email_marketing, advertising."
    )


def with_features(sql: str) -> dict[str, Any]:
    """A manifest of a segment with this SQL, and of a wide table of two themes."""
    manifest = manifest_of(gold=DYNAMIC)
    manifest["nodes"]["model.shop.gold"]["raw_code"] = sql
    columns = {"family_features": ["kids"], "purchase_features": ["order_count", "sales"]}
    for name in (*columns, "profile_features"):
        manifest["nodes"][f"model.shop.{name}"] = {
            "resource_type": "model",
            "schema": "features",
            "alias": name,
            "columns": {column: {} for column in columns.get(name, [])},
            "depends_on": {"nodes": [f"model.shop.{theme}" for theme in columns]},
        }
    return manifest


@pytest.mark.parametrize(
    "sql",
    [
        f"select profile_id, as_of from {WIDE} where oder_count > 3",
        f"select profile_id, as_of from {WIDE} where kids > 0 and (sales > 2 or oder_count > 3)",
        f"select f.profile_id, f.as_of from {WIDE} as f join g using (g) where f.oder_count > 3",
        f"with f as (select * from {WIDE}) select profile_id, as_of from f where oder_count > 3",
        f"select * from {WIDE} where kids > 0 and {{{{ has_any('oder_count', ['a']) }}}}",
        f'select * from {WIDE} as f where not {{{{ has_all(list="f.oder_count", texts="a") }}}}',
        f"with f as (select oder_count, as_of from {WIDE}) select * from f",
        f"select kids from {WIDE} where profile_id in (select f.oder_count from {WIDE} as f)",
        f"select * from {WIDE} as f left join (select kids as k from {WIDE}) where oder_count > 3",
        '{{ config(tags=["a"]) }} select * from {{ ref("profile_features") }} where oder_count > 3',
        f"select profile_id from {WIDE} where {{{{ did('order') }}}} and oder_count > 3",
    ],
)
def test_a_column_that_no_theme_declares_is_named_with_the_nearest_one(sql: str) -> None:
    with pytest.raises(SegmentsError) as raised:
        read_segments(with_features(sql), METRICS)
    assert str(raised.value).splitlines()[1:] == [
        (
            "- models/segments/gold.sql, segment gold, oder_count: no theme declares this column "
            "of profile_features; did you mean order_count? Correct the SQL, or declare it."
        )
    ]


@pytest.mark.parametrize(
    "sql",
    [
        f"select Profile_ID, as_of from {WIDE} where KIDS > 0 and {{{{ did('order') }}}}",
        f"select f.profile_id from {WIDE} as f join {{{{ ref('b') }}}} as b using (a) where c > 1",
        f"select profile_id from {WIDE}, unnest([1, 2]) as u (c) where c > 1",
        f"select profile_id, kids * 2 as c from {WIDE} where c > 1 order by c",
        f"with f as (select *, kids * 2 as c from {WIDE}) select profile_id from f where c > 1",
        f"with f as (select * rename (kids as c) from {WIDE}) select profile_id from f where c > 1",
        f"with f (c) as (select kids from {WIDE}) select c from f",
        f"with f as (select count(*) from {WIDE}) select c from f",
        f"with f as (select {{{{ columns() }}}} from {WIDE}) select c from f",
        f"select a from {{{{ ref('b') }}}} where exists (select 1 from {WIDE} where kids = b.c)",
        f"select a from {{{{ ref('b') }}}} where exists (select 1 from {WIDE} where kids = c)",
        f"select profile_id from {WIDE} where [c for c in [kids] if c > 1] = []",
        f"select profile_id from {WIDE} where list_filter([kids], lambda c: c > 1) = []",
        f"select profile_id from {WIDE} where list_filter([kids], c -> c > 1) = []",
        f"select profile_id from (select kids as c from {WIDE}) where c > 1",
        f"select c from {WIDE} as f (c)",
        f"select f.c from (from {WIDE}) as f (c)",
        f"pivot {WIDE} on kids using sum(c)",
        f"select kids from {WIDE} where kids > {{{{ var('kids') }}}} and current_date > as_of",
        f"select profile_id from {WIDE} where extract(year from as_of) > date_part('year', as_of)",
        f"select profile_id from {WIDE} where as_of + interval 3 day > current_timestamp",
        f"select kids from {WIDE} {{% if a %}} where c > 1 {{% else %}} where c {{% endif %}}",
        "select c from {{ ref('others') }}",
        "select c from profile_features",
        f"select {{{{ c }}}} from {WIDE} union all select 1 as c from {WIDE} order by c",
        "this is no SQL",
    ],
)
def test_what_may_be_of_another_table_or_a_name_of_the_query_is_let_pass(sql: str) -> None:
    assert read_segments(with_features(sql), METRICS)
