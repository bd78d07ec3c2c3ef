"""Pairs of clusters that may be one person though they share no identifier, judged by splink.

The method is that of Fellegi and Sunter (A Theory for Record Linkage, 1969): each comparison of
two entities adds a weight, the base 2 logarithm of how much likelier its outcome is between
entities of one person than between those of two. How likely, and how frequent names are, `train`
estimates; the result is a file that people review. What a pair weighs depends on its two entities
and that file alone, so a day's run judges the pairs of entities that are new or have changed, and
nobody's links depend on who else has come. The one exception is how likely any pair is: when the
entities have doubled since the training, it is halved, for good, and all pairs are judged anew.

Belongs here: training, and judging pairs. Does not belong here: what is compared (`comparisons`),
what is known of a cluster (the dbt model `identity.matching_entities`), and from which weight on a
pair is a link (dbt variables, and the models that read `identity.fuzzy_pairs`).
"""

import copy
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import splink
from ibis.backends.duckdb import Backend
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.exceptions import EMTrainingException

from dagster_project.engine import transaction
from dagster_project.resolution.comparisons import (
    NAMES_OF_ATTRIBUTES,
    attribute_of,
    conditions_of,
    outcome_sql,
    outcomes_of,
    settings,
)
from dagster_project.resolution.near_emails import FINDING_NEAR_EMAILS, find_near_emails

Model = Mapping[str, Any]
"""The parameters: splink's settings as JSON, trained, with how many entities they were trained on
and how many of these have each name."""

LEAST_MATCH_WEIGHT = -5.0
"""Pairs that are less likely than this, in bits, are not kept, not even for people to review."""

_TRAINED_ENTITIES = "trained_entities"
_NAME_COUNTS = "name_counts"
_NAMES = ("first_name", "last_name")
_LEAST_ENTITIES = 100
# A name that entities of fewer other names have (a family name: first names) is not kept: the file
# would tell of people. It counts as just too rare, so that it never says more than it should.
_LEAST_COUNT = 10


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
        conditions = conditions_of(model)
        _name_counts(model)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FuzzyMatchingError(
            f"{path} holds no parameters of the fuzzy matching: {error!r}. Run the job "
            "train_fuzzy_matching and put its result there, or switch fuzzy matching off."
        ) from None
    if conditions != conditions_of(settings().create_settings_dict("duckdb")):
        raise FuzzyMatchingError(
            f"{path} was trained for other comparisons than those of now. Run the job "
            "train_fuzzy_matching and put its result there."
        )
    return model


def find_pairs(connection: Backend, model: Model | None) -> int:
    """Let `identity.fuzzy_pairs` hold what the entities of now make.

    Pairs of two entities that were judged before, by these parameters, and are as they were, stay.

    Args:
        connection: The warehouse, open for writing.
        model: The trained parameters; null while fuzzy matching is off: then there is no pair.

    Returns:
        The number of pairs.
    """
    execute = connection.con.execute
    schema = f"{connection.current_catalog}.identity"
    # An earlier release kept the family names of everybody there.
    execute(f"drop table if exists {schema}.last_names")
    # Whoever drops the pairs wants them to be judged anew.
    if "fuzzy_pairs" not in connection.list_tables(database="identity"):
        execute(f"create or replace table {schema}.judged_entities as {_NO_ENTITIES}")
    execute(f"create table if not exists {schema}.judged_entities as {_NO_ENTITIES}")
    execute(f"create table if not exists {schema}.fuzzy_pairs as {_NO_PAIRS}")
    if model:
        _judge(connection, model)
    else:
        with transaction(connection):
            execute(f"delete from {schema}.fuzzy_pairs")
            execute(f"delete from {schema}.judged_entities")
    ((pairs,),) = connection.con.sql(f"select count(*) from {schema}.fuzzy_pairs").fetchall()
    return int(pairs)


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
    entities = _count_entities(connection)
    if entities < _LEAST_ENTITIES:
        raise FuzzyMatchingError(_too_little(f"there are {entities} entities"))
    known = {_TRAINED_ENTITIES: entities, _NAME_COUNTS: _count_names(connection)}
    with _entities(connection, known):
        find_near_emails(connection)
        linker = _linker(connection, "described_entities", settings())
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
        parameters = linker.misc.save_model_to_json()
    # The names come last, since they are many.
    model: Model = {_TRAINED_ENTITIES: entities, **parameters, _NAME_COUNTS: known[_NAME_COUNTS]}
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
        for level in outcomes_of(comparison):
            m, u = level.get("m_probability"), level.get("u_probability")
            outcomes.append(
                OutcomeWeight(
                    attribute_of(comparison),
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


_NO_ENTITIES = """
    select
        ''::varchar as cluster_id,
        ''::varchar as fingerprint,
        ''::varchar as judged_by,
        0::integer as doublings
    limit 0
"""


def _count_entities(connection: Backend) -> int:
    counted = connection.con.sql("select count(*) from identity.matching_entities")
    return int(counted.fetchall()[0][0])


def _count_names(connection: Backend) -> Mapping[str, Mapping[str, int]]:
    """Count the entities that have each name, for names that tell of nobody."""
    return {
        name: dict(
            connection.con.sql(
                f"""
                select {name}, count(*) as entity_count
                from identity.matching_entities
                where {name} is not null
                group by {name}
                having count(distinct {other_name}) >= {_LEAST_COUNT}
                order by {name}
                """
            ).fetchall()
        )
        for name, other_name in zip(_NAMES, reversed(_NAMES), strict=True)
    }


def _name_counts(model: Model) -> Mapping[str, Mapping[str, int]]:
    """Take out how many of the entities that were trained on have each name, by kind of name."""
    entities, counts = int(model[_TRAINED_ENTITIES]), model[_NAME_COUNTS]
    if entities < 1:
        raise ValueError(f"{_TRAINED_ENTITIES} is {entities}")
    return {kind: {name: int(count) for name, count in counts[kind].items()} for kind in _NAMES}


@contextmanager
def _entities(
    connection: Backend, model: Model, judged: str = f"({_NO_ENTITIES})"
) -> Iterator[None]:
    """Give splink a database of its own, in memory, for the many tables that it makes.

    Args:
        connection: The warehouse.
        model: What says how frequent names are.
        judged: The relation of the entities that were judged before.
    """
    execute = connection.con.execute
    warehouse = connection.current_catalog
    execute("attach ':memory:' as matching")
    execute("use matching")
    try:
        for name, counts in _name_counts(model).items():
            # As text: of parameters DuckDB looks whether pandas made them, and imports it for that.
            known = json.dumps(counts).replace("'", "''")
            execute(
                f"""
                create table {name}s as
                select key as {name}, value::bigint as entity_count from json_each('{known}')
                """
            )
            execute(
                f"""
                create table {name}_frequencies as
                select
                    stated.{name},
                    coalesce(names.entity_count, {_LEAST_COUNT - 1}) / {model[_TRAINED_ENTITIES]}
                        as tf_{name}
                from (select distinct {name} from {warehouse}.identity.matching_entities) as stated
                left join {name}s as names on stated.{name} = names.{name}
                where stated.{name} is not null
                """
            )
        # A table, since it is read a dozen times.
        execute(
            f"""
            create table stated_entities as
            select
                entities.*,
                coalesce(last_names.entity_count, {_LEAST_COUNT - 1}) as last_name_count,
                judged.cluster_id is null as is_new
            from {warehouse}.identity.matching_entities as entities
            left join last_names on entities.last_name = last_names.last_name
            left join {judged} as judged
                on entities.cluster_id = judged.cluster_id
                and entities.fingerprint = judged.fingerprint
            """
        )
        yield
    finally:
        execute(f"use {warehouse}")
        execute("detach matching")


def _linker(
    connection: Backend, entities: str, specified: SettingsCreator | dict[str, Any]
) -> Linker:
    """Let splink work on a relation of entities."""
    database = DuckDBAPI(connection=connection.con)
    linker = Linker(database.register(entities), specified, log_level=logging.ERROR)
    for name in _NAMES:
        frequencies = database.register(f"{name}_frequencies")
        linker.table_management.register_term_frequency_lookup(frequencies, name)
    return linker


def _compared_with_new(blocking_rules: Sequence[Mapping[str, Any]]) -> str:
    """Make the SQL of the known entities that a rule lets be compared with a new one."""
    found = []
    for rule in blocking_rules:
        unnested = [
            f"unnest({column}) as {column}" for column in rule.get("arrays_to_explode") or []
        ]
        replaced = f"replace ({', '.join(unnested)})" if unnested else ""
        entities = f"select * {replaced} from described_entities"
        found.append(
            f"""
            select l.cluster_id
            from ({entities} where not is_new) as l
            semi join ({entities} where is_new) as r on {rule["blocking_rule"]}
            """
        )
    return " union ".join(found)


def _fingerprint(model: Model) -> str:
    """Tell apart by what pairs were judged."""
    ours = [
        splink.__version__,
        LEAST_MATCH_WEIGHT,
        _LEAST_COUNT,
        FINDING_NEAR_EMAILS,
        NAMES_OF_ATTRIBUTES,
    ]
    return hashlib.sha256(json.dumps([*ours, model], sort_keys=True).encode()).hexdigest()[:16]


def _count_doublings(connection: Backend, model: Model, held: str) -> int:
    """Count how often the entities have doubled since the training.

    The share of pairs that are one person falls as the number of entities grows. It is halved with
    each doubling alone: a pair is not to change with everybody who comes. Nor is it to change back
    when somebody leaves, so the number never falls until the parameters are others.
    """
    now = int(log2(max(_count_entities(connection), 1) / model[_TRAINED_ENTITIES]))
    ((before,),) = connection.con.sql(f"select coalesce(max(doublings), 0) from {held}").fetchall()
    return max(now, int(before))


def _judge(connection: Backend, trained: Model) -> None:
    """Judge the pairs of entities that are new or have changed, and forget those that are gone."""
    execute = connection.con.execute
    schema = f"{connection.current_catalog}.identity"
    judge = _fingerprint(trained)
    held = f"(from {schema}.judged_entities where judged_by = '{judge}')"
    doublings = _count_doublings(connection, trained, held)
    prior = trained["probability_two_random_records_match"] / 2**doublings
    model = {**trained, "probability_two_random_records_match": prior}
    with _entities(connection, model, judged=f"(from {held} where doublings = {doublings})"):
        ((entities, new),) = connection.con.sql(
            "select count(*), count(*) filter (where is_new) from stated_entities"
        ).fetchall()
        pairs = _judged_pairs(connection, model, are_all_new=new == entities) if new else _NO_PAIRS
        execute(f"create table judged_pairs as {pairs}")
        execute("create view known_entities as from stated_entities where not is_new")
        with transaction(connection):
            for side in ("a", "b"):
                execute(
                    f"""
                    delete from {schema}.fuzzy_pairs
                    where (record_id_{side}, fingerprint_{side}) not in (
                        select (cluster_id, fingerprint) from known_entities
                    )
                    """
                )
            execute(
                f"""
                delete from {schema}.judged_entities
                where cluster_id not in (select cluster_id from known_entities)
                """
            )
            execute(f"insert into {schema}.fuzzy_pairs by name from judged_pairs")
            execute(
                f"""
                insert into {schema}.judged_entities by name
                select cluster_id, fingerprint, '{judge}' as judged_by, {doublings} as doublings
                from stated_entities
                where is_new
                """
            )


def _judged_pairs(connection: Backend, model: Model, *, are_all_new: bool) -> str:
    """Make the SQL of the pairs that have a new entity, with their weights."""
    specified = copy.deepcopy({**model})
    for ours in (_TRAINED_ENTITIES, _NAME_COUNTS):
        specified.pop(ours)
    find_near_emails(connection)
    entities = "described_entities"
    if not are_all_new:
        entities = "compared_entities"
        rules = specified["blocking_rules_to_generate_predictions"]
        connection.con.execute(
            f"""
            create table {entities} as
            from described_entities
            where is_new or cluster_id in ({_compared_with_new(rules)})
            """
        )
        for rule in rules:
            rule["blocking_rule"] += " and (l.is_new or r.is_new)"
    linker = _linker(connection, entities, specified)
    predicted = linker.inference.predict(threshold_match_weight=LEAST_MATCH_WEIGHT)
    evidence = ", ".join(outcome_sql(comparison) for comparison in model["comparisons"])
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
        inner join stated_entities as entities_a
            on entities_a.cluster_id = least(cluster_id_l, cluster_id_r)
        inner join stated_entities as entities_b
            on entities_b.cluster_id = greatest(cluster_id_l, cluster_id_r)
        order by record_id_a, record_id_b
    """
