"""Which entities the fuzzy matching takes for one person, with the parameters of the repository."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
    "phones": "varchar[]",
    "fingerprint": "varchar",
}
ANN = {
    "first_name": "ann",
    "last_name": "archer",
    "birth_date": "1970-02-11",
    "addresses": ["1highst ab1"],
    "postcodes": ["ab1"],
    "emails": ["ann.archer70@mail.example"],
    "phones": ["+12025550131"],
}
KNOWN_FAMILIES = {"archer": 90, "archerd": 25}
"""How many of those whom the parameters were trained on have these family names."""
PROBABLY_ONE = {
    "name, birth date and postcode": {**ANN, "emails": None, "addresses": None},
    "name and address": {**ANN, "emails": None, "birth_date": None},
    "a mistyped e-mail address and name": {
        "first_name": "ann",
        "last_name": "archer",
        "emails": ["ann.acrher70@mail.example"],
    },
    "an e-mail address without one of its letters, and name": {
        "first_name": "ann",
        "last_name": "archer",
        "emails": ["ann.rcher70@mail.example"],
    },
    "a mistyped phone number and name": {
        "first_name": "ann",
        "last_name": "archer",
        "phones": ["+12025550113"],
    },
    "day and month exchanged": {**ANN, "emails": None, "birth_date": "1970-11-02"},
    "a mistyped family name": {
        **ANN,
        "last_name": "acrher",
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
        "birth_date": None,
        "emails": None,
    },
    "another birth date": {**ANN, "birth_date": "1999-05-30", "emails": None},
    "another number in the e-mail address": {"emails": ["ann.archer71@mail.example"]},
    "a namesake elsewhere, whose e-mail address has no dot": {
        "first_name": "ann",
        "last_name": "archer",
        "addresses": ["2lowst cd2"],
        "postcodes": ["cd2"],
        "emails": ["annarcher70@mail.example"],
    },
    "nearly the same e-mail address and phone number, as of relatives": {
        "emails": ["ann.acrher70@mail.example"],
        "phones": ["+12025550113"],
    },
    "another phone number": {
        "first_name": "ann",
        "last_name": "archer",
        "phones": ["+12025559876"],
    },
    "another e-mail address": {"emails": ["jan.archer70@mail.example"]},
    "an address alone": {"postcodes": ["ab1"], "addresses": ["1highst ab1"]},
    "a name alone": {name: ANN[name] for name in list(ANN)[:2]},
    "nothing": {},
}
NAMES_IN_A_LIST = json.dumps(
    {
        **json.loads(FUZZY_MATCHING_MODEL.read_text()),
        "name_counts": {"first_name": [], "last_name": []},
    }
)
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
            "birth_date": f"19{50 + number // 12:02}-{1 + number % 12:02}-15",
            "postcodes": [f"p{number // 2}"],
        }
        for number in range(400)
    ]
    warehouse.con.execute("create schema if not exists identity")
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    warehouse.con.execute(f"create table identity.matching_entities ({columns})")
    named = [{"cluster_id": f"e{place}", **entity} for place, entity in enumerate(entities)]
    add(warehouse, *named, *crowd)


def add(warehouse: Backend, *entities: Mapping[str, object]) -> None:
    """Add entities, or put others in place of those with their ids."""
    ids = [[entity["cluster_id"]] for entity in entities]
    warehouse.con.executemany("delete from identity.matching_entities where cluster_id = ?", ids)
    warehouse.con.executemany(
        f"insert into identity.matching_entities values ({', '.join('?' * len(COLUMNS))})",
        [
            [
                hashlib.sha256(repr(entity).encode()).hexdigest()
                if name == "fingerprint"
                else entity.get(name)
                for name in COLUMNS
            ]
            for entity in entities
        ],
    )


def known_names(*entities: Mapping[str, object]) -> Model:
    """The parameters of the repository, trained where the families of these entities are known."""
    trained = read_model(FUZZY_MATCHING_MODEL)
    families = {
        str(entity["last_name"]): count
        for entity in entities
        for name, count in KNOWN_FAMILIES.items()
        if str(entity.get("last_name")).endswith(name)
    }
    return {**trained, "name_counts": {**trained["name_counts"], "last_name": families}}


def pairs(warehouse: Backend, model: Model) -> list[tuple[object, ...]]:
    find_pairs(warehouse, model)
    return warehouse.con.sql("from identity.fuzzy_pairs order by all").fetchall()


def weights(warehouse: Backend, model: Model | None = None) -> dict[tuple[str, str], float]:
    find_pairs(warehouse, model or read_model(FUZZY_MATCHING_MODEL))
    rows = warehouse.con.sql(
        """
        select record_id_a, record_id_b, match_weight
        from identity.fuzzy_pairs
        where record_id_a not like 'z%' and record_id_b not like 'z%'
        """
    )
    return {(one, other): weight for one, other, weight in rows.fetchall()}


def evidence(warehouse: Backend) -> list[str]:
    """Tell what speaks for the pairs of the first entity."""
    find_pairs(warehouse, read_model(FUZZY_MATCHING_MODEL))
    rows = warehouse.con.sql("select evidence from identity.fuzzy_pairs where record_id_a = 'e0'")
    return [found for (found,) in rows.fetchall()]


def weights_of(model: Model) -> dict[tuple[str, str], float]:
    described = describe_model(model)
    return {(row.attribute, row.outcome): row.weight for row in described if row.weight is not None}


def elsewhere(entity: Mapping[str, object], place: int) -> dict[str, object]:
    """Move an entity where no other case is: another family, year of birth, street and mailbox."""
    moved = dict(entity)
    code = chr(ord("a") + place) * 3
    for name, value in entity.items():
        if name == "phones":
            moved[name] = [f"{text[:5]}{place:02}{text[7:]}" for text in entity["phones"]]
        elif isinstance(value, list):
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
        found = weights(connection, known_names(*entities))
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
    assert evidence(warehouse) == ["first name same, family name same, address same"]


@pytest.mark.parametrize(
    "mistyped",
    [
        "ann.acher@mail.example",
        "ann.arccher@mail.example",
        "ann.arxher@mail.example",
        "ann.acrher@mail.example",
        "ann.arche@mail.example",
        "ann.archer@mial.example",
        "ann.archer@ail.example",
        "ann.archer@mail.exampl",
        "ann.arche@rmail.example",
        "ann.archerm@ail.example",
    ],
)
def test_a_mistyped_address_is_found_wherever_the_typing_error_is(
    warehouse: Backend, mistyped: str
) -> None:
    enter(warehouse, {**ANN, "emails": ["ann.archer@mail.example"]})
    assert evidence(warehouse) == []
    add(warehouse, {"cluster_id": "e1", "emails": [mistyped]})
    assert evidence(warehouse) == ["e-mail address mistyped"]


@pytest.mark.parametrize(
    "agreement",
    [
        {"first_name": "ann", "birth_date": "1970-02-11"},
        {"first_name": "ann", "last_name": "archer"},
        {"first_name": "ann", "addresses": ["0oldst ef3", "1highst ab1"], "postcodes": ["ab1"]},
    ],
)
def test_who_comes_later_is_compared_with_whoever_agrees_on_one_thing(
    warehouse: Backend, agreement: Mapping[str, object]
) -> None:
    enter(warehouse, {**ANN, "emails": None})
    assert weights(warehouse) == {}
    add(warehouse, {"cluster_id": "e1", **agreement})
    assert weights(warehouse).keys() == {("e0", "e1")}


@pytest.mark.parametrize("mailbox", ["jan", "jann"])
def test_who_shares_an_address_is_left_to_the_rules_whoever_else_comes(
    warehouse: Backend, mailbox: str
) -> None:
    shared = {**ANN, "first_name": None, "emails": [f"{mailbox}.archer@mail.example"]}
    enter(warehouse, {**shared, "first_name": "jan"}, shared)
    assert weights(warehouse) == {}
    add(warehouse, {"cluster_id": "z400", "emails": [f"{mailbox}.acrher@mail.example"]})
    find_pairs(warehouse, None)
    assert weights(warehouse) == {}


def test_judging_twice_gives_the_same_pairs_and_leaves_nothing_else(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    judged = weights(warehouse)
    find_pairs(warehouse, None)
    assert weights(warehouse) == judged != {}
    tables = warehouse.con.sql("select database_name, table_name from duckdb_tables()").fetchall()
    assert {table for _, table in tables} == {
        "matching_entities",
        "judged_entities",
        "fuzzy_pairs",
    }
    assert {database for database, _ in tables} == {"warehouse"}


def test_strangers_change_nothing_about_a_pair(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    model = {**read_model(FUZZY_MATCHING_MODEL), "trained_entities": 402}
    alone = weights(warehouse, model)
    namesakes = [
        {**ANN, "cluster_id": f"z{400 + number}", "birth_date": None, "emails": None}
        | {"addresses": None, "postcodes": [f"q{number}"], "phones": None}
        for number in range(100)
    ]
    add(warehouse, *namesakes)
    find_pairs(warehouse, None)
    assert weights(warehouse, model) == alone != {}


def test_a_pair_that_was_judged_is_not_judged_again(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    judged = weights(warehouse)
    warehouse.con.execute("update identity.fuzzy_pairs set match_weight = 99")
    assert weights(warehouse) == dict.fromkeys(judged, 99)
    other_parameters = {**read_model(FUZZY_MATCHING_MODEL), "max_iterations": 7}
    assert weights(warehouse, other_parameters) == judged


def test_all_pairs_are_judged_anew_once_their_table_is_gone(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    judged = weights(warehouse)
    warehouse.con.execute("drop table identity.fuzzy_pairs")
    assert weights(warehouse) == judged != {}


ENTITIES = st.fixed_dictionaries(
    {
        "cluster_id": st.sampled_from(["e0", "e1", "e2", "e3"]),
        "first_name": st.sampled_from(["ann", "carl", None]),
        "last_name": st.sampled_from(["archer", "acrher", "baker", None]),
        "birth_date": st.sampled_from(["1970-02-11", "1970-11-02", None]),
        "postcodes": st.sampled_from([["ab1"], ["ab1", "cd2"], None]),
        "addresses": st.sampled_from([["1highst ab1"], ["1highst ab1", "2lowst cd2"], None]),
        "emails": st.sampled_from(
            [
                ["jan.archer70@mail.example"],
                ["jan.acrher70@mail.example"],
                ["jan.acrher70@mail.example", "jan.archer70@maill.example"],
                ["bea@post.example"],
                None,
            ]
        ),
        "phones": st.sampled_from([["+12025550131"], None]),
    }
)
DAYS = st.lists(
    st.tuples(
        st.lists(ENTITIES, max_size=3, unique_by=lambda entity: entity["cluster_id"]),
        st.sets(st.sampled_from(["e0", "e1", "e2", "e3"])),
    ),
    min_size=2,
    max_size=4,
)


@settings(max_examples=12)
@given(days=DAYS)
def test_pairs_of_day_after_day_are_those_of_judging_all_at_once(
    days: list[tuple[list[dict[str, object]], set[str]]],
) -> None:
    model = {**known_names(ANN), "trained_entities": 4}
    with TemporaryDirectory() as folder, open_warehouse(Path(folder) / "w.duckdb") as warehouse:
        warehouse.con.execute("create schema identity")
        warehouse.con.execute(
            "create table identity.matching_entities "
            f"({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})"
        )
        for come, gone in days:
            warehouse.con.execute(
                "delete from identity.matching_entities where list_contains(?, cluster_id)",
                [sorted(gone)],
            )
            if come:
                add(warehouse, *come)
            held = pairs(warehouse, model)
        find_pairs(warehouse, None)
        assert pairs(warehouse, model) == held


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


def test_names_that_tell_of_people_are_not_kept_in_the_parameters(warehouse: Backend) -> None:
    household = [{**ANN, "cluster_id": f"h{number}"} for number in range(20)]
    family = [
        {**ANN, "cluster_id": f"f{number}", "first_name": name, "last_name": "smith"}
        for number, name in enumerate(FIRST_NAMES)
    ]
    enter(warehouse, *household, *family)
    counts = train(warehouse)["name_counts"]
    assert counts["last_name"] == {"smith": 10}
    assert counts["first_name"] == dict.fromkeys(FIRST_NAMES, 41)


def test_a_pair_weighs_less_by_one_bit_once_the_entities_have_doubled(warehouse: Backend) -> None:
    enter(warehouse, ANN, {**ANN, "emails": None})
    model = {**read_model(FUZZY_MATCHING_MODEL), "trained_entities": 402}
    among_as_many = weights(warehouse, model)[("e0", "e1")]
    add(warehouse, *[{"cluster_id": f"y{number}"} for number in range(402)])
    assert weights(warehouse, model)[("e0", "e1")] == pytest.approx(among_as_many - 1, abs=0.01)
    warehouse.con.execute("delete from identity.matching_entities where cluster_id like 'y%'")
    assert weights(warehouse, model)[("e0", "e1")] == pytest.approx(among_as_many - 1, abs=0.01)


def test_too_little_to_train_on_is_said_so(warehouse: Backend) -> None:
    enter(warehouse)
    warehouse.con.execute("delete from identity.matching_entities where cluster_id <> 'z1'")
    with pytest.raises(FuzzyMatchingError, match="keep the parameters that there are"):
        train(warehouse)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"comparisons": [{}]}', NAMES_IN_A_LIST])
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
