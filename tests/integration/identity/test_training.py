"""The job that trains the fuzzy matching leaves a proposal, and nothing else."""

import dagster as dg
import pytest

from dagster_project.resolution.fuzzy_matching import describe_model, read_model
from dagster_project.transformation import FUZZY_MATCHING_MODEL
from tests.integration.conftest import Deployment

pytestmark = pytest.mark.xdist_group("deployment")


def test_it_leaves_parameters_to_be_reviewed_that_the_next_run_could_read(deployment: Deployment):
    reviewed = FUZZY_MATCHING_MODEL.read_bytes()
    with deployment.active(), dg.DagsterInstance.get() as instance:
        job = deployment.definitions.resolve_job_def("train_fuzzy_matching")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    trained = read_model(deployment.home.trained_fuzzy_matching)
    weights = {(of.attribute, of.outcome): of.weight for of in describe_model(trained)}

    assert result.success
    assert FUZZY_MATCHING_MODEL.read_bytes() == reviewed
    assert (weights["first name", "same"] or 0) > 0
    assert (weights["first name", "different"] or 0) < 0
