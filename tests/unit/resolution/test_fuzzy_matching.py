"""Which entities the fuzzy matching takes for one person, with the parameters of the repository."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from ibis.backends.duckdb import Backend

from dagster_project.engine import open_warehouse
from dagster_project.resolution.fuzzy_matching import (
    FuzzyMatchingError,
    Model,
    describe_model,
    find_pairs,
    read_model,
    train,
)
from dagster_project.transformation import FUZZY_MATCHING_MODEL

LIKELY = 4.0
"""The weight from which a pair is a link."""

COLUMNS = {
    "cluster_id": "varchar",
    "first_name": "varchar",
    "last_name": "varchar",
    "birth_date": "varchar",
    "addresses": "varchar[]",
    "postcodes": "varchar[]",
    "emails": "varchar[]",
    "fingerprint": "varchar",
}
ANN = {
    "first_name": "ann",
    "last_name": "archer",
    "last_name_count": 30,
    "birth_date": "1970-02-11",
    "addresses": ["1highst ab1"],
    "postcodes": ["ab1"],
    "emails": ["ann.archer70@mail.example"],
}
PROBABLY_ONE = {
    "name, birth date and postcode": {**ANN, "emails": None, "addresses": None},
    "name and address": {**ANN, "emails": None, "birth_date": None},
    "a mistyped e-mail address and name": {
        "first_name": "ann",
        "last_name": "archer",
        "last_name_count": 30,
        "emails": ["ann.acrher70@mail.example"],
    },
    "day and month exchanged": {**ANN, "emails": None, "birth_date": "1970-11-02"},
    "a mistyped family name": {
        **ANN,
        "last_name": "acrher",
        "last_name_count": 1,
        "birth_date": None,
        "emails": None,
    },
}
PROBABLY_TWO = {
    "another first name": {**ANN, "first_name": "carl"},
    "no first name at all": {**ANN, "first_name": None, "emails": None},
    "nearly the same e-mail address alone": {"emails": ["ann.acrher70@mail.example"]},
    "a family name of its own that is nearly the same": {
        **ANN,
        "last_name": "archerd",
        "last_name_count": 25,
        "birth_date": None,
        "emails": None,
    },
    "another birth date": {**ANN, "birth_date": "1999-05-30", "emails": None},
    "another number in the e-mail address": {"emails": ["ann.archer71@mail.example"]},
    "a namesake elsewhere, whose e-mail address has no dot": {
        "first_name": "ann",
        "last_name": "archer",
        "last_name_count": 30,
        "addresses": ["2lowst cd2"],
        "postcodes": ["cd2"],
        "emails": ["annarcher70@mail.example"],
    },
    "another e-mail address": {"emails": ["jan.archer70@mail.example"]},
    "an address alone": {"postcodes": ["ab1"], "addresses": ["1highst ab1"]},
    "a name alone": {name: ANN[name] for name in list(ANN)[:3]},
    "nothing": {},
}
FIRST_NAMES = ("bea", "carl", "dora", "emil", "fay", "gus", "hope", "ivan", "jane", "kurt")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Backend]:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        yield connection


def enter(warehouse: Backend, *entities: Mapping[str, object]) -> None:
    """Make entities of these, among a crowd of others: names are rare only among many."""
    crowd = [
        {
            "cluster_id": f"z{number}",
            "first_name": FIRST_NAMES[number % 10],
            "last_name": f"family{number // 2}",
            "last_name_count": 2,
            "birth_date": f"19{50 + number // 12:02}-{1 + number % 12:02}-15",
            "postcodes": [f"p{number // 2}"],
        }
        for number in range(400)
    ]
    warehouse.con.execute("create schema if not exists identity")
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    warehouse.con.execute(f"create table identity.matching_entities ({columns})")
    named = [{"cluster_id": f"e{place}", **entity} for place, entity in enumerate(entities)]
    warehouse.con.execute(
        "create table identity.last_names (last_name varchar primary key, entity_count bigint)"
    )
    warehouse.con.executemany(
        "insert or ignore into identity.last_names values (?, ?)",
        [
            [entity["last_name"], entity["last_name_count"]]
            for entity in (*named, *crowd)
            if entity.get("last_name")
        ],
    )
    warehouse.con.executemany(
        f"insert into identity.matching_entities values ({', '.join('?' * len(COLUMNS))})",
        [[entity.get(name) for name in COLUMNS] for entity in (*named, *crowd)],
    )


def weights(warehouse: Backend) -> dict[tuple[str, str], float]:
    find_pairs(warehouse, read_model(FUZZY_MATCHING_MODEL))
    rows = warehouse.con.sql(
        """
        select record_id_a, record_id_b, match_weight
        from identity.fuzzy_pairs
        where record_id_a not like 'z%' and record_id_b not like 'z%'
        """
    )
    return {(one, other): weight for one, other, weight in rows.fetchall()}


def weights_of(model: Model) -> dict[tuple[str, str], float]:
    described = describe_model(model)
    return {(row.attribute, row.outcome): row.weight for row in described if row.weight is not None}


def elsewhere(entity: Mapping[str, object], place: int) -> dict[str, object]:
    """Move an entity where no other case is: another family, year of birth, street and mailbox."""
    moved = dict(entity)
    code = chr(ord("a") + place) * 3
    for name, value in entity.items():
        if isinstance(value, list):
            moved[name] = [code + text for text in value]
        elif name == "last_name":
            moved[name] = code + str(value)
        elif name == "birth_date" and value:
            moved[name] = f"{int(str(value)[:4]) - place}{str(value)[4:]}"
    return moved


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The weight of Ann and the other entity of each case; very low where they are no pair."""
    cases = {**PROBABLY_ONE, **PROBABLY_TWO}
    entities = [
        elsewhere(entity, place)
        for place, other in enumerate(cases.values())
        for entity in (ANN, other)
    ]
    with open_warehouse(tmp_path_factory.mktemp("judged") / "warehouse.duckdb") as connection:
        enter(connection, *entities)
        found = weights(connection)
    return {
        case: found.get((f"e{2 * place}", f"e{2 * place + 1}"), -100.0)
        for place, case in enumerate(cases)
    }


@pytest.mark.parametrize("case", PROBABLY_ONE)
def test_who_agrees_on_what_is_rare_is_probably_one_person(
    judged: Mapping[str, float], case: str
) -> None:
    assert judged[case] >= LIKELY


@pytest.mark.parametrize("case", PROBABLY_TWO)
def test_who_does_not_is_left_apart(judged: Mapping[str, float], case: str) -> None:
    assert judged[case] < LIKELY


def test_the_evidence_is_named_without_any_value(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None, "birth_date": None})
    find_pairs(warehouse, read_model(FUZZY_MATCHING_MODEL))
    evidence = warehouse.con.sql(
        "select evidence from identity.fuzzy_pairs where record_id_a = 'e0'"
    )
    assert evidence.fetchall() == [("first name same, family name same, address same",)]


def test_judging_twice_gives_the_same_pairs_and_leaves_nothing_else(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    assert weights(warehouse) == weights(warehouse)
    tables = warehouse.con.sql("select database_name, table_name from duckdb_tables()").fetchall()
    assert {table for _, table in tables} == {"matching_entities", "last_names", "fuzzy_pairs"}
    assert {database for database, _ in tables} == {"warehouse"}


def test_there_is_no_pair_while_it_is_off(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    assert find_pairs(warehouse, read_model(FUZZY_MATCHING_MODEL)) > 0
    assert find_pairs(warehouse, None) == 0


def test_without_any_entity_there_is_no_pair(warehouse: Backend) -> None:
    enter(warehouse)
    warehouse.con.execute("delete from identity.matching_entities")
    assert find_pairs(warehouse, read_model(FUZZY_MATCHING_MODEL)) == 0


def test_parameters_say_what_each_outcome_weighs() -> None:
    weighed = weights_of(read_model(FUZZY_MATCHING_MODEL))
    assert weighed[("birth date", "same")] > 0 > weighed[("birth date", "different")]


def test_training_learns_that_the_same_birth_date_says_more_than_the_same_address(
    warehouse: Backend,
) -> None:
    people = [
        {
            "first_name": FIRST_NAMES[number % 10],
            "last_name": f"name{number % 40}",
            "last_name_count": 6,
            "birth_date": f"19{50 + number % 50:02}-{1 + number % 12:02}-{1 + number % 28:02}",
            "postcodes": [f"p{number % 15}"],
            "addresses": [f"street{number % 60} p{number % 15}"],
        }
        for number in range(120)
    ]
    enter(warehouse, *people, *people[:40])
    model = train(warehouse)
    weighed = weights_of(model)
    assert weighed[("birth date", "same")] > weighed[("address", "same")] > 0
    assert find_pairs(warehouse, json.loads(json.dumps(model))) >= 40


def test_the_more_entities_there_are_the_less_a_pair_weighs(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    trained = read_model(FUZZY_MATCHING_MODEL)
    find_pairs(warehouse, {**trained, "trained_entities": 402})
    weight = "select match_weight from identity.fuzzy_pairs where record_id_a = 'e0'"
    among_as_many = warehouse.con.sql(weight).fetchall()[0][0]
    find_pairs(warehouse, {**trained, "trained_entities": 201})
    assert warehouse.con.sql(weight).fetchall()[0][0] == pytest.approx(among_as_many - 1, abs=0.1)


def test_too_little_to_train_on_is_said_so(warehouse: Backend) -> None:
    enter(warehouse)
    warehouse.con.execute("delete from identity.matching_entities where cluster_id <> 'z1'")
    with pytest.raises(FuzzyMatchingError, match="keep the parameters that there are"):
        train(warehouse)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"comparisons": [{}]}'])
def test_a_file_without_parameters_is_named(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "fuzzy_matching.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(FuzzyMatchingError, match="train_fuzzy_matching") as error:
        read_model(file)
    assert str(file) in str(error.value)


def test_parameters_of_other_comparisons_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "fuzzy_matching.json"
    model = FUZZY_MATCHING_MODEL.read_text()
    file.write_text(model.replace("l.last_name = r.last_name", "l.shoe_size = r.shoe_size"))
    with pytest.raises(FuzzyMatchingError, match="was trained for other comparisons"):
        read_model(file)
