"""Claims in matrices: what is printed, and the entries that are checked in its place."""

from __future__ import annotations

import pytest
import sympy as sp

from dammech.derive import Step, derive
from dammech.derive.letters import Letter, NegativeEigenvalues, components, entries
from dammech.derive.typeset import display, text_equations
from dammech.systems.lagrangian.theory.symbols import proven

a, b, c, d, s, t, x, y = sp.symbols("a b c d s t x y", real=True)
M, S, D = Letter("M", [[a, b], [c, d]]), Letter("S", [[a, b], [b, d]]), Letter(r"\Lambda", sp.diag(a, d))
u, v, n = Letter("u", [x, y]), Letter(r"\dot v", [s, t]), Letter("L", [s])
J, one = Letter("J", D.I * (M - sp.Identity(2))), sp.Identity(2)


@pytest.mark.parametrize(
    ("e", "text", "latex", "values"),
    [
        (-v.T * S * v, "-v̇ᵀ S v̇", r"- \dot v^{\top} S \dot v", [-a * s**2 - 2 * b * s * t - d * t**2]),
        (u.T * S * u / 2 - n, "½ uᵀ S u - L", r"\tfrac12 u^{\top} S u - L", [a * x**2 / 2 + b * x * y + d * y**2 / 2 - s]),
        (M * u + v - u, "M u + v̇ - u", r"M u + \dot v - u", [a * x + b * y + s - x, c * x + d * y + t - y]),
        (u - n.value[0] * v - M * u, "u - s v̇ - M u", r"u - s \dot v - M u",
         [x - s**2 - a * x - b * y, y - s * t - c * x - d * y]),
        (u + M * (v - u), "u + M (v̇ - u)", r"u + M (\dot v - u)", [x + a * (s - x) + b * (t - y), y + c * (s - x) + d * (t - y)]),
        ((one - M * D).T * u, "(1 - M Λ)ᵀ u", r"(1 - M \Lambda)^{\top} u", [x - a**2 * x - a * c * y, y - d * b * x - d**2 * y]),
        (s * u - (1 - s) * v, "s u - (1 - s) v̇", r"s u - (1 - s) \dot v", [s * x - (1 - s) * s, s * y - (1 - s) * t]),
        (S - S * D * S, "S - S Λ S", r"S - S \Lambda S", [a - a**3 - b**2 * d, b - a**2 * b - b * d**2, d - a * b**2 - d**3]),
        (D.I, "Λ⁻¹", r"\Lambda^{-1}", [1 / a, 0, 1 / d]),
        (M / s, "(1/s) M", r"\frac{1}{s} M", [a / s, b / s, c / s, d / s]),
        (sp.sign(sp.Trace(u.T * v)) * u, "sign(uᵀ v̇) u", r"\operatorname{sign}\left(u^{\top} \dot v\right) u",
         [sp.sign(s * x + t * y) * x, sp.sign(s * x + t * y) * y]),
        (sp.Determinant(t * one - M), "det(t - M)", r"\det\left(t - M\right)", [(t - a) * (t - d) - b * c]),
        (sp.BlockMatrix([[M, sp.ZeroMatrix(2, 1)], [u.T, -sp.Identity(1) / s]]), "[M, 0; uᵀ, -1/s]",
         r"\begin{pmatrix}M & 0 \\[1ex] u^{\top} & - \frac{1}{s}\end{pmatrix}", [a, b, 0, c, d, 0, x, y, -1 / s]),
    ],
)  # fmt: skip
def test_printed_and_entries(e, text, latex, values):
    assert text_equations([("E", e)]) == [f"     E = {text}"] and display([("E", e)], "[", "]") == ["[", f"E = {latex}", "]"]
    assert [sp.simplify(one - other) for (_, one), other in zip(components("E", e), values, strict=True)] == [0] * len(values)


def test_left_hand_sides_of_entries():
    assert [left for left, _ in components("E", M)] == ["(E)_{11}", "(E)_{12}", "(E)_{21}", "(E)_{22}"]
    assert [left for left, _ in components("E", S)] == ["(E)_{11}", "(E)_{12}", "(E)_{22}"]
    assert [left for left, _ in components("E", u)] == ["(E)_{1}", "(E)_{2}"]
    assert [left for left, _ in components("E", u.T * u)] == ["E"]


def test_letters_for_expressions_are_defined_below():
    assert text_equations([("E", J * u)]) == ["     E = J u", "     with J = Λ⁻¹ (M - 1)"]
    assert display([("E", J)], "[", "]")[2:4] == [r"E &= J \\", r"J &= \Lambda^{-1} (M - 1)"]
    assert entries(J) == sp.Matrix([[(a - 1) / a, b / a], [c / d, (d - 1) / d]])


@pytest.mark.parametrize(("diagonal", "count"), [((1, 2), 0), ((-1, 2), 1), ((2, -1), 1), ((-2, -1), 2)])
def test_negative_eigenvalues(diagonal, count):
    turned = sp.Matrix([[1, 2], [-3, 1]])
    assert entries(NegativeEigenvalues(Letter("S", turned.T * sp.diag(*diagonal) * turned))) == count


def test_a_step_keeps_what_is_printed_and_checks_the_entries():
    step = Step("", ["E"], (M * u,), "", "", [], lambda p: [])
    assert step.equations == [("E", M * u)]
    assert list(zip(step.left, step.expressions)) == components("E", M * u) and len(step.left) == 2


def test_a_statement_that_was_not_derived_is_refused():
    assert proven(M * u, a * x + b * y, c * x + d * y) == (M * u,)
    with pytest.raises(ArithmeticError, match="not what was derived"):
        proven(M * u, a * x + b * y, c * x - d * y)
    with pytest.raises(ValueError):
        proven(M * u, a * x + b * y)


def test_proofs_about_dead_neurons_are_in_matrices():
    steps = derive("dead-neurons").steps
    assert sum(bool(step.matrices) for step in steps) == 43
    plain = [e for step in steps for e in step.expressions if not step.matrices]
    assert max(len(sp.Add.make_args(e)) for e in plain) <= 6
