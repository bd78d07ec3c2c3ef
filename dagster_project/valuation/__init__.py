"""What customers may be worth: BG/NBD and Gamma-Gamma, fitted, evaluated and judged.

Belongs here: fitting the parameters, the closed forms that need more than SQL, and how good the
predictions are. Does not belong here: the features of a day (`dbt_project/models/features`), which
take parameters from a seed that people have reviewed, and Dagster.
"""
