"""One Lagrangian of the catalogue at a time: activation, Hessian, null directions, flat region, what is conserved."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.steps import Hypothesis, Step
from dammech.derive.theorem import Theorem
from dammech.systems.lagrangian.model import LAGRANGIANS, Lagrangian
from dammech.systems.lagrangian.theory.catalogue.collective import collective_steps
from dammech.systems.lagrangian.theory.catalogue.definitions import gradient_of, hessian_of, known, point_of

#: parameters at which the statements are checked; those that are not zero stay symbols
_PARAMETERS = {"n": 3, "beta": 0.875, "gamma": 1.5, "delta": 0.25, "eps": 0, "slope": 0.125}
_X = sp.Symbol("x", real=True)


def names() -> tuple[str, ...]:
    """The Lagrangians of the catalogue that are derived here."""
    return tuple(name for name in LAGRANGIANS if name in known())


def lagrangian(name: str) -> Theorem:
    """What L = ``name`` does to the energy.

    Parameters
    ----------
    name : str
        One of `names`.
    """
    parameters = {key: _PARAMETERS[key] for key in LAGRANGIANS[name].defaults}
    one = Lagrangian(name, 1, **parameters) if name not in ("layernorm", "spherical") else None
    block = one if one is not None and one.separable else Lagrangian(name, 3, **parameters)
    steps = _neuron_steps(name, block) if block.separable else collective_steps(name, block)
    sources = ("krotov2021", "fanaskov2024") if name != "sparsemax" else ("martins2016", "fanaskov2024")
    return Theorem(f"dead-neurons.{name}", f"The Lagrangian {name}", _statement(block), steps, sources)


def _statement(block: Lagrangian) -> str:
    found = block.analysis()
    dead, flat = found["dead"], found["flat"]
    parts = [
        f"L = {found['expression']}" + (", summed over neurons." if block.separable else " (S is a sum over neurons)."),
        f"H is {'' if found['convex'] else 'not '}positive semidefinite; rank for D = {block.size}: {found['rank_is']}.",
        f"A neuron is dead where {dead['condition']}." if dead["condition"] else "",
        f"Collective null vectors u_i: {', '.join(dead['collective'])}." if dead["collective"] else "",
        f"{dead['why'][0].upper()}{dead['why'][1:]}." if dead["why"] else "",
        f"States of equal activation: {flat['geometry']}.",
        f"Conserved: {', '.join(found['conserved'])}." if found["conserved"] else "",
        f"Lost: {', '.join(found['lost'])}." if found["lost"] else "",
    ]
    return _plain(" ".join(part for part in parts if part))


def _plain(words: str) -> str:
    for text, sign in {"**": "^", "*": "·", "<=": "≤", ">=": "≥", "->": "→", "oo": "∞", "beta": "β", "gamma": "γ",
                       "delta": "δ", "epsilon": "ε", "(1, ..., 1)": "(1, …, 1)"}.items():
        words = words.replace(text, sign)
    return words


# -- one neuron -------------------------------------------------------------------------------------------------------


def _neuron_steps(name: str, block: Lagrangian) -> list[Step]:
    cells = block.symbolic.cells  # type: ignore[union-attr]
    values = {s.name: v for s, v in block.symbolic.values.items()}  # type: ignore[union-attr]
    steps = []
    for cell in cells:
        inner = _inside(cell)
        outer = [mp.mpf(x) for other in cells if other is not cell for x in _inside(other)[:1]]
        where = _where(cell)
        title = "Alive" if not cell.dead else "Dead: activation and flat region"
        steps.append(Step(
            f"{title}{', ' + where if where else ''}",
            ["g(x)", "H(x)"],
            (cell.activation, cell.slope),
            "L differentiated once and twice where it is one formula"
            + ("; neither depends on x, the region is flat" if cell.dead else ""),
            "numerical differentiation of L by definition" + (", also far out" if cell.dead else ""),
            [point_of(values, x) for x in inner],
            lambda p: _slopes(name, p),
            source="krotov2021",
            hypotheses=(Hypothesis(f"the field lies in {where}", [point_of(values, x) for x in outer]),) if outer else (),
        ))
    steps += _jumps(name, cells, values) + _fading(name, cells, values)
    return steps


def _inside(cell: Any) -> list[mp.mpf]:
    """Two places in a cell, the second one far out where there is room."""
    low, high = (None if not end.is_finite else mp.mpf(int(end)) for end in (cell.low, cell.high))
    if low is not None and high is not None:
        return [low + (high - low) * part for part in (mp.mpf("0.34375"), mp.mpf("0.6875"))]
    if low is None and high is None:
        return [mp.mpf("-0.8125"), mp.mpf("1.4375")]
    return [low + d for d in (mp.mpf("0.8125"), mp.mpf("2.4375"))] if low is not None else [
        high - d for d in (mp.mpf("0.8125"), mp.mpf("20.4375"))]


def _where(cell: Any) -> str:
    if cell.low == -sp.oo:
        return "" if cell.high == sp.oo else f"x < {cell.high}"
    return f"x > {cell.low}" if cell.high == sp.oo else f"{cell.low} < x < {cell.high}"


def _slopes(name: str, p: Any) -> list[Any]:
    return [gradient_of(name, p.of.values, p.of.x)[0], hessian_of(name, p.of.values, p.of.x)[0, 0]]


def _jumps(name: str, cells: list[Any], values: dict[str, Any]) -> list[Step]:
    """One-sided slopes where two cells meet."""
    steps = []
    for one, other in pairwise(cells):
        left, right = sp.limit(one.slope, _X, one.high, "-"), sp.limit(other.slope, _X, one.high, "+")

        def sides(p: Any) -> list[Any]:
            """Second derivative of L at two small distances from the kink, extrapolated."""
            def curvature(distance: Any) -> Any:
                return hessian_of(name, p.of.values, p.of.x + distance)[0, 0]

            h = mp.mpf(10) ** -9
            return [2 * curvature(d) - curvature(2 * d) for d in (-h, h)]

        jump = sp.simplify(right - left)
        steps.append(Step(
            f"{'A kink' if jump != 0 else 'No kink'} at x = {one.high}",
            [r"H(x - 0)", "H(x + 0)"],
            (left, right),
            "limits of the slope from both sides" + ("" if jump != 0 else ": the Hessian is continuous there"),
            "numerical second derivative of L beside it, extrapolated",
            [point_of(values, mp.mpf(int(one.high)))],
            sides,
            tolerance=1e-12,
        ))
    return steps


def _fading(name: str, cells: list[Any], values: dict[str, Any]) -> list[Step]:
    """Slopes that vanish only at infinity."""
    if any(c.dead for c in cells):
        return []
    numbers = {sp.Symbol(key, positive=True): value for key, value in values.items()}
    ends = [(side, cells[0 if side < 0 else -1]) for side in (-1, 1)]
    limits = [(side, sp.limit(cell.slope.xreplace(numbers), _X, side * sp.oo)) for side, cell in ends]
    vanishing = [(side, value) for side, value in limits if value == 0]
    return [] if not vanishing else [Step(
        "Dead only asymptotically",
        [rf"H({'-' if side < 0 else ''}\infty)" for side, _ in vanishing],
        tuple(value for _, value in vanishing),
        "limit of the slope; at no finite field does it vanish on an interval, and g stays one-to-one there",
        "numerical second derivative of L at |x| = 96",
        [point_of(values, mp.mpf(96))],
        lambda p: [hessian_of(name, p.of.values, side * p.of.x)[0, 0] for side, _ in vanishing],
        tolerance=1e-9,
    )]
