"""Who is desired in an audience."""

import pytest

from dagster_project.activation.audience import Audience, count_candidates, desired_members
from tests.unit.activation.shop import BY_PHONE, CHAMPIONS, MONDAY, TUESDAY, Shop, sha256


def desired(shop: Shop, audience: Audience = CHAMPIONS) -> list[tuple[object, ...]]:
    with shop.connect() as connection:
        members = desired_members(connection, audience).order_by("profile_id").to_pyarrow()
    return [tuple(row.values()) for row in members.to_pylist()]


def test_members_who_can_and_may_be_reached_are_desired(shop: Shop) -> None:
    shop.with_customers("a", "b")
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == [("a", sha256("a@example.com"), None)]


def test_identifiers_are_plain_only_when_that_is_declared(shop: Shop) -> None:
    shop.with_customers("a")
    shop.reachable("a", kind="phone")
    shop.on_day(MONDAY, champions="a")
    assert desired(shop, BY_PHONE) == [("a", "a@example.com", "+1a")]


def test_one_of_the_identifiers_is_enough(shop: Shop) -> None:
    shop.consents("a")
    shop.reachable("a", kind="phone")
    shop.on_day(MONDAY, champions="a")
    assert desired(shop, BY_PHONE) == [("a", None, "+1a")]


def test_an_identifier_that_is_not_declared_makes_nobody_reachable(shop: Shop) -> None:
    shop.consents("a")
    shop.reachable("a", kind="phone")
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_only_the_primary_contact_point_is_used(shop: Shop) -> None:
    shop.consents("a")
    shop.contact_point("a", "email", "old@example.com", is_primary=False)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_an_address_that_bounced_is_not_used(shop: Shop) -> None:
    shop.with_customers("a", "b")
    shop.bounces("a@example.com")
    shop.on_day(MONDAY, champions="ab")
    assert [row[0] for row in desired(shop)] == ["b"]


def test_whoever_was_never_asked_stays_out(shop: Shop) -> None:
    shop.reachable("a")
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_whoever_said_no_stays_out(shop: Shop) -> None:
    shop.with_customers("a")
    shop.consents("a", is_granted=False)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_an_address_shared_with_somebody_who_said_no_is_not_used(shop: Shop) -> None:
    shop.consents("a")
    shop.consents("b", is_granted=False, names_every_address=False)
    for profile in "ab":
        shop.contact_point(profile, "email", "household@example.com")
    shop.on_day(MONDAY, champions="ab")
    assert desired(shop) == []


def test_a_grant_for_another_address_does_not_cover_this_one(shop: Shop) -> None:
    shop.reachable("a")
    shop.consents("a", names_every_address=False)
    shop.statement("old@example.com", is_granted=True)
    shop.contact_point("a", "email", "old@example.com", is_primary=False)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_a_grant_for_an_address_does_not_cover_a_phone_of_the_same_value(shop: Shop) -> None:
    shop.contact_point("a", "phone", "+15550100")
    shop.consents("a", names_every_address=False)
    shop.statement("+15550100", kind="email", is_granted=True)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop, BY_PHONE) == []


def test_an_address_that_somebody_refused_is_never_used(shop: Shop) -> None:
    shop.with_customers("a")
    shop.statement("a@example.com", is_granted=False)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_a_granted_address_does_not_stand_for_the_consent_of_its_profile(shop: Shop) -> None:
    shop.reachable("a")
    shop.statement("a@example.com", is_granted=True)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_a_refused_phone_leaves_a_granted_address_usable(shop: Shop) -> None:
    shop.with_customers("a")
    shop.reachable("a", kind="phone")
    shop.statement("+1a", kind="phone", is_granted=False)
    shop.on_day(MONDAY, champions="a")
    assert desired(shop, BY_PHONE) == [("a", "a@example.com", None)]


def test_a_no_to_another_purpose_leaves_a_shared_address_usable(shop: Shop) -> None:
    shop.consents("a")
    shop.consents("b", is_granted=False, purpose="advertising")
    for profile in "ab":
        shop.contact_point(profile, "email", "household@example.com")
    shop.on_day(MONDAY, champions="a")
    assert [row[0] for row in desired(shop)] == ["a"]


def test_a_yes_to_another_purpose_is_no_yes(shop: Shop) -> None:
    shop.reachable("a")
    shop.consents("a", purpose="advertising")
    shop.on_day(MONDAY, champions="a")
    assert desired(shop) == []


def test_members_of_an_excluded_segment_stay_out(shop: Shop) -> None:
    shop.with_customers("a", "b")
    shop.on_day(MONDAY, champions="ab", recent_buyers="b")
    assert [row[0] for row in desired(shop)] == ["a"]


def test_former_members_of_an_excluded_segment_come_back(shop: Shop) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a", recent_buyers="a")
    shop.on_day(TUESDAY, champions="a")
    assert [row[0] for row in desired(shop)] == ["a"]


def test_each_candidate_is_counted_once_by_the_first_reason(shop: Shop) -> None:
    shop.with_customers("a", "excluded")
    shop.consents("unreachable")
    shop.on_day(
        MONDAY,
        champions=["a", "excluded", "unreachable", "silent", "nobody"],
        recent_buyers=["excluded", "nobody"],
    )
    with shop.connect() as connection:
        assert count_candidates(connection, CHAMPIONS) == {
            "members": 5,
            "excluded": 2,
            "not_consenting": 1,
            "not_contactable": 1,
            "desired": 1,
        }


def test_a_segment_without_members_counts_zero(shop: Shop) -> None:
    with shop.connect() as connection:
        assert set(count_candidates(connection, CHAMPIONS).values()) == {0}


@pytest.mark.parametrize("name", ["Best", "1st", "best customers", "best;drop", ""])
def test_a_name_that_cannot_be_a_view_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="needs a name of lower-case letters"):
        Audience(name=name, segment="s", purpose="p", identifiers=("email",))


@pytest.mark.parametrize("identifiers", [(), ("email", "fax")])
def test_identifiers_that_nobody_knows_are_refused(identifiers: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="needs identifiers out of email, phone"):
        Audience(name="a", segment="s", purpose="p", identifiers=identifiers)
