"""This deployment, stage by stage.

Belongs here: what this retailer's deployment declares (sources, models, metrics, audiences, jobs).
Does not belong here: how any of it works; see `components` and the libraries.
"""
