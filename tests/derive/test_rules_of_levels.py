"""The rules of one level say what differentiation finds."""

from __future__ import annotations

import pytest
import sympy as sp

from dammech.derive.averages import normal
from dammech.derive.hierarchy import replicon_spin_curvature
from dammech.derive.replicas import n
from dammech.derive.symmetry_breaking import BrokenTheory, _strength
from dammech.systems.hebbian.model import HebbianDAM

LEVELS = [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)]


@pytest.mark.parametrize("steps", LEVELS)
def test_rules_agree_with_differentiation(steps):
    theory = BrokenTheory(HebbianDAM(order=3), steps)
    rules = theory.levels
    spins = normal(sp.diff(theory.trace, n).subs(n, 0).doit()) + sp.Add(*[s**2 for s in theory.spreads]) / 2

    def same(rule, found):
        return sp.expand(normal(rule - found)) == 0

    assert same(rules.outwards(0, rules.block(1)), spins)
    assert same(rules.outwards(0, rules.magnetisation(0)), sp.diff(spins, _strength))
    for level, size in enumerate(theory.sizes, start=1):
        assert same(rules.slope_in_size(level), sp.diff(spins, size))
    along = [*[normal(sp.diff(spins, s)) / (2 * s) for s in theory.spreads], sp.Rational(1, 2)]
    for level in range(steps + 1):
        width = theory.widths[level + 1] - theory.widths[level]
        assert same(rules.overlap(level) * width, 2 * (along[level + 1] - along[level]))


@pytest.mark.parametrize("level", [0, 1])
def test_susceptibility_is_the_variance_of_a_block(level):
    theory = BrokenTheory(HebbianDAM(order=3), 1)
    found = normal(replicon_spin_curvature(theory.field, theory.z, theory.sizes, level).subs(n, 0).doit())
    rule = theory.levels.outwards(level, theory.levels.susceptibility(level) ** 2)
    assert sp.expand(normal(rule - found)) == 0


def test_a_rule_that_is_wrong_is_told_apart():
    theory = BrokenTheory(HebbianDAM(order=3), 1)
    rules = theory.levels
    assert sp.expand(normal(rules.overlap(0) - rules.outwards(0, rules.magnetisation(0)))) != 0
