"""Lagrangians that couple the neurons of a block: null directions that belong to no single neuron."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from dammech.derive.steps import Hypothesis, Step
from dammech.systems.lagrangian.model import Lagrangian
from dammech.systems.lagrangian.theory.catalogue.definitions import gradient_of, hessian_of, point_of
from dammech.systems.lagrangian.theory.concrete import array
from dammech.systems.lagrangian.theory.symbols import Point, column, must_vanish, upper, vector

_SIZE = 3
_FIELDS = vector("x", _SIZE)
_UPPER = [(i, j) for i in range(_SIZE) for j in range(i, _SIZE)]
_STATE = ("0.8125", "-0.4375", "0.34375")
_SOFT = {"epsilon": sp.Rational(3, 8)}
_NULL = mp.mpf(10) ** -25


def collective_steps(name: str, block: Lagrangian) -> list[Step]:
    """The steps for a block of three neurons."""
    symbolic: Any = block.symbolic
    if symbolic.minimised:
        return _face_steps(name, symbolic)
    values = {s.name: v for s, v in symbolic.values.items()}
    L = symbolic.explicit(_FIELDS)
    gradient = [sp.factor_terms(sp.diff(L, x)) for x in _FIELDS]
    hessian = sp.Matrix(_SIZE, _SIZE, lambda i, j: sp.factor_terms(sp.diff(gradient[i], _FIELDS[j])))
    steps = [
        Step(
            "Activation",
            _activations("g"),
            tuple(gradient),
            "g = ∇L",
            "numerical differentiation of L by definition",
            [_point(values)],
            lambda p: gradient_of(name, p.of.values, p.of.x),
            source="krotov2021",
        ),
        Step(
            "Hessian",
            _entries("H"),
            tuple(upper(hessian)),
            "H = ∇∇L",
            "numerical second derivatives of L by definition",
            [_point(values)],
            lambda p: upper(hessian_of(name, p.of.values, p.of.x)),
            source="krotov2021",
        ),
    ]
    vectors = [column([sp.sympify(v).xreplace({sp.Symbol("x", real=True): x}) for x in _FIELDS]) for v in symbolic.null_vectors]
    if vectors:
        steps += [_projector(name, values, vectors), _invariance(name, values, gradient, symbolic.null_vectors)]
    else:
        steps.append(_determinant(name, values, hessian))
    steps += _conserved(name, values, gradient)
    if "epsilon" in values:
        steps.append(_softened(name, values))
    return steps


def _activations(name: str, argument: str = "") -> list[str]:
    return [f"{name}_{i + 1}{argument}" for i in range(_SIZE)]


def _entries(name: str) -> list[str]:
    return [f"{name}_{{{i + 1}{j + 1}}}" for i, j in _UPPER]


def _point(values: dict[str, Any], state: Any = _STATE, push: Any = (0, 0, 0)) -> Point:
    return point_of(values, state, push=array(push))


def _hard(values: dict[str, Any]) -> Hypothesis:
    return Hypothesis("ε = 0", [_point(values | _SOFT)])


def _null_projector(hessian: Any) -> Any:
    """Sum of v vᵀ over the numerical eigenvectors whose eigenvalue is zero."""
    values, vectors = mp.eigsy(hessian)
    return vectors * mp.diag([int(abs(v) < _NULL) for v in values]) * vectors.T


def _projector(name: str, values: dict[str, Any], vectors: list[sp.Matrix]) -> Step:
    basis = sp.Matrix.hstack(*vectors)
    projector = (basis * (basis.T * basis).inv() * basis.T).applyfunc(sp.factor)
    words = ", ".join("(1, 1, 1)" if not v.free_symbols else "x" for v in vectors)
    return Step(
        "Projector on the null space",
        _entries("P"),
        tuple(upper(projector)),
        f"the null vectors {words} as they follow from L, made orthogonal: the collective dead directions",
        "eigenvectors of the numerical Hessian with eigenvalue zero",
        [_point(values)],
        lambda p: upper(_null_projector(hessian_of(name, p.of.values, p.of.x))),
        source="fanaskov2024",
        hypotheses=(_hard(values),) if "epsilon" in values else (),
    )


def _invariance(name: str, values: dict[str, Any], gradient: list[sp.Expr], vectors: list[sp.Expr]) -> Step:
    """g at a x + s (1, …, 1), with those of a and s that the null vectors allow."""
    scales, shifts = any(v.free_symbols for v in vectors), any(not v.free_symbols for v in vectors)


    def along_region(x: Any, a: Any, s: Any) -> Any:
        return (a if scales else 1) * x + (s if shifts else 0)

    a, s = sp.Symbol("a", positive=True), sp.Symbol("s", real=True)
    moved = {x: along_region(x, a, s) for x in _FIELDS}
    must_vanish(f"the activation of {name} depends on the place in its flat region", [
        _out_of_roots(g.subs(moved, simultaneous=True)) - _out_of_roots(g) for g in gradient])
    region = {(True, True): "half-plane a x + s (1, 1, 1), a > 0", (True, False): "ray a x, a > 0",
              (False, True): "line x + s (1, 1, 1)"}[scales, shifts]
    beside = Hypothesis(f"the state moves along the {region}", [_point(values, push=(1, 0, -0.25))])
    return Step(
        "Flat region",
        _activations("g", f"({'a x' if scales else 'x'}{' + s' if shifts else ''})"),
        tuple(gradient),
        f"inserted and simplified: the activation is the same on the {region}",
        "numerical differentiation of L in the state far along the region",
        [_point(values)],
        lambda p: gradient_of(name, p.of.values, along_region(p.of.x, mp.mpf("2.25"), mp.mpf("1.625")) + p.of.push),
        source="fanaskov2024",
        hypotheses=(beside, _hard(values)) if scales else (beside,),
    )


def _out_of_roots(e: sp.Expr) -> sp.Expr:
    """Roots with factored arguments."""
    return e.replace(
        lambda p: p.is_Pow and not p.exp.is_Integer and not isinstance(p, sp.exp),
        lambda p: sp.powdenest(sp.Pow(sp.factor(sp.expand(p.base)), p.exp)),
    )


def _determinant(name: str, values: dict[str, Any], hessian: sp.Matrix) -> Step:
    return Step(
        "No null direction",
        [r"\det H"],
        (sp.factor(hessian.det()),),
        "determinant of the Hessian: positive, so that the state is determined by its activation",
        "determinant of the numerical Hessian",
        [_point(values)],
        lambda p: [mp.det(hessian_of(name, p.of.values, p.of.x))],
        source="fanaskov2024",
    )


def _conserved(name: str, values: dict[str, Any], gradient: list[sp.Expr]) -> list[Step]:
    """Sums of g and of g² that do not depend on the state."""
    found = []
    for words, power in ((r"\sum_i g_i", 1), (r"\sum_i g_i^2", 2)):
        total = sp.simplify(_out_of_roots(sp.Add(*[g**power for g in gradient])))
        if not total.free_symbols & set(_FIELDS):
            found.append((words, sp.expand(total), power))
    if not found:
        return []
    return [Step(
        "Conserved",
        [words for words, _, _ in found],
        tuple(total for _, total, _ in found),
        "sums over the activation, simplified: x drops out",
        "numerical differentiation of L",
        [_point(values), _point(values, ("-1.3125", "0.625", "2.25"))],
        lambda p: [(gradient_of(name, p.of.values, p.of.x) ** k).sum() for _, _, k in found],
        hypotheses=(_hard(values),) if any(power == 2 for _, _, power in found) else (),
    )]


def _softened(name: str, values: dict[str, Any]) -> Step:
    """ε > 0: the radial direction is no null vector any more."""
    softened = values | _SOFT
    block = Lagrangian(name, _SIZE, **{("eps" if k == "epsilon" else k): float(v) for k, v in softened.items()})
    symbolic: Any = block.symbolic
    centred = any(not sp.sympify(v).free_symbols for v in symbolic.null_vectors)

    def radial(x: Any) -> Any:
        return x - (sum(x) / _SIZE if centred else 0)

    direction = radial(np.array(_FIELDS))
    image = sp.hessian(symbolic.explicit(_FIELDS), _FIELDS) * column(direction)
    ratios = [sp.simplify(_out_of_roots(e / c)) for e, c in zip(image, direction)]
    must_vanish("the radial direction is no eigenvector", [r - ratios[0] for r in ratios])

    def oracle(p: Any) -> list[Any]:
        """The Rayleigh quotient of the numerical Hessian; an eigenvalue, since the residual vanishes."""
        c = radial(p.of.x)
        return [c @ array(hessian_of(name, p.of.values, p.of.x)) @ c / (c @ c)]

    return Step(
        "With ε > 0 the radial direction is alive",
        [r"\lambda_r"],
        (ratios[0],),
        "H applied to the radial direction: an eigenvector whose small eigenvalue is proportional to ε, no null vector",
        "Rayleigh quotient of the numerical Hessian",
        [_point(softened)],
        oracle,
        source="fanaskov2024",
    )


# -- a minimum over a shift ------------------------------------------------------------------------------------------


def _face_steps(name: str, symbolic: Any) -> list[Step]:
    """L = min_t A(t) + Σ φ(x_i − t): neurons 1 and 2 alive, neuron 3 dead."""
    t, x = sp.Symbol("t", real=True), sp.Symbol("x", real=True)
    alive, dead = (next(c.value for c in symbolic.cells if c.dead is kind) for kind in (False, True))
    total = sp.Add(*[formula.xreplace({x: field - t}) for formula, field in zip((alive, alive, dead), _FIELDS)])
    function = symbolic.outer.xreplace({symbolic.totals[0].symbol: total})
    shift = sp.solve(sp.diff(function, t), t)[0]
    L = sp.expand(function.subs(t, shift))
    gradient = [sp.expand(sp.diff(L, z)) for z in _FIELDS]
    hessian = sp.hessian(L, _FIELDS)
    basis = sp.Matrix.hstack(*hessian.nullspace())
    here, far = _point({}, ("0.3125", "0.5625", "-0.34375")), _point({}, ("5.8125", "5.5625", "-30.34375"))
    below = Hypothesis("neuron 3 lies below the shift, x₃ < t", [_point({}, ("0.3125", "0.5625", "0.125"))])

    def shift_of(x: Any) -> Any:
        """The shift at which the positive parts sum to one."""
        return mp.findroot(lambda t: mp.fsum(max(z - t, mp.mpf(0)) for z in x) - 1, (max(x) - 1, max(x)), solver="anderson",
                           tol=mp.mpf(10) ** -75)

    def entries(p: Any) -> list[Any]:
        H = hessian_of(name, {}, p.of.x)
        return [*upper(H), *upper(_null_projector(H))]

    return [
        Step(
            "Activation and flat region on a face",
            ["t", *_activations("g")],
            (shift, *gradient),
            "two neurons above the shift t and one below it: the minimum over t, inserted, and its gradient; a common shift "
            "of the fields and the depth of the third one drop out",
            "t and g by numerical differentiation of max over the simplex, also far along the flat region",
            [here, far],
            lambda p: [shift_of(p.of.x), *gradient_of(name, {}, p.of.x)],
            source="martins2016",
            hypotheses=(below,),
        ),
        Step(
            "Hessian and its null space",
            [*_entries("H"), *_entries("P")],
            (*upper(hessian), *upper(basis * (basis.T * basis).inv() * basis.T)),
            "second derivatives on the face; null vectors are the dead neuron and (1, 1, 1) on the living ones",
            "numerical second derivatives of the maximum over the simplex, and their eigenvectors",
            [here],
            entries,
            source="fanaskov2024",
            hypotheses=(below,),
        ),
        Step(
            "Conserved",
            [r"\sum_i g_i"],
            (sp.expand(sp.Add(*gradient)),),
            "the activation is a point of the simplex",
            "numerical differentiation of L",
            [here],
            lambda p: [gradient_of(name, {}, p.of.x).sum()],
        ),
    ]
