"""Lagrangians that couple the neurons of a block: null directions that belong to no single neuron."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.dead_neurons.catalogue.definitions import gradient_of, hessian_of
from dammech.derive.dead_neurons.symbols import Point, column, vector
from dammech.derive.steps import Hypothesis, Step
from dammech.models import Lagrangian

_SIZE = 3
_FIELDS = vector("x", _SIZE)
_UPPER = [(i, j) for i in range(_SIZE) for j in range(i, _SIZE)]
_STATE = ("0.8125", "-0.4375", "0.34375")
_SCALE, _SHIFT = sp.Symbol("a", positive=True), sp.Symbol("s", real=True)
_NULL = mp.mpf(10) ** -25


def collective_steps(name: str, block: Lagrangian) -> list[Step]:
    """The steps for a block of three neurons."""
    form: Any = block.symbolic
    if form.minimised:
        return _Face(name, form).steps()
    values = {s.name: v for s, v in form.values.items()}
    L = form.explicit(_FIELDS)
    gradient = [sp.factor_terms(sp.diff(L, x)) for x in _FIELDS]
    hessian = sp.Matrix(_SIZE, _SIZE, lambda i, j: sp.factor_terms(sp.diff(gradient[i], _FIELDS[j])))
    steps = [_activation(name, values, gradient), _hessian(name, values, hessian)]
    vectors = [column([sp.sympify(v).xreplace({sp.Symbol("x", real=True): x}) for x in _FIELDS]) for v in form.null_vectors]
    if vectors:
        steps += [_projector(name, values, vectors), _invariance(name, values, gradient, form.null_vectors)]
    else:
        steps.append(_determinant(name, values, hessian))
    steps += _conserved(name, values, gradient)
    if "epsilon" in values:
        steps.append(_softened(name, values))
    return steps


def _numbers(values: dict[str, Any]) -> dict[str, Any]:
    return {key: mp.mpf(value.p) / value.q for key, value in values.items()}


def _point(values: dict[str, Any], state: Any = _STATE, **more: Any) -> Point:
    numbers = _numbers(values)
    x = [mp.mpf(z) for z in state]
    p = Point({"x": x, "s": mp.mpf("1.625"), **more}, x=x, values=numbers)
    p[_SCALE] = mp.mpf("2.25")
    for key, value in numbers.items():
        p[sp.Symbol(key, real=True)] = value
        if value > 0:
            p[sp.Symbol(key, positive=True)] = value
    return p


def _activation(name: str, values: dict[str, Any], gradient: list[sp.Expr]) -> Step:
    return Step(
        "Activation",
        [f"g_{i + 1}" for i in range(_SIZE)],
        tuple(gradient),
        "g = ∇L",
        "numerical differentiation of L by definition",
        [_point(values)],
        lambda p: gradient_of(name, p.of["values"], p.of["x"]),
        source="krotov2021",
    )


def _hessian(name: str, values: dict[str, Any], hessian: sp.Matrix) -> Step:
    return Step(
        "Hessian",
        [f"H_{{{i + 1}{j + 1}}}" for i, j in _UPPER],
        tuple(hessian[i, j] for i, j in _UPPER),
        "H = ∇∇L",
        "numerical second derivatives of L by definition",
        [_point(values)],
        lambda p: _upper(hessian_of(name, p.of["values"], p.of["x"])),
        source="krotov2021",
    )


def _upper(matrix: Any) -> list[Any]:
    return [matrix[i, j] for i, j in _UPPER]


def _null_projector(hessian: Any) -> Any:
    """Sum of v vᵀ over the numerical eigenvectors whose eigenvalue is zero."""
    values, vectors = mp.eigsy(hessian)
    result = mp.zeros(_SIZE)
    for k in range(_SIZE):
        if abs(values[k]) < _NULL:
            result += vectors[:, k] * vectors[:, k].T
    return result


def _projector(name: str, values: dict[str, Any], vectors: list[sp.Matrix]) -> Step:
    basis = sp.Matrix.hstack(*vectors)
    projector = (basis * (basis.T * basis).inv() * basis.T).applyfunc(sp.factor)
    words = ", ".join("(1, 1, 1)" if not v.free_symbols else "x" for v in vectors)
    hypotheses = (Hypothesis("ε = 0", [_point({**values, "epsilon": sp.Rational(3, 8)})]),) if "epsilon" in values else ()
    return Step(
        "Projector on the null space",
        [f"P_{{{i + 1}{j + 1}}}" for i, j in _UPPER],
        tuple(projector[i, j] for i, j in _UPPER),
        f"the null vectors {words} as they follow from L, made orthogonal: the collective dead directions",
        "eigenvectors of the numerical Hessian with eigenvalue zero",
        [_point(values)],
        lambda p: _upper(_null_projector(hessian_of(name, p.of["values"], p.of["x"]))),
        source="fanaskov2024",
        hypotheses=hypotheses,
    )


def _invariance(name: str, values: dict[str, Any], gradient: list[sp.Expr], vectors: list[sp.Expr]) -> Step:
    """g at a x + s (1, …, 1), with those of a and s that the null vectors allow."""
    scales, shifts = any(v.free_symbols for v in vectors), any(not v.free_symbols for v in vectors)
    moved = {x: (_SCALE if scales else 1) * x + (_SHIFT if shifts else 0) for x in _FIELDS}
    for before in gradient:
        after = before.subs(moved, simultaneous=True)
        if sp.simplify(_out_of_roots(after) - _out_of_roots(before)) != 0:
            raise ArithmeticError(f"the activation of {name} depends on the place in its flat region")

    def oracle(p: Any) -> list[Any]:
        a = p[_SCALE] if scales else 1
        s = p[_SHIFT] if shifts else 0
        push = p.of.get("push", [0] * _SIZE)
        return gradient_of(name, p.of["values"], [a * x + s + d for x, d in zip(p.of["x"], push)])

    other = _point(values)
    other.of["push"] = [mp.mpf(1), mp.mpf(0), mp.mpf("-0.25")]
    region = {(True, True): "half-plane a x + s (1, 1, 1), a > 0", (True, False): "ray a x, a > 0",
              (False, True): "line x + s (1, 1, 1)"}[scales, shifts]
    softened = _point({**values, "epsilon": sp.Rational(3, 8)})
    hypotheses = [Hypothesis(f"the state moves along the {region}", [other])]
    if scales:
        hypotheses.append(Hypothesis("ε = 0", [softened]))
    return Step(
        "Flat region",
        [f"g_{i + 1}({'a x' if scales else 'x'}{' + s' if shifts else ''})" for i in range(_SIZE)],
        tuple(gradient),
        f"inserted and simplified: the activation is the same on the {region}",
        "numerical differentiation of L in the state far along the region",
        [_point(values)],
        oracle,
        source="fanaskov2024",
        hypotheses=tuple(hypotheses),
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
        lambda p: [mp.det(hessian_of(name, p.of["values"], p.of["x"]))],
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
    softened = [w for _, _, w in found if w == 2]
    point = _point({**values, "epsilon": sp.Rational(3, 8)})
    return [Step(
        "Conserved",
        [words for words, _, _ in found],
        tuple(total for _, total, _ in found),
        "sums over the activation, simplified: x drops out",
        "numerical differentiation of L",
        [_point(values), _point(values, ("-1.3125", "0.625", "2.25"))],
        lambda p: [mp.fsum(g**k for g in gradient_of(name, p.of["values"], p.of["x"])) for _, _, k in found],
        hypotheses=(Hypothesis("ε = 0", [point]),) if softened else (),
    )]


def _softened(name: str, values: dict[str, Any]) -> Step:
    """ε > 0: the radial direction is no null vector any more."""
    softened = {**values, "epsilon": sp.Rational(3, 8)}
    block = Lagrangian(name, _SIZE, **{("eps" if k == "epsilon" else k): float(v) for k, v in softened.items()})
    form: Any = block.symbolic
    L = form.explicit(_FIELDS)
    centred = any(not sp.sympify(v).free_symbols for v in form.null_vectors)
    mean = sum(_FIELDS) / _SIZE if centred else 0
    radial = column([x - mean for x in _FIELDS])
    image = sp.hessian(L, _FIELDS) * radial
    ratios = [sp.simplify(_out_of_roots(e / c)) for e, c in zip(image, radial)]
    if any(sp.simplify(r - ratios[0]) != 0 for r in ratios):
        raise ArithmeticError("the radial direction is no eigenvector")

    def oracle(p: Any) -> list[Any]:
        """The Rayleigh quotient of the numerical Hessian; an eigenvalue, since the residual vanishes."""
        x = p.of["x"]
        middle = mp.fsum(x) / _SIZE if centred else 0
        c = mp.matrix([z - middle for z in x])
        return [(c.T * hessian_of(name, p.of["values"], x) * c)[0] / (c.T * c)[0]]

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


class _Face:
    """L = min_t A(t) + Σ φ(x_i − t): neurons 1 and 2 alive, neuron 3 dead."""

    def __init__(self, name: str, form: Any) -> None:
        self.name = name
        t, x = sp.Symbol("t", real=True), sp.Symbol("x", real=True)
        summand, outer = form.totals[0], form.outer
        cells = form.cells
        alive, dead = (next(c.value for c in cells if c.dead is kind) for kind in (False, True))
        fields = [(alive, _FIELDS[0]), (alive, _FIELDS[1]), (dead, _FIELDS[2])]
        total = sp.Add(*[formula.xreplace({x: field - t}) for formula, field in fields])
        function = outer.xreplace({summand.symbol: total})
        self.shift = sp.solve(sp.diff(function, t), t)[0]
        self.L = sp.expand(function.subs(t, self.shift))
        self.gradient = [sp.expand(sp.diff(self.L, z)) for z in _FIELDS]
        self.hessian = sp.hessian(self.L, _FIELDS)

    def steps(self) -> list[Step]:
        """Activation, Hessian, null space, flat region, what is conserved."""
        return [self._activation(), self._null(), self._conserved()]

    def _activation(self) -> Step:
        moved = _point({}, ("5.8125", "5.5625", "-30.34375"))
        return Step(
            "Activation and flat region on a face",
            ["t", *[f"g_{i + 1}" for i in range(_SIZE)]],
            (self.shift, *self.gradient),
            "two neurons above the shift t and one below it: the minimum over t, inserted, and its gradient; a common shift "
            "of the fields and the depth of the third one drop out",
            "t and g by numerical differentiation of max over the simplex, also far along the flat region",
            [_point({}, ("0.3125", "0.5625", "-0.34375")), moved],
            lambda p: [self._threshold(p.of["x"]), *gradient_of(self.name, {}, p.of["x"])],
            source="martins2016",
            hypotheses=(Hypothesis("neuron 3 lies below the shift, x₃ < t", [_point({}, ("0.3125", "0.5625", "0.125"))]),),
        )

    def _threshold(self, x: Any) -> Any:
        """The shift at which the positive parts sum to one."""
        return mp.findroot(lambda t: mp.fsum(max(z - t, mp.mpf(0)) for z in x) - 1, (max(x) - 1, max(x)), solver="anderson",
                           tol=mp.mpf(10) ** -75)

    def _null(self) -> Step:
        basis = sp.Matrix.hstack(*self.hessian.nullspace())
        projector = basis * (basis.T * basis).inv() * basis.T
        return Step(
            "Hessian and its null space",
            [*[f"H_{{{i + 1}{j + 1}}}" for i, j in _UPPER], *[f"P_{{{i + 1}{j + 1}}}" for i, j in _UPPER]],
            tuple([self.hessian[i, j] for i, j in _UPPER] + [projector[i, j] for i, j in _UPPER]),
            "second derivatives on the face; null vectors are the dead neuron and (1, 1, 1) on the living ones",
            "numerical second derivatives of the maximum over the simplex, and their eigenvectors",
            [_point({}, ("0.3125", "0.5625", "-0.34375"))],
            lambda p: [*_upper(hessian_of(self.name, {}, p.of["x"])),
                       *_upper(_null_projector(hessian_of(self.name, {}, p.of["x"])))],
            source="fanaskov2024",
            hypotheses=(Hypothesis("neuron 3 lies below the shift, x₃ < t", [_point({}, ("0.3125", "0.5625", "0.125"))]),),
        )

    def _conserved(self) -> Step:
        return Step(
            "Conserved",
            [r"\sum_i g_i"],
            (sp.expand(sp.Add(*self.gradient)),),
            "the activation is a point of the simplex",
            "numerical differentiation of L",
            [_point({}, ("0.3125", "0.5625", "-0.34375"))],
            lambda p: [mp.fsum(gradient_of(self.name, {}, p.of["x"]))],
        )
