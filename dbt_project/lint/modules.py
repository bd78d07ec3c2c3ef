"""dbt's `modules` as the SQL linter sees them: the libraries that macros call."""

import re

__all__ = ["re"]
