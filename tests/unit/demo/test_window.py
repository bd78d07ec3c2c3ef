"""The demo's calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.demo.window import (
    REAL_LAST_DAY,
    days_to_show,
    stretches,
    window_until,
)


@given(st.dates(min_value=date(2010, 1, 1), max_value=date(2090, 1, 1)))
def test_dates_move_by_the_fewest_whole_weeks_that_reach_the_last_day(until: date) -> None:
    window = window_until(until)
    assert window.shift % timedelta(weeks=1) == timedelta(0)
    assert until <= REAL_LAST_DAY + window.shift < until + timedelta(weeks=1)


@given(st.dates(min_value=date(2010, 1, 1), max_value=date(2090, 1, 1)))
def test_the_window_ends_on_the_day_that_was_asked_for(until: date) -> None:
    window = window_until(until)
    assert window.last_day == until
    assert 359 <= window.day_count <= 365


def test_a_number_of_days_keeps_the_last_ones() -> None:
    window = window_until(date(2026, 10, 31), days=90)
    assert window.first_day == date(2026, 8, 3)
    assert window.day_count == 90


def test_more_days_than_there_are_keep_all() -> None:
    assert window_until(date(2026, 10, 31), days=9999) == window_until(date(2026, 10, 31))


def test_no_days_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        window_until(date(2026, 10, 31), days=0)


def test_the_newest_day_and_the_two_month_ends_before_it_are_shown() -> None:
    assert days_to_show(date(2025, 1, 1), date(2026, 3, 31)) == [
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 31),
    ]


def test_month_ends_before_the_first_day_are_not_shown() -> None:
    newest = date(2026, 3, 15)
    assert days_to_show(date(2026, 2, 1), newest) == [date(2026, 2, 28), newest]


@given(
    st.dates(min_value=date(2010, 1, 1), max_value=date(2090, 1, 1)),
    st.integers(min_value=0, max_value=400),
)
def test_every_day_is_run_once_and_each_run_ends_on_a_day_to_show(until: date, days: int) -> None:
    first_day = until - timedelta(days=days)
    parts = stretches(first_day, until)
    run = [
        first + timedelta(days=day)
        for first, last in parts
        for day in range((last - first).days + 1)
    ]
    assert run == [first_day + timedelta(days=day) for day in range(days + 1)]
    assert [last for _, last in parts] == days_to_show(first_day, until)
