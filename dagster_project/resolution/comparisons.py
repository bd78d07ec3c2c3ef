"""What the fuzzy matching compares of two entities, which of them at all, and what may come of it.

Two people of a household agree on nearly everything but their first names, which no sum of
independent weights can weigh. So only entities that state the same first name are compared, or
those with nearly the same e-mail address as long as no other first name is stated; and an e-mail
address that a household shares is not part of an entity.

Belongs here: splink's settings, and what their parts are called. Does not belong here: training and
judging (`fuzzy_matching`), and what two e-mail addresses have in common (`near_emails`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import splink.comparison_level_library as levels
from splink import SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison

NAMES_OF_ATTRIBUTES = {
    "first_name": "first name",
    "last_name": "family name",
    "birth_date": "birth date",
    "address": "address",
    "email": "e-mail address",
    "phone": "phone number",
}
"""What each comparison compares, in words."""

_MISTYPED_DATE = """
    damerau_levenshtein(birth_date_l, birth_date_r) <= 1
    or (
        left(birth_date_l, 4) = left(birth_date_r, 4)
        and birth_date_l[6:7] = birth_date_r[9:10]
        and birth_date_l[9:10] = birth_date_r[6:7]
    )
"""
# A typing error changes a letter. Who finds an address of their name taken adds a digit, a dot or a
# dash: those are namesakes.
_ONE_EMAIL_MISTYPED = """
    list_has_any(near_emails_l, near_emails_r)
    and len(list_filter(emails_l, lambda one: len(list_filter(emails_r, lambda other:
        damerau_levenshtein(one, other) = 1
        and left(one, 1) = left(other, 1)
        and regexp_replace(one, '\\p{L}', '', 'g') = regexp_replace(other, '\\p{L}', '', 'g')
    )) > 0)) > 0
"""
# Two digits exchanged, or one wrong, missing or too many; not in what stands for the country. The
# numbers of relatives follow each other, and so do their addresses: without a name it says nothing.
_ONE_PHONE_MISTYPED = """
    first_name_l = first_name_r
    and len(list_filter(phones_l, lambda one: len(list_filter(phones_r, lambda other:
        damerau_levenshtein(one, other) = 1 and left(one, 3) = left(other, 3)
    )) > 0)) > 0
"""
_SAME_FIRST_NAME = "l.first_name = r.first_name"
_NO_OTHER_FIRST_NAME = "coalesce(l.first_name = r.first_name, true)"
# What shares an address the rules have judged.
_NO_SHARED_EMAIL = "not list_has_any(l.emails, r.emails)"
# A name that differs in one letter is mistyped where it is much the rarer one, else another name.
_MISTYPED_NAME = """
    damerau_levenshtein(last_name_l, last_name_r) <= 1
    and 10 * least(last_name_count_l, last_name_count_r)
        <= greatest(last_name_count_l, last_name_count_r)
"""


def settings() -> SettingsCreator:
    """Say what is compared, and which pairs at all; without parameters."""

    def level(label: str, condition: str, **fixed: Any) -> Any:
        return levels.CustomLevel(condition, label).configure(**fixed)

    def comparison(column: str, *outcomes: Any) -> Any:
        return CustomComparison(
            output_column_name=column,
            comparison_levels=[
                *outcomes,
                levels.ElseLevel().configure(label_for_charts="different"),
            ],
        )

    def missing(condition: str) -> Any:
        return levels.CustomLevel(condition, "not stated").configure(is_null_level=True)

    def same(column: str, **fixed: Any) -> Any:
        return levels.ExactMatchLevel(column, term_frequency_adjustments=True).configure(
            label_for_charts="same", **fixed
        )

    def explode(column: str, condition: str) -> dict[str, Any]:
        return {
            "blocking_rule": f"l.{column} = r.{column} and {condition}",
            "arrays_to_explode": [column],
        }

    return SettingsCreator(
        link_type="dedupe_only",
        linker_uid="fuzzy_matching",
        unique_id_column_name="cluster_id",
        comparisons=[
            # Other first names are never compared, so all that can be said of them is how much it
            # means that they are the same.
            comparison(
                "first_name",
                levels.NullLevel("first_name"),
                same("first_name", m_probability=0.999, fix_m_probability=True),
            ),
            comparison(
                "last_name",
                levels.NullLevel("last_name"),
                same("last_name"),
                # Too rare to be counted in most shops, so it is assumed.
                level(
                    "mistyped",
                    _MISTYPED_NAME,
                    m_probability=0.01,
                    u_probability=1e-4,
                    fix_m_probability=True,
                    fix_u_probability=True,
                ),
            ),
            comparison(
                "birth_date",
                levels.NullLevel("birth_date"),
                levels.ExactMatchLevel("birth_date").configure(label_for_charts="same"),
                level("mistyped", _MISTYPED_DATE),
            ),
            comparison(
                "address",
                missing("postcodes_l is null or postcodes_r is null"),
                level("same", "list_has_any(addresses_l, addresses_r)"),
                level("with the same postcode", "list_has_any(postcodes_l, postcodes_r)"),
            ),
            comparison(
                "email",
                missing(_nothing_to_compare("emails")),
                # Too rare among random pairs to be counted. Relatives have addresses that are
                # nearly the same, so alone this is not enough for a link.
                level("mistyped", _ONE_EMAIL_MISTYPED, u_probability=1e-6, fix_u_probability=True),
            ),
            comparison(
                "phone",
                missing(_nothing_to_compare("phones")),
                # How often a number is mistyped, a shop's data seldom tell, so it is assumed.
                level(
                    "mistyped",
                    _ONE_PHONE_MISTYPED,
                    m_probability=0.02,
                    u_probability=1e-6,
                    fix_m_probability=True,
                    fix_u_probability=True,
                ),
            ),
        ],
        blocking_rules_to_generate_predictions=[
            CustomRule(f"{_SAME_FIRST_NAME} and l.birth_date = r.birth_date"),
            CustomRule(f"{_SAME_FIRST_NAME} and l.last_name = r.last_name"),
            explode("addresses", _SAME_FIRST_NAME),
            explode("near_emails", f"{_NO_OTHER_FIRST_NAME} and {_NO_SHARED_EMAIL}"),
        ],
    )


def conditions_of(settings: Mapping[str, Any]) -> object:
    """Take out what is compared, and which pairs, without any parameter."""
    return (
        [
            [level["sql_condition"] for level in comparison["comparison_levels"]]
            for comparison in settings["comparisons"]
        ],
        [
            (rule["blocking_rule"], rule.get("arrays_to_explode"))
            for rule in settings["blocking_rules_to_generate_predictions"]
        ],
    )


def attribute_of(comparison: Mapping[str, Any]) -> str:
    """Name what a comparison compares."""
    return NAMES_OF_ATTRIBUTES[comparison["output_column_name"]]


def outcomes_of(comparison: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """List what a comparison may come to, the closest agreement first."""
    return [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]


def outcome_sql(comparison: Mapping[str, Any]) -> str:
    """Make the SQL that names what a comparison came to; null where a side states nothing."""
    attribute, outcomes = attribute_of(comparison), outcomes_of(comparison)
    # splink numbers the outcomes downwards, and the last is 0.
    cases = " ".join(
        f"when {len(outcomes) - 1 - place} then '{attribute} {level['label_for_charts']}'"
        for place, level in enumerate(outcomes)
    )
    return f"case gamma_{comparison['output_column_name']} {cases} end"


def _nothing_to_compare(identifiers: str) -> str:
    """The condition that a side states none, or that both share one: the rules weigh that."""
    left, right = f"{identifiers}_l", f"{identifiers}_r"
    return f"{left} is null or {right} is null or list_has_any({left}, {right})"
