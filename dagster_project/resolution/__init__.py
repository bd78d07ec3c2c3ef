"""What resolving identities needs beside dbt: reading phone numbers, fuzzy matching, figures.

Belongs here: work for the stage `identity` that SQL models are not made for. Does not
belong here: who is one person (`dbt_project/models/identity`), and Dagster.
"""
