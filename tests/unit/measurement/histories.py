"""Histories of segments for tests: writing them into a warehouse, and what must come out of them.

What must come out is computed here with pandas, from whole histories at once, and shares no code
with the package.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pandas as pd
from ibis.backends.duckdb import Backend

from dagster_project.measurement.builds import record_builds
from dagster_project.measurement.policies import MembershipPolicy

History = Mapping[str, Mapping[date, frozenset[str]]]
"""Members by segment and day."""

INTERVAL = ["segment", "profile_id", "entered_on", "exited_on"]


def write_snapshots(warehouse: Backend, history: History) -> None:
    for segment, days in history.items():
        rows = [(profile, day) for day, members in days.items() for profile in sorted(members)]
        warehouse.con.execute(f"delete from segments.{segment}")
        if rows:
            warehouse.con.executemany(f"insert into segments.{segment} values (?, ?)", rows)
        record_builds(warehouse, [segment], list(days))


def write_orders(warehouse: Backend, orders: Iterable[tuple[str | None, date, float]]) -> None:
    """Write orders of people: profile (null for an anonymous sale), day, amount."""
    warehouse.con.execute(
        """
        truncate conformed.orders;
        truncate identity.identity_map;
        truncate identity.identity_history;
        truncate identity.profile_aliases;
        """
    )
    rows = list(orders)
    for number, (profile, day, amount) in enumerate(rows):
        record = None if profile is None else f"crm__customers:{profile}"
        warehouse.con.execute(
            "insert into conformed.orders values (?, ?, ?, ?)", [str(number), record, day, amount]
        )
    for profile in sorted({profile for profile, _day, _amount in rows if profile}):
        warehouse.con.execute(
            "insert into identity.identity_map values ('crm__customers', ?, ?, ?)",
            [profile, f"crm__customers:{profile}", profile],
        )
    warehouse.con.execute(
        """
        insert into identity.identity_history
        select record_id, 1, profile_id, null from identity.identity_map
        """
    )


def merge_profiles(warehouse: Backend, successors: Mapping[str, str]) -> None:
    """Let ids stand for other profiles from now on, and their records belong to these."""
    warehouse.con.execute("delete from identity.profile_aliases")
    ids = {"given_up": list(successors), "current": list(successors.values())}
    warehouse.con.execute(
        """
        insert into identity.identity_history
        select
            record_id,
            (select max(revision) + 1 from identity.identity_history),
            $current[list_position($given_up, profile_id)],
            profile_id
        from identity.identity_map
        where profile_id in (select unnest($given_up))
        """,
        ids,
    )
    warehouse.con.execute(
        """
        update identity.identity_map
        set profile_id = $current[list_position($given_up, profile_id)]
        where profile_id in (select unnest($given_up))
        """,
        ids,
    )
    for given_up, current in successors.items():
        warehouse.con.execute(
            "insert into identity.profile_aliases values (?, ?, false), (?, ?, true)",
            [given_up, current, current, current],
        )


def forget_results(warehouse: Backend) -> None:
    """Forget everything but which segments were built."""
    warehouse.con.execute(
        """
        truncate metrics.segment_evaluations;
        truncate metrics.segment_memberships;
        truncate metrics.segment_rule_memberships;
        truncate metrics.segment_metrics;
        truncate metrics.segment_overlaps;
        """
    )


def read_memberships(warehouse: Backend) -> pd.DataFrame:
    rows = warehouse.con.execute(
        f"select {', '.join(INTERVAL)} from metrics.segment_memberships order by all"
    ).fetchall()
    return pd.DataFrame(rows, columns=INTERVAL, dtype=object)


def expected_memberships(history: History) -> pd.DataFrame:
    """Walk every person through all evaluated days of a segment, in order."""
    intervals: list[tuple[str, str, date, date | None]] = []
    for segment, days in history.items():
        entered: dict[str, date] = {}
        for day in sorted(days):
            gone = sorted(set(entered) - days[day])
            intervals += [(segment, profile, entered.pop(profile), day) for profile in gone]
            for profile in days[day]:
                entered.setdefault(profile, day)
        intervals += [(segment, profile, day, None) for profile, day in entered.items()]
    frame = pd.DataFrame(intervals, columns=INTERVAL, dtype=object)
    return frame.sort_values(INTERVAL[:3], ignore_index=True)


def members_by_policy(
    history: History, policies: Mapping[str, Mapping[date, MembershipPolicy]]
) -> History:
    """Say who is held on each day: whom a rule named lately, by the best of each family."""
    held = {
        segment: {
            day: frozenset[str]().union(
                *(
                    named
                    for named_on, named in days.items()
                    if day - timedelta(days=_stay(policies, segment, day)) < named_on <= day
                )
            )
            for day in days
        }
        for segment, days in history.items()
    }

    def is_better(one: MembershipPolicy, other: MembershipPolicy) -> bool:
        ranks = one.priority, other.priority
        return one.family == other.family is not None and (ranks[0] or 0) < (ranks[1] or 0)

    return {
        segment: {
            day: people.difference(
                *(
                    held[other][day]
                    for other in held
                    if day in held[other]
                    and is_better(_policy(policies, other, day), _policy(policies, segment, day))
                )
            )
            for day, people in days.items()
        }
        for segment, days in held.items()
    }


def _policy(
    policies: Mapping[str, Mapping[date, MembershipPolicy]], segment: str, day: date
) -> MembershipPolicy:
    return policies.get(segment, {}).get(day, MembershipPolicy())


def _stay(policies: Mapping[str, Mapping[date, MembershipPolicy]], segment: str, day: date) -> int:
    policy = _policy(policies, segment, day)
    return 1 if policy.ends_on and day > policy.ends_on else policy.minimum_days


def period_start(day: date, grain: str) -> date:
    if grain == "week":
        return day - timedelta(days=day.weekday())
    first_month = day.month if grain == "month" else 3 * ((day.month - 1) // 3) + 1
    return date(day.year, first_month, 1)


def expected_metrics(
    history: History, orders: Iterable[tuple[str | None, date, float]]
) -> pd.DataFrame:
    """Compute every row from sets of people and a table of orders."""
    sales = pd.DataFrame(list(orders), columns=["profile_id", "ordered_on", "amount"])
    rows = []
    for segment, days in history.items():
        for day, members in days.items():
            for grain in ("week", "month", "quarter"):
                start = period_start(day, grain)
                at_start = days.get(start - timedelta(days=1))
                everybody = history["all_customers"].get(day)
                own = _within(sales, members, start, day)
                all_ = None if everybody is None else _within(sales, everybody, start, day)
                retained = None if at_start is None else len(at_start & members)
                rows.append(
                    {
                        "as_of": day,
                        "period_grain": grain,
                        "period_start_on": start,
                        "segment": segment,
                        "customers_start": None if at_start is None else len(at_start),
                        "customers_end": len(members),
                        "entered": None if at_start is None else len(members - at_start),
                        "exited": None if at_start is None else len(at_start - members),
                        "retained": retained,
                        "customer_share": _ratio(len(members), everybody and len(everybody)),
                        "sales": own.sum(),
                        "sales_share": _ratio(own.sum(), None if all_ is None else all_.sum()),
                        "transactions": len(own),
                        "transaction_share": _ratio(len(own), None if all_ is None else len(all_)),
                        "average_transaction_value": _ratio(own.sum(), len(own)),
                        "growth_rate": None
                        if at_start is None
                        else _ratio(len(members) - len(at_start), len(at_start)),
                        "retention_rate": None
                        if at_start is None or retained is None
                        else _ratio(retained, len(at_start)),
                    }
                )
    frame = _with_numbers(pd.DataFrame(rows))
    return frame.sort_values(["as_of", "period_grain", "segment"], ignore_index=True)


def _within(sales: pd.DataFrame, people: frozenset[str], start: date, end: date) -> pd.Series:
    mine = sales["profile_id"].isin(people)
    return sales.loc[mine & (sales["ordered_on"] >= start) & (sales["ordered_on"] <= end), "amount"]


def _ratio(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def read_metrics(warehouse: Backend) -> pd.DataFrame:
    frame = warehouse.con.execute(
        "from metrics.segment_metrics order by as_of, period_grain, segment"
    ).df()
    for column in ("as_of", "period_start_on"):
        frame[column] = frame[column].dt.date
    return _with_numbers(frame)


def _with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Make every count, sum and rate a float, so that unknown is the same everywhere."""
    return frame.astype(dict.fromkeys(frame.columns[4:], "float64"))
