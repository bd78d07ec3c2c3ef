"""What a deployment can declare in YAML.

Belongs here: thin Dagster components over the libraries. Does not belong here: the work itself
(`ingestion`, `activation`), and any one declaration (`defs`).
"""

from dagster_project.components.audience_sync import AudienceSync
from dagster_project.components.file_source import FileSource

__all__ = ["AudienceSync", "FileSource"]
