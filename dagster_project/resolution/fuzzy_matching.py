"""Pairs of clusters that may be one person though they share no identifier, judged by splink.

The method is that of Fellegi and Sunter (A Theory for Record Linkage, 1969): each comparison of
two entities adds a weight, the base 2 logarithm of how much likelier its outcome is between
entities of one person than between those of two. How likely, `train` estimates; the result is a
file that people review, so that a day's run depends on the data and that file alone.

Two people of a household agree on nearly everything but their first names, which no sum of
independent weights can weigh. So only entities that state the same first name are compared, or
those with nearly the same e-mail address as long as no other first name is stated; and an e-mail
address that a household shares is not part of an entity.

Belongs here: what is compared, training, and judging pairs. Does not belong here: what is known of
a cluster (the dbt model `identity.matching_entities`), and from which weight on a pair is a link
(dbt variables, and the models that read `identity.fuzzy_pairs`).
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import splink.comparison_level_library as levels
from ibis.backends.duckdb import Backend
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.exceptions import EMTrainingException

Model = Mapping[str, Any]
"""The parameters of the comparisons: splink's settings as JSON, trained."""

LEAST_MATCH_WEIGHT = -5.0
"""Pairs that are less likely than this, in bits, are not kept, not even for people to review."""

_TRAINED_ENTITIES = "trained_entities"
_LEAST_ENTITIES = 100

_ATTRIBUTES = {
    "first_name": "first name",
    "last_name": "family name",
    "birth_date": "birth date",
    "address": "address",
    "email": "e-mail address",
}
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
    (
        list_has_any(email_beginnings_l, email_beginnings_r)
        or list_has_any(email_endings_l, email_endings_r)
    )
    and len(list_filter(emails_l, lambda one: len(list_filter(emails_r, lambda other:
        damerau_levenshtein(one, other) = 1
        and left(one, 1) = left(other, 1)
        and regexp_replace(one, '\\p{L}', '', 'g') = regexp_replace(other, '\\p{L}', '', 'g')
    )) > 0)) > 0
"""
# What a typing error leaves as it is: the beginning of an address, or its end.
_EMAIL_BEGINNINGS = "list_distinct(list_transform(emails, lambda email: left(email, 8)))"
_EMAIL_ENDINGS = (
    "list_distinct(list_transform(emails, lambda email: "
    "right(split_part(email, '@', 1), 5) || '@' || split_part(email, '@', 2)))"
)


_SAME_FIRST_NAME = "l.first_name = r.first_name"
_NO_OTHER_FIRST_NAME = "coalesce(l.first_name = r.first_name, true)"
# A name that differs in one letter is mistyped where it is much the rarer one, else another name.
_MISTYPED_NAME = """
    damerau_levenshtein(last_name_l, last_name_r) <= 1
    and 10 * least(last_name_count_l, last_name_count_r)
        <= greatest(last_name_count_l, last_name_count_r)
"""


class FuzzyMatchingError(ValueError):
    """The parameters cannot be used, or there is too little to train them on."""


def read_model(path: Path) -> Model:
    """Read trained parameters.

    Args:
        path: A file that `train` made.

    Raises:
        FuzzyMatchingError: There is no such file, or it holds no parameters of these comparisons.
    """
    try:
        model: Model = json.loads(path.read_text())
        conditions = _conditions(model)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FuzzyMatchingError(
            f"{path} holds no parameters of the fuzzy matching: {error!r}. Run the job "
            "train_fuzzy_matching and put its result there, or switch fuzzy matching off."
        ) from None
    if conditions != _conditions(_settings().create_settings_dict("duckdb")):
        raise FuzzyMatchingError(
            f"{path} was trained for other comparisons than those of now. Run the job "
            "train_fuzzy_matching and put its result there."
        )
    return model


def _conditions(settings: Mapping[str, Any]) -> object:
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


def find_pairs(connection: Backend, model: Model | None) -> int:
    """Replace `identity.fuzzy_pairs` by what the entities of now make.

    Args:
        connection: The warehouse, open for writing.
        model: The trained parameters; null while fuzzy matching is off: then there is no pair.

    Returns:
        The number of pairs.
    """
    warehouse = connection.current_catalog
    replace = f"create or replace table {warehouse}.identity.fuzzy_pairs as"
    if model:
        with _entities(connection):
            connection.con.execute(f"{replace} {_judged_pairs(connection, model)}")
    else:
        connection.con.execute(f"{replace} {_NO_PAIRS}")
    found = connection.con.sql(f"select count(*) from {warehouse}.identity.fuzzy_pairs")
    return int(found.fetchall()[0][0])


def train(connection: Backend, *, seed: int = 1) -> Model:
    """Estimate the parameters from the entities of now.

    How often two people agree by chance is estimated from random pairs; how often the same person's
    entities agree, by expectation maximisation over pairs that agree on something else.

    Args:
        connection: The warehouse, open for writing, although nothing is written to it.
        seed: Of the random pairs.

    Returns:
        The parameters, to be kept as JSON.

    Raises:
        FuzzyMatchingError: Too few entities agree on anything.
    """
    agreeing = [
        CustomRule(rule)
        for rule in (
            "l.last_name = r.last_name and l.birth_date = r.birth_date",
            "l.first_name = r.first_name and l.birth_date = r.birth_date",
            "l.first_name = r.first_name and l.last_name = r.last_name",
        )
    ]
    certain: list[str | BlockingRuleCreator] = [
        CustomRule(
            "l.first_name = r.first_name and l.last_name = r.last_name "
            "and l.birth_date = r.birth_date"
        ),
        CustomRule(
            "l.first_name = r.first_name and l.last_name = r.last_name "
            "and list_has_any(l.addresses, r.addresses)"
        ),
    ]
    with _entities(connection):
        ((entities,),) = connection.con.sql("select count(*) from entities").fetchall()
        if entities < _LEAST_ENTITIES:
            raise FuzzyMatchingError(_too_little(f"there are {entities} entities"))
        linker = _linker(connection, _settings())
        training = linker.training
        # Entities are what is left over when everything shared has been used: these rules find
        # about a third of the pairs that there are (measured on the demo retailer).
        training.estimate_probability_two_random_records_match(certain, recall=0.3)
        training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=seed)
        failures = []
        for rule in agreeing:
            try:
                training.estimate_parameters_using_expectation_maximisation(rule)
            except EMTrainingException as error:
                # Not every deployment knows birth dates: a rule without pairs teaches nothing.
                failures.append(str(error))
        if len(failures) == len(agreeing):
            raise FuzzyMatchingError(_too_little("; ".join(failures)))
        model: Model = {_TRAINED_ENTITIES: entities, **linker.misc.save_model_to_json()}
    if not model["probability_two_random_records_match"]:
        raise FuzzyMatchingError(_too_little("no pair is certain"))
    return model


def _too_little(what: str) -> str:
    return (
        f"The parameters cannot be estimated: {what}. Too few entities agree on anything; keep the "
        "parameters that there are."
    )


@dataclass(frozen=True)
class OutcomeWeight:
    """What one outcome of a comparison says.

    Attributes:
        attribute: What is compared.
        outcome: What the comparison came to.
        weight: The match weight in bits; null where it was not estimated.
    """

    attribute: str
    outcome: str
    weight: float | None


def describe_model(model: Model) -> Sequence[OutcomeWeight]:
    """List what each outcome of each comparison says.

    Args:
        model: Trained parameters.
    """
    outcomes = []
    for comparison in model["comparisons"]:
        for level in _outcomes(comparison):
            m, u = level.get("m_probability"), level.get("u_probability")
            outcomes.append(
                OutcomeWeight(
                    _ATTRIBUTES[comparison["output_column_name"]],
                    level["label_for_charts"],
                    log2(m / u) if m and u else None,
                )
            )
    return outcomes


_NO_PAIRS = """
    select
        ''::varchar as record_id_a,
        ''::varchar as record_id_b,
        ''::varchar as fingerprint_a,
        ''::varchar as fingerprint_b,
        0::double as match_weight,
        0::double as match_probability,
        ''::varchar as evidence
    limit 0
"""


@contextmanager
def _entities(connection: Backend) -> Iterator[None]:
    """Give splink a database of its own, in memory, for the many tables that it makes."""
    execute = connection.con.execute
    warehouse = connection.current_catalog
    execute("attach ':memory:' as matching")
    execute("use matching")
    try:
        execute(
            f"""
            create view entities as
            select
                entities.*,
                last_names.entity_count as last_name_count,
                {_EMAIL_BEGINNINGS} as email_beginnings,
                {_EMAIL_ENDINGS} as email_endings
            from {warehouse}.identity.matching_entities as entities
            left join {warehouse}.identity.last_names as last_names
                on entities.last_name = last_names.last_name
            """
        )
        yield
    finally:
        execute(f"use {warehouse}")
        execute("detach matching")


def _linker(connection: Backend, settings: Any) -> Linker:
    database = DuckDBAPI(connection=connection.con)
    return Linker(database.register("entities"), settings, log_level=logging.ERROR)


def _judged_pairs(connection: Backend, model: Model) -> str:
    settings = dict(model)
    ((entities,),) = connection.con.sql("select count(*) from entities").fetchall()
    # The share of pairs that are one person falls as the number of entities grows.
    settings["probability_two_random_records_match"] *= min(
        1.0, settings.pop(_TRAINED_ENTITIES) / max(entities, 1)
    )
    linker = _linker(connection, settings)
    predicted = linker.inference.predict(threshold_match_weight=LEAST_MATCH_WEIGHT)
    evidence = ", ".join(_outcome(comparison) for comparison in model["comparisons"])
    return f"""
        select
            entities_a.cluster_id as record_id_a,
            entities_b.cluster_id as record_id_b,
            entities_a.fingerprint as fingerprint_a,
            entities_b.fingerprint as fingerprint_b,
            round(match_weight, 3) as match_weight,
            round(match_probability, 6) as match_probability,
            concat_ws(', ', {evidence}) as evidence
        from {predicted.physical_name}
        inner join entities as entities_a
            on entities_a.cluster_id = least(cluster_id_l, cluster_id_r)
        inner join entities as entities_b
            on entities_b.cluster_id = greatest(cluster_id_l, cluster_id_r)
        order by record_id_a, record_id_b
    """


def _outcome(comparison: Mapping[str, Any]) -> str:
    """Make the SQL that names what a comparison came to; null where a side states nothing."""
    column = comparison["output_column_name"]
    outcomes = _outcomes(comparison)
    # splink numbers the outcomes downwards, and the last is 0.
    cases = " ".join(
        f"when {len(outcomes) - 1 - place} then '{_ATTRIBUTES[column]} {level['label_for_charts']}'"
        for place, level in enumerate(outcomes)
    )
    return f"case gamma_{column} {cases} end"


def _outcomes(comparison: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """List what a comparison may come to, the closest agreement first."""
    return [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]


def _settings() -> Any:
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

    def explode(column: str, first_names: str) -> dict[str, Any]:
        return {
            "blocking_rule": f"l.{column} = r.{column} and {first_names}",
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
                level("mistyped", _MISTYPED_NAME),
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
                missing("emails_l is null or emails_r is null"),
                # Too rare among random pairs to be counted. Relatives have addresses that are
                # nearly the same, so alone this is not enough for a link.
                level("mistyped", _ONE_EMAIL_MISTYPED, u_probability=1e-6, fix_u_probability=True),
            ),
        ],
        blocking_rules_to_generate_predictions=[
            CustomRule(f"{_SAME_FIRST_NAME} and l.birth_date = r.birth_date"),
            CustomRule(f"{_SAME_FIRST_NAME} and l.last_name = r.last_name"),
            explode("addresses", _SAME_FIRST_NAME),
            explode("email_beginnings", _NO_OTHER_FIRST_NAME),
            explode("email_endings", _NO_OTHER_FIRST_NAME),
        ],
    )
