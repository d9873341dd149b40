"""Periodic jobs name functions that exist and need no arguments."""

import inspect

import pytest
from django.utils.module_loading import import_string

from procurement.schedules import PERIODIC_JOBS, PeriodicJob


@pytest.mark.parametrize("job", PERIODIC_JOBS, ids=lambda job: job.name)
def test_periodic_job_can_be_called(job: PeriodicJob) -> None:
    function = import_string(job.task)
    inspect.signature(function).bind()


def test_periodic_jobs_have_names_of_their_own() -> None:
    assert len({job.name for job in PERIODIC_JOBS}) == len(PERIODIC_JOBS)
