"""Names of replica ansätze: the steps they mean, the last that exists and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dammech.declared.ansatz import steps_of
from dammech.errors import InputError


@pytest.mark.parametrize(("name", "steps"), [("rs", 0), ("1rsb", 1), ("2rsb", 2), ("10rsb", 10), ("30rsb", 30)])
def test_steps(name, steps):
    assert steps_of(name) == steps


@pytest.mark.parametrize(
    "name",
    ["31rsb", "99rsb", "100rsb", "0rsb", "01rsb", "rsb", "RS", "rs ", "1rsb2", "", None, 1, ["rs"], np.array(["rs", "1rsb"])],
)
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InputError, match=r"must be rs, 1rsb, 2rsb, … or 30rsb"):
        steps_of(name)
