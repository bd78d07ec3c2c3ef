"""Figures about profiles and the links that they are made of: what a wrong rule shows in first.

Belongs here: counting. Does not belong here: a verdict on the counts (the asset checks of the
stage, and the dbt tests that stop a run).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import ibis
from ibis import _
from ibis.backends.duckdb import Backend

SCHEMA = "identity"
_LARGEST_OF_SIZE = {"1": 1, "2 to 5": 5, "6 to 20": 20, "21 to 100": 100}
_LARGER = "more than 100"
DOUBTFUL = 0.95
"""Below this confidence a profile is counted as doubtful."""


@dataclass(frozen=True)
class IdentityFigures:
    """How records became profiles.

    Attributes:
        records: How many records there are.
        profiles: How many profiles they are.
        largest_profile: How many records the largest profile has.
        records_alone_share: The share of records that are a profile of their own; null without
            records.
        profiles_by_size: How many profiles there are by their number of records.
        components_cut: How many components were too much for one person and were cut.
        rejected_links: How many links were not drawn, by reason.
        bridges: How many pieces of evidence hold two parts of a profile together on their own.
        doubtful_profiles: How many profiles are less sure than `DOUBTFUL` to be one person.
        changed_at: When the map changed last, which may be many runs ago; null where it never did.
        changes: How many profiles were merged or split then, by change and cause.
    """

    records: int
    profiles: int
    largest_profile: int
    records_alone_share: float | None
    profiles_by_size: Mapping[str, int]
    components_cut: int
    rejected_links: Mapping[str, int]
    bridges: int
    doubtful_profiles: int
    changed_at: datetime | None
    changes: Mapping[str, int]


def identity_figures(connection: Backend) -> IdentityFigures:
    """Count what the last run of the stage `identity` made.

    Args:
        connection: The warehouse.
    """

    def table(name: str) -> ibis.Table:
        return connection.table(name, database=SCHEMA)

    sizes = table("identity_map").group_by("profile_id").aggregate(records=_.count())
    totals = sizes.aggregate(
        records=_.records.sum().fill_null(0),
        profiles=_.count(),
        largest_profile=_.records.max().fill_null(0),
        alone=(_.records == 1).sum().fill_null(0),
    ).to_pyarrow()
    (counted,) = totals.to_pylist()
    alone = counted.pop("alone")
    size = ibis.cases(
        *((_.records <= largest, name) for name, largest in _LARGEST_OF_SIZE.items()),
        else_=_LARGER,
    )
    by_size = _counts(sizes.group_by(key=size).aggregate(count=_.count()))
    rejected = table("identity_rejected_links").group_by(key="reason").aggregate(count=_.count())
    confidences = table("identity_confidences").aggregate(
        bridges=_.bridge_count.sum().fill_null(0),
        doubtful_profiles=(_.confidence < DOUBTFUL).sum().fill_null(0),
    )
    (doubts,) = confidences.to_pyarrow().to_pylist()
    changes = table("identity_changes")
    history = table("identity_history")
    last_revision = history.revision.max().as_scalar()
    (recorded,) = history.aggregate(changed_at=_.changed_at.max()).to_pyarrow().to_pylist()
    last = changes.filter(changes.revision == last_revision)
    described = last.group_by(key=_.change + ": " + _.cause).aggregate(
        count=_.previous_profile_id.nunique()
    )
    return IdentityFigures(
        **counted,
        **doubts,
        **recorded,
        records_alone_share=alone / counted["records"] if counted["records"] else None,
        profiles_by_size={
            name: by_size[name] for name in (*_LARGEST_OF_SIZE, _LARGER) if name in by_size
        },
        components_cut=int(table("identity_conflicts").component_number.nunique().execute()),
        rejected_links=_counts(rejected),
        changes=_counts(described),
    )


def _counts(rows: ibis.Table) -> dict[str, int]:
    return {row["key"]: row["count"] for row in rows.order_by("key").to_pyarrow().to_pylist()}
