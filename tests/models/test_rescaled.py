"""The scaling theorem as declared: what a quantity of a stream is in the memory that does not forget, and back."""

from __future__ import annotations

import pytest

from dammech.declared.rescaled import Rescaled


@pytest.mark.parametrize(
    ("name", "factor"),
    [("load", 1 / 4), ("temperature", 1 / 2), ("free_energy", 1 / 2), ("energy", 1 / 2), ("C", 2), ("y", 2), ("y_1", 2), ("m", 1),
     ("q_1", 1), ("entropy", 1), ("replicon", 1), ("x_1", 1), ("load_error", 1)],
)  # fmt: skip
def test_a_quantity_and_back(name, factor):
    scaled = Rescaled(0.5)
    assert scaled.scaled(name, 3.0) == 3.0 * factor and scaled.plain(name, 3.0 * factor) == 3.0


def test_none_and_words_stay():
    scaled = Rescaled(0.5)
    assert scaled.scaled("energy", None) is None and scaled.scaled("why", "words") == "words"
    assert scaled.scaled("valid", True) is True
