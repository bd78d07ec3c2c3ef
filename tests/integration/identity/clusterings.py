"""Any way in which a few records may be one person or several, day after day."""

from hypothesis import strategies as st

Clusters = dict[str, frozenset[str]]

RECORDS = [f"s:{number}" for number in range(8)]


@st.composite
def clusterings(draw: st.DrawFn) -> Clusters:
    """Any division of any of the records into clusters, each named by its smallest record."""
    present = draw(st.lists(st.sampled_from(RECORDS), unique=True))
    groups: dict[int, set[str]] = {}
    for record in present:
        groups.setdefault(draw(st.integers(0, 3)), set()).add(record)
    return {min(group): frozenset(group) for group in groups.values()}


seen_days = st.fixed_dictionaries({record: st.integers(0, 5) for record in RECORDS})
