"""What resolving identities needs beside dbt: figures that tell whether its result is plausible.

Belongs here: work on the tables of the stage `identity` that SQL models are not made for. Does not
belong here: who is one person (`dbt_project/models/identity`), and Dagster.
"""
