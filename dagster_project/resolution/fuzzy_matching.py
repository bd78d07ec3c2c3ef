"""Pairs of clusters that may be one person though they share no identifier, judged by splink.

The method is that of Fellegi and Sunter (A Theory for Record Linkage, 1969): each comparison of
two entities adds a weight, the base 2 logarithm of how much likelier its outcome is between
entities of one person than between those of two. How likely, and how frequent names are, `train`
estimates; the result is a file that people review. What a pair weighs depends on its two entities
and that file alone, so a day's run judges the pairs of entities that are new or have changed, and
nobody's links depend on who else has come. The one exception is how likely any pair is: when the
entities have doubled since the training, it is halved, for good, and all pairs are judged anew.

Two people of a household agree on nearly everything but their first names, which no sum of
independent weights can weigh. So only entities that state the same first name are compared, or
those with nearly the same e-mail address as long as no other first name is stated; and an e-mail
address that a household shares is not part of an entity.

Belongs here: what is compared, training, and judging pairs. Does not belong here: what is known of
a cluster (the dbt model `identity.matching_entities`), and from which weight on a pair is a link
(dbt variables, and the models that read `identity.fuzzy_pairs`).
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
import splink.comparison_level_library as levels
from ibis.backends.duckdb import Backend
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule
from splink.comparison_library import CustomComparison
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.exceptions import EMTrainingException

from dagster_project.engine import transaction

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

_ATTRIBUTES = {
    "first_name": "first name",
    "last_name": "family name",
    "birth_date": "birth date",
    "address": "address",
    "email": "e-mail address",
    "phone": "phone number",
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
# What is left of a text without one of its characters, and the text itself. Two that a typing error
# tells apart have one in common, and hardly any others do: so they are found without comparing all
# with all (symmetric deletion, as in Garbe's SymSpell).
_NEAR_TEXTS = """
    list_transform(
        range({first}, length({text}) + 2),
        lambda place: left({text}, place - 1) || {text}[place + 1:]
    )
"""
# A typing error is in the mailbox, or in the domain, or exchanges the @ with a letter beside it.
# The first letter of a mailbox is never left out: addresses that differ in it are not taken for
# one. Domains are taken apart once each, since many addresses share one.
_NEAR_EMAILS = f"""
    select
        email_number,
        is_new,
        hash(near_mailbox, domain) as near_email
    from (
        select *, unnest({_NEAR_TEXTS.format(text="mailbox", first=2)}) as near_mailbox from emails
    ) as near_mailboxes
    union all
    select
        emails.email_number,
        emails.is_new,
        hash(emails.mailbox, near_domains.near_domain) as near_email
    from emails
    inner join near_domains on emails.domain = near_domains.domain
    union all
    select
        email_number,
        is_new,
        hash(mailbox || domain) as near_email
    from emails
"""
# The statements that say of each entity which near e-mail addresses a new one, or it if it is new,
# has in common with another.
_DESCRIBING = (
    """
    create table emails as
    select
        email,
        row_number() over () as email_number,
        split_part(email, '@', 1) as mailbox,
        split_part(email, '@', 2) as domain,
        bool_or(is_new) as is_new
    from (select unnest(emails) as email, is_new from stated_entities) as stated_emails
    group by email
    """,
    f"""
    create table near_domains as
    select domain, near_domain
    from (
        select domain, unnest({_NEAR_TEXTS.format(text="domain", first=1)}) as near_domain
        from (select distinct domain from emails) as domains
    ) as near_domains_of_domains
    window near_ones as (partition by near_domain)
    qualify min(domain) over near_ones <> max(domain) over near_ones
    """,
    f"""
    create table near_emails as
    with near_emails_of_new as (
        select email_number, near_email
        from ({_NEAR_EMAILS})
        where near_email in (select near_email from ({_NEAR_EMAILS}) where is_new)
    ),
    shared_near_emails as (
        select near_email
        from near_emails_of_new
        group by near_email
        having min(email_number) <> max(email_number)
    )
    select email_number, near_email
    from near_emails_of_new
    where near_email in (from shared_near_emails)
    """,
    """
    create table near_emails_of_entities as
    select cluster_id, list_sort(list(distinct near_email)) as near_emails
    from (select cluster_id, unnest(emails) as email from stated_entities) as stated_emails
    inner join emails on stated_emails.email = emails.email
    inner join near_emails on emails.email_number = near_emails.email_number
    group by cluster_id
    """,
    "drop table emails",
    "drop table near_domains",
    "drop table near_emails",
    """
    create view described_entities as
    select stated_entities.*, near_emails_of_entities.near_emails
    from stated_entities
    left join near_emails_of_entities
        on stated_entities.cluster_id = near_emails_of_entities.cluster_id
    """,
)

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
        _name_counts(model)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
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
        _describe(connection)
        connection.con.execute("create view entities as from described_entities")
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


def _describe(connection: Backend) -> None:
    """Add to what entities state which near e-mail addresses are to be compared."""
    for statement in _DESCRIBING:
        connection.con.execute(statement)


def _linker(connection: Backend, settings: Any) -> Linker:
    """Let splink work on the relation `entities`."""
    database = DuckDBAPI(connection=connection.con)
    linker = Linker(database.register("entities"), settings, log_level=logging.ERROR)
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
    ours = [splink.__version__, LEAST_MATCH_WEIGHT, _LEAST_COUNT, _DESCRIBING, _ATTRIBUTES]
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
    settings = copy.deepcopy({**model})
    for ours in (_TRAINED_ENTITIES, _NAME_COUNTS):
        settings.pop(ours)
    _describe(connection)
    if are_all_new:
        connection.con.execute("create view entities as from described_entities")
    else:
        rules = settings["blocking_rules_to_generate_predictions"]
        connection.con.execute(
            f"""
            create table entities as
            from described_entities
            where is_new or cluster_id in ({_compared_with_new(rules)})
            """
        )
        for rule in rules:
            rule["blocking_rule"] += " and (l.is_new or r.is_new)"
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


def _nothing_to_compare(identifiers: str) -> str:
    """The condition that a side states none, or that both share one: the rules weigh that."""
    left, right = f"{identifiers}_l", f"{identifiers}_r"
    return f"{left} is null or {right} is null or list_has_any({left}, {right})"


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
