"""A component that keeps an audience in step with a segment; a deployment declares it in YAML.

Belongs here: what can be declared, and the asset made from it. Does not belong here: whom an
audience holds and how they are carried over (`dagster_project.activation`).
"""

from collections.abc import Collection
from typing import Literal

import dagster as dg
from pydantic import Field

from dagster_project.activation.audience import Audience, Hashing
from dagster_project.activation.delivery import SyncResult, synchronise
from dagster_project.activation.destinations import Destination
from dagster_project.activation.destinations.files import FileDestination
from dagster_project.activation.invariants import count_unwelcome_members
from dagster_project.home import Home
from dagster_project.markdown import markdown_table
from dagster_project.measurement.tables import metric_names
from dagster_project.partitions import SINGLE_RUN, as_of_days, daily_partitions
from dagster_project.resources import AudienceFiles, Warehouse
from dagster_project.segments.declarations import Segment, consent_purposes, read_segments
from dagster_project.transformation import dbt_project, read_manifest


class UnknownSegmentError(ValueError):
    """An audience names a segment that the dbt project does not have."""


class UnknownPurposeError(ValueError):
    """Neither an audience nor its segment says what people must have consented to."""


class ContradictoryPurposeError(ValueError):
    """An audience and its segment say different purposes."""


class Files(dg.Model, dg.Resolvable):
    """Delivery into the folder of the resource `audience_files`.

    Attributes:
        type: The kind of the destination.
        hashing: Whether identifiers are delivered as SHA-256, or as they are.
    """

    type: Literal["files"] = "files"
    hashing: Hashing = "sha256"


class AudienceSync(dg.Component, dg.Model, dg.Resolvable):
    """Carries the current members of a segment to a destination, and keeps them in step.

    Attributes:
        name: The name of the audience, also of its asset and view `activation.<name>`.
        segment: The segment whose members it is made of.
        destination: Where it is carried.
        purpose: The purpose that a member must have consented to; without it the one that the
            segment declares as its `consent_purpose`.
        identifiers: The kinds of identifiers that are delivered, `email` and `phone`.
        exclude: Segments whose members stay out.
        batch_size: The largest number of people to deliver in one go.
        description: Who uses the audience, and for what.
        owners: Who answers for it.
    """

    name: str
    segment: str
    destination: Files
    identifiers: list[str]
    purpose: str | None = None
    exclude: list[str] = Field(default_factory=list)
    batch_size: int = Field(default=10_000, gt=0)
    description: str = ""
    owners: list[str] = Field(default_factory=lambda: ["team:data-engineering"])

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002
        """Make the asset and its check."""
        declared, purposes = _declared_in_the_project()
        segments = {segment.name: segment for segment in declared}
        self._require_segments(segments)
        audience = self._audience(self._purpose(segments[self.segment], purposes))
        key = dg.AssetKey(["activation", self.name])

        @dg.asset(
            key=key,
            deps=[
                ["identity", "profile_aliases"],
                ["metrics", "segment_memberships"],
                ["profiles", "contact_point_consents"],
                ["profiles", "contact_points"],
                ["profiles", "profile_consents"],
            ],
            group_name="activation",
            partitions_def=daily_partitions(),
            backfill_policy=SINGLE_RUN,
            pool="warehouse",
            owners=self.owners,
            kinds={"duckdb", self.destination.type},
            description=self.description,
        )
        def sync(
            context: dg.AssetExecutionContext, warehouse: Warehouse, audience_files: AudienceFiles
        ) -> dg.MaterializeResult[None]:
            newest_of_run = as_of_days(context)[-1]
            destination = self._destination(audience_files)
            result = synchronise(
                warehouse.connect, audience, destination, newest_of_run, batch_size=self.batch_size
            )
            return dg.MaterializeResult(metadata=_describe(result))

        @dg.asset_check(
            asset=key,
            pool="warehouse",
            description=(
                "Nobody in the audience lacks consent, is in an excluded segment, or is known "
                "there by an address or number that may not be used."
            ),
        )
        def only_who_may_be_reached(
            warehouse: Warehouse, audience_files: AudienceFiles
        ) -> dg.AssetCheckResult:
            destination = self._destination(audience_files)
            with warehouse.connect() as connection:
                unwelcome = count_unwelcome_members(connection, audience, destination.name)
            return dg.AssetCheckResult(passed=not any(unwelcome.values()), metadata={**unwelcome})

        return dg.Definitions(assets=[sync], asset_checks=[only_who_may_be_reached])

    def _purpose(self, segment: Segment, known: Collection[str]) -> str:
        if self.purpose and known and self.purpose not in known:
            raise UnknownPurposeError(
                f"The audience {self.name} is for {self.purpose}, a purpose that "
                "conformed.consents does not accept, so that nobody would be in it. There are "
                f"{', '.join(known)}."
            )
        purposes = {self.purpose, segment.consent_purpose} - {None}
        if len(purposes) > 1:
            raise ContradictoryPurposeError(
                f"The audience {self.name} says the purpose {self.purpose}, but {segment.name} is "
                f"for {segment.consent_purpose}: people consented to one, not to the other. Take "
                f"`purpose` out of the audience, or choose another segment."
            )
        if purpose := self.purpose or segment.consent_purpose:
            return purpose
        raise UnknownPurposeError(
            f"The audience {self.name} says no purpose, and neither does its segment. Write "
            f"`purpose` where the audience is declared, or `consent_purpose` into the meta of "
            f"{segment.name}."
        )

    def _audience(self, purpose: str) -> Audience:
        return Audience(
            name=self.name,
            segment=self.segment,
            purpose=purpose,
            identifiers=tuple(self.identifiers),
            exclude=tuple(self.exclude),
            hashing=self.destination.hashing,
        )

    def _destination(self, audience_files: AudienceFiles) -> Destination:
        return FileDestination(audience_files.path)

    def _require_segments(self, known: Collection[str]) -> None:
        if unknown := sorted({self.segment, *self.exclude} - set(known)):
            raise UnknownSegmentError(
                f"The audience {self.name} names {', '.join(unknown)}, but the dbt project has "
                f"no such segment. It has {', '.join(known)}."
            )


def _declared_in_the_project() -> tuple[list[Segment], list[str]]:
    """Read the segments, and for what people are asked to consent."""
    manifest = read_manifest(dbt_project(Home.from_environment()))
    return read_segments(manifest, metric_names()), consent_purposes(manifest)


def _describe(result: SyncResult) -> dict[str, dg.MetadataValue | int | str]:
    if result.is_old_day:
        return {
            "dagster/row_count": result.size,
            "delivered": f"nothing: {result.as_of} is not the newest day",
        }
    delivered = {
        "adds": result.difference.adds,
        "removes": result.difference.removes,
        "unchanged": result.difference.unchanged,
        "rejected": result.rejected,
    }
    people = {**result.candidates, **delivered}
    rows = [(name.replace("_", " "), count) for name, count in people.items()]
    return {
        "dagster/row_count": result.size,
        **delivered,
        "people": dg.MetadataValue.md(markdown_table(("people", "count"), rows, numbers=1)),
        "files": dg.MetadataValue.md("\n".join(f"- `{file}`" for file in result.files)),
        "folder": dg.MetadataValue.path(result.files[-1].parent) if result.files else "none",
    }
