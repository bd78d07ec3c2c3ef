"""The demo's calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.demo.window import REAL_LAST_DAY, window_until


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
