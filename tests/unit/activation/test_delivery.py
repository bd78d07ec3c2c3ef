"""Carrying the difference over: only what changed, nothing twice, nothing lost."""

import dataclasses
import traceback
from datetime import UTC, datetime

import pytest

from dagster_project.activation.audience import Audience
from dagster_project.activation.delivery import DeliveryError
from dagster_project.activation.guard import SegmentNotEvaluatedError
from dagster_project.activation.invariants import count_unwelcome_members
from dagster_project.activation.log import delivered_batches
from tests.unit.activation.shop import (
    BY_PHONE,
    CHAMPIONS,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    RecordingDestination,
    Shop,
    crash,
    sha256,
)


@pytest.fixture
def recorder(shop: Shop) -> RecordingDestination:
    return RecordingDestination(shop)


def test_the_first_sync_delivers_everybody_in_bounded_batches(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abcde")
    shop.on_day(MONDAY, champions="edcba")
    result = shop.sync(MONDAY, destination=recorder)
    assert recorder.delivered() == [("add", ["a", "b"]), ("add", ["c", "d"]), ("add", ["e"])]
    assert (result.difference.adds, result.size) == (5, 5)


def test_only_the_difference_is_delivered_and_those_who_leave_come_first(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abcd")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY, destination=recorder)
    recorder.batches.clear()
    shop.on_day(TUESDAY, champions="bcd")
    result = shop.sync(TUESDAY, destination=recorder)
    assert recorder.delivered() == [("remove", ["a"]), ("add", ["d"])]
    difference = result.difference
    assert (difference.adds, difference.removes, difference.unchanged) == (1, 1, 2)
    acknowledged = shop.run(
        "select profile_id, acknowledged_as_of from activation.best_customers order by all"
    )
    assert acknowledged == [("b", MONDAY), ("c", MONDAY), ("d", TUESDAY)]


def test_a_second_sync_delivers_nothing_and_changes_no_table(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY, destination=recorder)
    tables = shop.tables()
    recorder.batches.clear()
    result = shop.sync(MONDAY, destination=recorder)
    assert recorder.batches == []
    assert shop.tables() == tables
    assert (result.difference.adds, result.difference.unchanged) == (0, 3)


def test_a_person_who_was_merged_stays_without_being_delivered_anew(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a", "old")
    shop.contact_point("a", "email", "old@example.com")
    shop.on_day(MONDAY, champions=["old"])
    shop.sync(MONDAY, destination=recorder)
    recorder.batches.clear()
    shop.merge("old", "a")
    shop.on_day(TUESDAY, champions="a")
    result = shop.sync(TUESDAY, destination=recorder)
    assert recorder.batches == []
    assert (result.difference.unchanged, shop.held()) == (1, ["a"])


def test_what_was_sent_of_a_merged_person_stands_under_the_id_of_today_as_well(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a", "old")
    shop.on_day(MONDAY, champions=["a", "old"])
    shop.sync(MONDAY, destination=recorder)
    shop.merge("old", "a")
    shop.on_day(TUESDAY, champions="")
    shop.sync(TUESDAY, destination=recorder)
    story = shop.run(
        """
        select profile_id, current_profile_id, action
        from activation.current_sync_log order by attempt, profile_id
        """
    )
    assert story == [
        ("a", "a", "add"),
        ("old", "a", "add"),
        ("a", "a", "remove"),
        ("old", "a", "remove"),
    ]


def test_of_two_people_who_turn_out_to_be_one_the_other_address_is_taken_back(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a", "old")
    shop.on_day(MONDAY, champions=["a", "old"])
    shop.sync(MONDAY, destination=recorder)
    recorder.batches.clear()
    shop.merge("old", "a")
    shop.on_day(TUESDAY, champions="a")
    shop.sync(TUESDAY, destination=recorder)
    assert recorder.delivered() == [("remove", ["old"])]
    assert list(recorder.batches[0].members["email"]) == [sha256("old@example.com")]
    assert shop.held() == ["a"]


def test_an_address_that_may_have_arrived_before_its_owner_was_merged_is_taken_back(
    shop: Shop,
) -> None:
    shop.with_customers("a", "old")
    recorder = RecordingDestination(shop)
    shop.on_day(MONDAY, champions="a")
    shop.sync(MONDAY, destination=recorder)
    shop.on_day(TUESDAY, champions=["a", "old"])
    recorder.breaks_at = 1
    with pytest.raises(DeliveryError):
        shop.sync(TUESDAY, destination=recorder)
    shop.merge("old", "a")
    shop.on_day(WEDNESDAY, champions="a")
    shop.sync(WEDNESDAY, destination=recorder)
    assert recorder.delivered() == [("add", ["a"]), ("remove", ["old"])]
    assert shop.run("from activation.unconfirmed_members") == []


def test_an_old_day_delivers_nothing_and_says_so(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="a")
    shop.on_day(TUESDAY, champions="b")
    result = shop.sync(MONDAY, destination=recorder)
    assert result.is_old_day
    assert recorder.batches == []
    assert shop.run("from activation.sync_log") == []


def test_a_segment_that_is_filled_in_from_long_ago_is_not_delivered(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.run("insert into metrics.segment_evaluations values ('all_customers', ?)", [WEDNESDAY])
    shop.on_day(MONDAY, champions="a")
    assert shop.sync(MONDAY, destination=recorder).is_old_day
    assert recorder.batches == []


def test_a_segment_that_lags_behind_all_others_stops_the_sync(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    shop.run("insert into metrics.segment_evaluations values ('all_customers', ?)", [TUESDAY])
    with pytest.raises(SegmentNotEvaluatedError, match="newest day is 2026-06-01"):
        shop.sync(TUESDAY, destination=recorder)
    assert recorder.batches == []


def test_a_segment_that_is_empty_on_the_newest_day_empties_the_audience(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY, destination=recorder)
    shop.on_day(TUESDAY)
    assert shop.sync(TUESDAY, destination=recorder).size == 0
    assert shop.held() == []


def test_whoever_withdraws_consent_leaves(shop: Shop, recorder: RecordingDestination) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY, destination=recorder)
    shop.consents("a", is_granted=False)
    with shop.connect() as connection:
        unwelcome = count_unwelcome_members(connection, CHAMPIONS, recorder.name)
    assert unwelcome == {"without_consent": 1, "excluded": 0, "with_unusable_address": 1}
    shop.sync(MONDAY, destination=recorder)
    assert shop.held() == ["b"]
    with shop.connect() as connection:
        unwelcome = count_unwelcome_members(connection, CHAMPIONS, recorder.name)
    assert unwelcome == {"without_consent": 0, "excluded": 0, "with_unusable_address": 0}


@pytest.mark.parametrize("audience", [CHAMPIONS, BY_PHONE], ids=["hashed", "plain"])
def test_whoever_is_held_by_an_address_that_was_refused_is_counted(
    shop: Shop, recorder: RecordingDestination, audience: Audience
) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY, audience=audience, destination=recorder)
    shop.statement("a@example.com", is_granted=False)
    with shop.connect() as connection:
        unwelcome = count_unwelcome_members(connection, audience, recorder.name)
    assert unwelcome == {"without_consent": 0, "excluded": 0, "with_unusable_address": 1}
    shop.sync(MONDAY, audience=audience, destination=recorder)
    assert shop.held(audience) == ["b"]


def test_a_changed_identifier_leaves_as_it_was_delivered_and_joins_as_it_is(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    shop.contact_point("a", "email", "new@example.com")
    recorder.batches.clear()
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    delivered = [(batch.action, *batch.members["email"]) for batch in recorder.batches]
    assert delivered == [("remove", "a@example.com"), ("add", "new@example.com")]


def test_an_identifier_that_somebody_who_stays_shares_is_not_removed(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"ab")
    for profile in "ab":
        shop.contact_point(profile, "phone", "+15550100")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    recorder.batches.clear()
    shop.on_day(TUESDAY, champions="b")
    shop.sync(TUESDAY, audience=BY_PHONE, destination=recorder)
    shop.on_day(WEDNESDAY)
    shop.sync(WEDNESDAY, audience=BY_PHONE, destination=recorder)
    removed = [tuple(batch.members.astype(object).iloc[0]) for batch in recorder.batches]
    assert removed[0][:2] == ("a", "a@example.com")
    assert removed[0][2] is None or removed[0][2] != removed[0][2]
    assert removed[1] == ("b", "b@example.com", "+15550100")


def test_an_identifier_that_several_share_leaves_with_the_last_of_them(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abc")
    for profile in "abc":
        shop.contact_point(profile, "phone", "+15550100")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    recorder.batches.clear()
    shop.on_day(TUESDAY)
    shop.sync(TUESDAY, audience=BY_PHONE, destination=recorder)
    assert recorder.delivered() == [("remove", ["a", "b"]), ("remove", ["c"])]
    first, last = (batch.members["phone"].dropna().to_list() for batch in recorder.batches)
    assert (first, last) == ([], ["+15550100"])


def test_a_crash_between_two_batches_loses_nothing_and_repeats_nothing(shop: Shop) -> None:
    shop.with_customers(*"abcde")
    shop.on_day(MONDAY, champions="abcde")
    recorder = RecordingDestination(shop, breaks_at=1, breaks_with=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        shop.sync(MONDAY, destination=recorder)
    assert shop.held() == ["a", "b"]
    shop.sync(MONDAY, destination=recorder)
    assert recorder.delivered() == [("add", ["a", "b"]), ("add", ["c", "d"]), ("add", ["e"])]
    assert shop.held() == list("abcde")


def test_a_crash_before_the_record_repeats_the_batch_under_the_same_id(
    shop: Shop, recorder: RecordingDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="abc")

    with monkeypatch.context() as patched:
        patched.setattr("dagster_project.activation.delivery.record_receipt", crash)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(MONDAY, destination=recorder)
    shop.sync(MONDAY, destination=recorder)
    assert recorder.delivered() == [("add", ["a", "b"]), ("add", ["a", "b"]), ("add", ["c"])]
    assert recorder.batches[0].batch_id == recorder.batches[1].batch_id


@pytest.mark.parametrize(
    "breaks_with", [KeyboardInterrupt(), TimeoutError()], ids=["crash", "error"]
)
def test_whoever_may_have_joined_and_is_no_longer_desired_is_taken_back(
    shop: Shop, breaks_with: BaseException
) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")
    recorder = RecordingDestination(shop, breaks_at=0, breaks_with=breaks_with)
    with pytest.raises((KeyboardInterrupt, DeliveryError)):
        shop.sync(MONDAY, destination=recorder)
    shop.consents("a", is_granted=False)
    shop.on_day(TUESDAY, champions="ab")
    result = shop.sync(TUESDAY, destination=recorder)
    assert recorder.delivered() == [("remove", ["a"]), ("add", ["b"])]
    assert (result.difference.removes, result.difference.adds) == (1, 1)
    assert shop.held() == ["b"]
    assert shop.run("from activation.unconfirmed_members") == []


def test_whoever_may_have_joined_under_an_old_identifier_leaves_under_it_first(
    shop: Shop,
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    recorder = RecordingDestination(shop, breaks_at=0, refuses={"a": "try later"})
    with pytest.raises(DeliveryError):
        shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    shop.contact_point("a", "email", "new@example.com")
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    assert recorder.delivered() == [("remove", ["a"])]
    recorder.refuses = {}
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    delivered = [(batch.action, *batch.members["email"]) for batch in recorder.batches[1:]]
    assert delivered == [("remove", "a@example.com"), ("add", "new@example.com")]
    assert shop.run("from activation.unconfirmed_members") == []


def test_an_identifier_that_is_not_declared_any_more_is_taken_back(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.reachable("a", kind="phone")
    shop.on_day(MONDAY, champions="a")
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    by_email = dataclasses.replace(BY_PHONE, identifiers=("email",))
    shop.sync(MONDAY, audience=by_email, destination=recorder)
    removal, addition = recorder.batches[1:]
    assert removal.members.to_dict("records") == [
        {"profile_id": "a", "email": "a@example.com", "phone": "+1a"}
    ]
    assert list(addition.members.columns) == ["profile_id", "email"]


def test_whoever_leaves_twice_on_a_day_leaves_in_batches_of_different_ids(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    for is_granted in (True, False, True, False):
        shop.consents("a", is_granted=is_granted)
        shop.sync(MONDAY, destination=recorder)
    assert [batch.action for batch in recorder.batches] == ["add", "remove", "add", "remove"]
    assert len({batch.batch_id for batch in recorder.batches}) == 4


def test_a_failed_batch_is_logged_and_named_without_personal_data(shop: Shop) -> None:
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="abc")
    recorder = RecordingDestination(shop, breaks_at=1)
    with pytest.raises(DeliveryError, match="failed with ConnectionError on batch") as error:
        shop.sync(MONDAY, destination=recorder)
    assert "@" not in str(error.value)
    log = shop.run(
        "select profile_id, outcome, reason from activation.sync_log order by profile_id"
    )
    assert log == [
        ("a", "accepted", None),
        ("b", "accepted", None),
        ("c", "failed", "ConnectionError"),
    ]


def test_what_a_destination_raised_is_told_nowhere_in_the_traceback(shop: Shop) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    recorder = RecordingDestination(shop, breaks_at=0)
    assert str(recorder.breaks_with) == "foo@example.com"
    with pytest.raises(DeliveryError) as error:
        shop.sync(MONDAY, destination=recorder)
    told = "".join(traceback.format_exception(error.value))
    assert "ConnectionError" in told
    assert "foo@example.com" not in told
    assert (error.value.__cause__, error.value.__context__) == (None, None)


def test_batches_are_listed_in_the_order_of_delivery_when_the_clock_goes_back(
    shop: Shop, recorder: RecordingDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter([3, 2, 1])

    class ClockThatGoesBack(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            del tz
            return datetime(2026, 6, 1, next(hours), tzinfo=UTC)

    monkeypatch.setattr("dagster_project.activation.log.datetime", ClockThatGoesBack)
    shop.with_customers(*"abcde")
    shop.on_day(MONDAY, champions="abcde")
    shop.sync(MONDAY, destination=recorder)
    with shop.connect() as connection:
        listed = delivered_batches(connection, CHAMPIONS, recorder.name, MONDAY)
    assert [batch.batch_id for batch in listed] == [batch.batch_id for batch in recorder.batches]
    attempts = shop.run("select profile_id, attempt from activation.sync_log order by profile_id")
    assert attempts == [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 3)]


def test_whoever_is_rejected_is_logged_and_tried_again_by_the_next_run(shop: Shop) -> None:
    shop.with_customers(*"ab")
    shop.on_day(MONDAY, champions="ab")
    recorder = RecordingDestination(shop, refuses={"a": "no such address"})
    assert shop.sync(MONDAY, destination=recorder).rejected == 1
    assert shop.held() == ["b"]
    recorder.refuses = {}
    shop.sync(MONDAY, destination=recorder)
    assert recorder.delivered() == [("add", ["a", "b"]), ("add", ["a"])]
    log = shop.run(
        """
        select profile_id, outcome, reason from activation.sync_log
        order by attempt, profile_id
        """
    )
    assert log == [
        ("a", "rejected", "no such address"),
        ("b", "accepted", None),
        ("a", "accepted", None),
    ]


def test_whoever_may_not_leave_under_old_identifiers_does_not_join_under_new_ones(
    shop: Shop,
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    recorder = RecordingDestination(shop)
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    shop.contact_point("a", "email", "new@example.com")
    recorder.batches.clear()
    recorder.refuses = {"a": "try later"}
    shop.sync(MONDAY, audience=BY_PHONE, destination=recorder)
    assert [batch.action for batch in recorder.batches] == ["remove"]
    assert shop.run("select email from activation.audience_members") == [("a@example.com",)]


def test_the_warehouse_is_closed_while_a_destination_works(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="abc")
    shop.sync(MONDAY, destination=recorder)
    assert recorder.open_connections == 0


def test_each_run_that_delivered_is_one_row_of_sync_runs(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers(*"abc")
    shop.on_day(MONDAY, champions="ab")
    shop.sync(MONDAY, destination=recorder)
    shop.on_day(TUESDAY, champions="bc")
    shop.sync(TUESDAY, destination=recorder)
    shop.sync(TUESDAY, destination=recorder)
    runs = shop.run(
        """
        select audience, destination, as_of, adds, removes, rejected, failed, batches
        from activation.sync_runs order by as_of
        """
    )
    assert runs == [
        ("best_customers", "recorder", MONDAY, 2, 0, 0, 0, 1),
        ("best_customers", "recorder", TUESDAY, 1, 1, 0, 0, 2),
    ]


def test_a_segment_that_was_not_evaluated_on_the_day_stops_the_sync(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    with pytest.raises(SegmentNotEvaluatedError, match="segment champions of 2026-06-02"):
        shop.sync(TUESDAY, destination=recorder)
    assert recorder.batches == []


def test_an_exclusion_segment_that_lags_behind_stops_the_sync(
    shop: Shop, recorder: RecordingDestination
) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a", recent_buyers="a")
    shop.run("insert into metrics.segment_evaluations values ('champions', ?)", [TUESDAY])
    with pytest.raises(SegmentNotEvaluatedError, match="segment recent_buyers of 2026-06-02"):
        shop.sync(TUESDAY, destination=recorder)


def test_pages_end_on_whole_batches(
    shop: Shop, recorder: RecordingDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dagster_project.activation.plan._PAGE_ROWS", 5)
    shop.with_customers(*"abcdefg")
    shop.on_day(MONDAY, champions="abcdefg")
    shop.sync(MONDAY, destination=recorder)
    sizes = [len(batch.members) for batch in recorder.batches]
    assert sizes == [2, 2, 2, 1]
    assert shop.held() == list("abcdefg")


def test_the_view_of_an_audience_shows_whom_the_destination_holds(shop: Shop) -> None:
    shop.with_customers("a")
    shop.on_day(MONDAY, champions="a")
    shop.sync(MONDAY, audience=BY_PHONE)
    assert shop.run("from activation.callers") == [("a", "a@example.com", None, MONDAY)]
