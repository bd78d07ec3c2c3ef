"""What assets are handed to reach the outside: the warehouse, and the folders around it."""

from dagster_project.resources.audience_files import AudienceFiles
from dagster_project.resources.landing import LandingStorage
from dagster_project.resources.published_copy import PublishedCopy
from dagster_project.resources.warehouse import Warehouse

__all__ = ["AudienceFiles", "LandingStorage", "PublishedCopy", "Warehouse"]
