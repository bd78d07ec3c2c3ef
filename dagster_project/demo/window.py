"""The demo's calendar: which days of the real year are shown, and how far they are moved.

What belongs here: arithmetic on dates. What does not: reading or writing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

REAL_FIRST_DAY = date(2017, 1, 1)
"""First day of the real purchases."""

REAL_LAST_DAY = date(2017, 12, 31)
"""Last whole day of the real purchases; four hours of the next day follow and are left out."""


@dataclass(frozen=True)
class Window:
    """The days that the landing files cover, in the demo's calendar."""

    first_day: date
    last_day: date
    shift: timedelta

    @property
    def data_start(self) -> date:
        """Where the first real day comes to lie, whether it is shown or not."""
        return REAL_FIRST_DAY + self.shift

    @property
    def day_count(self) -> int:
        """How many days there are, both ends included."""
        return (self.last_day - self.first_day).days + 1


def window_until(until: date, days: int | None = None) -> Window:
    """Move the real year so that it ends on a given day.

    Dates move by whole weeks, the fewest for which the last real day falls on ``until`` or later,
    so weekdays stay; what then lies after ``until`` is left out.

    Args:
        until: The last day shown.
        days: Show only that many days before and including ``until``; all there are by default.

    Returns:
        The window.

    Raises:
        ValueError: If ``days`` is not positive.

    Example:
        >>> window_until(date(2026, 10, 31)).first_day
        datetime.date(2025, 11, 2)
    """
    if days is not None and days < 1:
        raise ValueError(f"days is {days}; it takes at least one day to show anything.")
    weeks = -((REAL_LAST_DAY - until) // timedelta(weeks=1))
    shift = timedelta(weeks=weeks)
    first_day = REAL_FIRST_DAY + shift
    if days is not None:
        first_day = max(first_day, until - timedelta(days=days - 1))
    return Window(first_day=first_day, last_day=until, shift=shift)


def days_to_show(first_day: date, until: date) -> list[date]:
    """List the last two month ends before the newest day, and the newest day.

    Args:
        first_day: The first day that there can be; month ends before it are left out.
        until: The newest day.

    Example:
        >>> [day.isoformat() for day in days_to_show(date(2026, 2, 1), date(2026, 3, 15))]
        ['2026-02-28', '2026-03-15']
    """
    month_ends: list[date] = []
    month_end = until.replace(day=1) - timedelta(days=1)
    while len(month_ends) < 2 and month_end >= first_day:  # noqa: PLR2004
        month_ends.append(month_end)
        month_end = month_end.replace(day=1) - timedelta(days=1)
    return [*reversed(month_ends), until]


def stretches(first_day: date, until: date) -> list[tuple[date, date]]:
    """Divide the days from the first to the newest, each part ending on a day to show.

    Args:
        first_day: The first day.
        until: The newest day.

    Returns:
        The first and the last day of each part.
    """
    ends = days_to_show(first_day, until)
    starts = [first_day, *(end + timedelta(days=1) for end in ends)]
    return list(zip(starts, ends, strict=False))
