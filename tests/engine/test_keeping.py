"""What was learned from all items survives being kept, to the last bit."""

import numpy as np
import pytest

from procurement.engine.forecast import experience_of
from procurement.engine.forecast.keeping import _flat, experience_kept, experience_read
from procurement.engine.items import requirements_of
from tests.engine.factories import PARAMS, data, offer


def test_experience_is_the_same_after_it_was_kept():
    demand = np.random.default_rng(5).poisson(0.7, (60, 400)).astype(float)
    learned = experience_of(demand)
    read = experience_read(experience_kept(learned))
    assert type(read) is type(learned)
    before, after = _flat(learned, ""), _flat(read, "")
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    given = data(demand.tolist(), [offer(item=item) for item in range(60)])
    assert list(requirements_of(given, PARAMS, learned)) == list(requirements_of(given, PARAMS, read))


def test_what_is_no_number_is_refused_instead_of_lost():
    with pytest.raises(TypeError, match=r"shape\.edges is neither"):
        _flat({"edges": object()}["edges"], "shape.edges")
