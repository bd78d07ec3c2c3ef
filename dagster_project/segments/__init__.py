"""What is declared of segments, and what one would hold before it is built.

Belongs here: reading and judging the declarations that stand beside the SQL (`declarations`), and
the preview (`preview`). Does not belong here: whom a segment names (`dbt_project`), who has been a
member (`dagster_project.measurement`), and Dagster.
"""
