"""What was learned from all items survives being kept, to the last bit."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from procurement.engine.forecast import experience_of
from procurement.engine.forecast.keeping import experience_kept, experience_read
from procurement.engine.forecast.seasons import Course, Yearly
from procurement.engine.items import requirements_of
from tests.engine.factories import PARAMS, data, offer

DEMAND = np.random.default_rng(5).poisson(0.7, (60, 400)).astype(float)


def same(one: Any, other: Any) -> bool:
    if is_dataclass(one) and type(one) is type(other):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return (one is None) == (other is None) and np.array_equal(np.asarray(one), np.asarray(other))


def test_experience_is_the_same_after_it_was_kept():
    learned = experience_of(DEMAND)
    read = experience_read(experience_kept(learned))
    assert same(learned, read)
    given = data(DEMAND.tolist(), [offer(item=item) for item in range(60)])
    assert list(requirements_of(given, PARAMS, learned)) == list(requirements_of(given, PARAMS, read))


def test_what_is_there_only_sometimes_is_kept_as_well():
    course = Course(*(np.arange(n, n + 3.0) for n in range(len(fields(Course)))))
    learned = replace(experience_of(DEMAND), yearly=Yearly(course, np.array([0.5, 1.5]), None))
    read = experience_read(experience_kept(learned))
    assert same(learned, read)
    assert read.yearly is not None
    assert not same(read, experience_of(DEMAND))


def test_what_is_no_number_is_refused_instead_of_lost():
    with pytest.raises(TypeError, match="pattern is neither a number nor"):
        experience_kept(replace(experience_of(DEMAND), pattern=np.array([object()])))
