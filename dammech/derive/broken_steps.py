"""The steps of the k-step derivation: what each claims, in words and symbols, and the other route that checks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import mpmath as mp
import sympy as sp

from dammech.derive import broken_oracles as checks
from dammech.derive.averages import normal
from dammech.derive.broken_limits import dynamic, equal_overlaps, one_level_less, splitting_growth, unit_size
from dammech.derive.covariance import alpha, explicit, soft_memory
from dammech.derive.functional import T, m, m_hat
from dammech.derive.oracles import Point, number, symbol_points, value
from dammech.derive.replicas import n
from dammech.derive.steps import Step

if TYPE_CHECKING:
    from dammech.derive.symmetry_breaking import BrokenTheory, ZeroTemperature

#: values at which steps are checked, for the levels of a theory in turn; no two are related
_OVERLAPS = {1: ("0.41", "0.71"), 2: ("0.36", "0.58", "0.79"), 3: ("0.31", "0.47", "0.64", "0.83")}
_SIZES = {1: ("0.63",), 2: ("0.37", "0.68"), 3: ("0.29", "0.52", "0.77")}
_WIDTHS = ("0.55", "0.48", "0.37", "0.31")
#: block sizes at integer numbers of replicas: for the noise, and those that the sums over all states can afford
_MATRICES = {
    1: ((4, 2), (6, 3), (6, 2), (12, 4)), 2: ((8, 4, 2), (12, 6, 2), (12, 6, 3), (12, 4, 2)),
    3: ((16, 8, 4, 2), (24, 12, 6, 2), (24, 12, 4, 2)),
}
_TRACES = {1: ((4, 2), (6, 3), (6, 2)), 2: ((8, 4, 2), (12, 6, 3)), 3: ((16, 8, 4, 2),)}
#: the same for replicons: four blocks l+1 inside a block l
_REPLICONS = {
    1: (((8, 2), (12, 3)), ((8, 4), (10, 5))),
    2: (((16, 4, 2),), ((16, 8, 2), (12, 12, 3)), ((16, 8, 4),)),
}


def broken_steps(t: BrokenTheory, cold: ZeroTemperature) -> list[Step]:
    """All steps from the finite-N Hamiltonian to T = 0, in their order."""
    return [
        *t.first(t.model), *_functional(t), *_saddle_point(t), *_stability(t), *_limits(t), *_splitting(t),
        *_complexity(t), *_dynamic(t), *_ground(t, cold),
    ]


# -- where ------------------------------------------------------------------------------------------------------------


def _family(symbols: Sequence[sp.Symbol], values: Sequence[Any]) -> dict[sp.Symbol, list[Any]]:
    return {s: [v] for s, v in zip(symbols, values)}


def _points(t: BrokenTheory, temperatures: Sequence[str] = ("1.3",), order: str = "0.83") -> list[Point]:
    """Order parameters and temperature."""
    signal = {m: [order]} if t.hebbian else {}
    overlaps, sizes = _family(t.q, _OVERLAPS[t.steps]), _family(t.sizes, _SIZES[t.steps])
    return symbol_points({**signal, **overlaps, **sizes, T: temperatures}, t.model)


def _dressed(t: BrokenTheory, points: Sequence[Point]) -> list[Point]:
    """The same with the widths and the strength that the order parameters give."""
    fields = {s: explicit(e, t.model) for s, e in t.with_order_parameters.items()}
    with mp.workdps(50):
        return [{**p, **{s: value(e, p, 45) for s, e in fields.items()}} for p in points]


def _free_fields(t: BrokenTheory) -> dict[sp.Symbol, list[Any]]:
    """Widths and strength at values of their own."""
    strength = {s: ["0.7"] for s in t.with_order_parameters if s not in t.spreads}
    return {**strength, **_family(t.spreads, _WIDTHS)}


def _integer(t: BrokenTheory, choices: Sequence[Sequence[int]], more: dict[sp.Symbol, list[Any]]) -> list[Point]:
    found: list[Point] = []
    for sizes in choices:
        found += symbol_points({**_family((n, *t.sizes), sizes), **more}, t.model)
    return found


def _name(x: sp.Symbol) -> str:
    return str(sp.latex(x)).replace("_{0}", "_0").replace("_{1}", "_1").replace("_{2}", "_2").replace("_{3}", "_3")


def _equation_names(unknowns: Sequence[sp.Symbol]) -> list[str]:
    return [rf"0 = F_{{{_name(x)}}}" for x in unknowns]


# -- the functional ---------------------------------------------------------------------------------------------------


def _functional(t: BrokenTheory) -> Iterator[Step]:
    model, parts = t.model, t.parts
    given = {**_family(t.q, _OVERLAPS[t.steps]), T: ["9.7"]}
    overlaps = ", ".join(map(_name, t.q))
    yield Step(
        "Noise functional", [rf"W_n({overlaps})"], (explicit(t.noise, model),),
        "entries with their counts" if not soft_memory(model) else "eigenvalues with their multiplicities",
        "explicit overlap matrices at integer numbers of replicas and block sizes",
        _integer(t, _MATRICES[t.steps], given), lambda p: [checks.explicit_noise(model, parts, p)],
        assumption="Q_ab = q_l for replicas that share l blocks and no more (Parisi's hierarchy)", source="parisi1980",
    )
    yield Step(
        "Trace over the replicated spins", [r"\log\operatorname{Tr}_n"], (t.trace,),
        "Gaussian decoupling of the square of every level, of variance s_l² = q̂_l − q̂_(l−1); inside a block the replicas "
        "become independent",
        "explicit sum over all states of the replicated spins",
        [_without_load(p) for p in _integer(t, _TRACES[t.steps], _free_fields(t))],
        lambda p: [checks.log_trace_by_enumeration(parts, p)], digits=15,
    )
    functional = explicit(normal((t.rest + t.spins).xreplace(t.with_conjugates)), model)
    squares = [sum(sp.Rational(w) ** 2 for w in _WIDTHS[:j]) for j in range(1, t.steps + 2)]
    at = _points(t, ("1.3", "1.9"))
    conjugate = {**({m_hat: sp.Rational("0.7")} if t.hebbian else {}), **dict(zip(t.q_hat, squares))}
    hats = ", ".join([*([r"\hat m"] if t.hebbian else []), *map(_name, t.q_hat)])
    yield Step(
        "Replica limit", [rf"-\beta f({hats})"], (functional,),
        "∂/∂n at n = 0 of log of the replicated partition function per spin; the block sizes θ_l now lie between 0 and 1",
        "complex step at n = 0 through the functional continued to complex n by nested trapezoids",
        [{**p, **conjugate} for p in at], lambda p: [checks.per_replica(model, parts, checks.state(p))],
        assumption="the limits N → ∞ and n → 0 commute", digits=15,
    )
    yield Step(
        "Conjugate order parameters", ([r"\hat m"] if t.hebbian else []) + [_name(x) for x in t.q_hat],
        tuple(explicit(e, model) for e in t.conjugates.values()),
        "stationarity in m and q_l", "numerical derivatives of the signal and of W", _points(t, ("1.3", "1.9")),
        lambda p: checks.conjugates(model, parts, p),
    )
    yield Step(
        "Strength and widths of the local field", [_name(s) for s in t.with_order_parameters],
        tuple(explicit(e, model) for e in t.with_order_parameters.values()),
        "a = m̂, s_l² = q̂_l − q̂_(l−1); the field over T is h = a + Σ_l s_l z_l" if t.hebbian
        else "s_l² = q̂_l − q̂_(l−1); the field over T is h = Σ_l s_l z_l",
        "numerically stationary conjugates", _points(t, ("1.3", "1.9")), lambda p: checks.widths(model, parts, p),
    )


def _without_load(p: Point) -> Point:
    return {k: v for k, v in p.items() if k != alpha}


# -- what follows by differentiation ----------------------------------------------------------------------------------


def _saddle_point(t: BrokenTheory) -> Iterator[Step]:
    model, parts = t.model, t.parts
    points = _dressed(t, _points(t, ("1.3", "0.9")))
    yield Step(
        "Free energy", ["f"], (explicit(normal(t.inserted(t.free_energy)), model),), "conjugate order parameters inserted",
        "−T times the functional in numbers at numerically stationary conjugates", points,
        lambda p: [-float(number(p[T])) * checks.per_replica(model, parts, checks.stationary(model, parts, p))], digits=15,
    )
    yield Step(
        "Saddle equations", _equation_names(t.unknowns), tuple(explicit(t.inserted(e), model) for e in t.equations),
        "∂/∂m̂, ∂/∂q̂_l and ∂/∂θ_l of the functional, and Stein's lemma; ⟨g|ε⟩ obeys ⟨z g|ε⟩ = ⟨g' + g ε'|ε⟩",
        "numerical derivatives of the functional in numbers", points, lambda p: checks.saddle(model, parts, p),
        source="stein1981", digits=15,
    )
    energy = t.energy
    entropy = explicit(normal(sp.expand((energy - t.inserted(t.free_energy)) / T)), model)
    yield Step(
        "Energy and entropy", ["e", "s"], (explicit(energy, model), entropy),
        "e = ∂(βf)/∂β at fixed conjugates, which are stationary; s = (e − f)/T",
        "numerical derivatives of the functional in numbers, in β and in T",
        points, lambda p: checks.thermodynamics(model, parts, p), digits=15,
    )


def _complexity(t: BrokenTheory) -> Iterator[Step]:
    model, parts, size = t.model, t.parts, t.sizes[-1]
    yield Step(
        "Complexity", [r"\Sigma"], (explicit(sp.expand(-(size**2) * t.inserted(t.equations[-1])), model),),
        f"log of the number of states over N: Σ = {_greek(size)}² ∂(βf)/∂{_greek(size)}; it vanishes at the saddle point",
        f"numerical Legendre transform of {_greek(size)} f: of so many copies in one state",
        _dressed(t, _points(t)),
        lambda p: [checks.complexity(model, parts, checks.stationary(model, parts, p))], source="monasson1995", digits=15,
    )


def _dynamic(t: BrokenTheory) -> Iterator[Step]:
    if t.steps > 1:
        return
    model, parts = t.model, t.parts
    points = [{**p, t.sizes[0]: sp.Integer(1)} for p in _points(t, ("1.3", "0.9"))]
    points = [{k: v for k, v in p.items() if k != t.sizes[0]} for p in _dressed(t, points)]

    def oracle(p: Point) -> list[float]:
        s = checks.state({**p, t.sizes[0]: sp.Integer(1)}, parts)  # the conjugate of q_1 is 0/0 there: by the widths of the point
        return [checks.innermost_overlap(parts, s), checks.complexity(model, parts, s)]

    yield Step(
        "Where states appear and where they run out: θ = 1", ["0 = F_{q_1}", r"\Sigma"], dynamic(t),
        "the weight 2cosh h of one spin shifts the Gaussian; solutions q_1 > q_0 appear at the dynamic transition, and Σ "
        "falls to zero at the static one", "means under the weight by nested trapezoids; numerical Legendre transform",
        points, oracle, source="monasson1995", digits=15,
    )


def _greek(x: sp.Symbol) -> str:
    return x.name.replace("theta", "θ_") if x.name != "theta" else "θ"


# -- stability --------------------------------------------------------------------------------------------------------


def _stability(t: BrokenTheory) -> Iterator[Step]:
    model, parts = t.model, t.parts
    choices = _REPLICONS.get(t.steps, ())
    for level, sizes in enumerate(choices):
        given = {**_family(t.q, _OVERLAPS[t.steps]), **_free_fields(t), T: ["9.7" if soft_memory(model) else "2.3"]}
        yield Step(
            f"Replicon of {_name(t.q[level])} at n replicas", [rf"\lambda_{{{level},n}}"],
            (explicit(t.replicon_at_integer_replicas(level), model),),
            "second derivative of the n-replica functional in (Q_ab, Q̂_ab): of four blocks inside one, the overlaps of 1 "
            "with 2 and 3 with 4 rise, those of 1 with 3 and 2 with 4 fall",
            f"Hessian of the explicit functional with {_list(x[0] for x in sizes)} replicas: spins enumerated, matrices "
            "differentiated",
            _integer(t, sizes, given), _replicon_by_enumeration(t, level),
            source="dealmeida1978", digits=15,
        )
    yield Step(
        "Replicons", [rf"\lambda_{level}" for level in range(t.steps + 1)],
        tuple(explicit(e, model) for e in t.replicons),
        "n → 0; stable where all are positive", "finite differences of the free energy of a block, nested trapezoids",
        [{**p, **{s: sp.Rational(v[0]) for s, v in _free_fields(t).items()}} for p in _points(t)],
        lambda p: [checks.replicon(model, parts, level, p) for level in range(t.steps + 1)],
        source="dealmeida1978", digits=15,
    )


def _replicon_by_enumeration(t: BrokenTheory, level: int) -> Callable[[Point], list[float]]:
    return lambda p: [checks.replicon_by_enumeration(t.model, t.parts, level, p)]


def _list(values: Any) -> str:
    *first, last = [str(v) for v in values]
    return f"{', '.join(first)} and {last}" if first else last


# -- limits and the line of instability, a second time ------------------------------------------------------------------


def _limits(t: BrokenTheory) -> Iterator[Step]:
    less = "replica-symmetric" if t.steps == 1 else f"{t.steps - 1}-step"
    known: list[Any] = []

    def oracle(p: Point) -> list[Any]:
        if not known:
            known.extend(one_level_less(t))
        return [value(e, p) if t.steps == 1 else checks.double(e, p) for e in known[: 1 + len(names) - 1]]

    names = ["f", *_equation_names([*([m] if t.hebbian else []), *t.q[:-1]])]
    points, digits = _dressed(t, _points(t, ("1.3", "0.9"))), 30 if t.steps == 1 else 15
    outer, inner = _name(t.q[-2]), _name(t.q[-1])
    merged = [{**p, t.q[-1]: p[t.q[-2]]} for p in points]
    merged = [{**p, **{s: v for s, v in d.items() if s in t.spreads[:-1]}} for p, d in zip(points, _dressed(t, merged))]
    yield Step(
        f"Equal overlaps, {inner} = {outer}", names, equal_overlaps(t),
        "the innermost width vanishes, and with it the average", f"the {less} theory, by its own derivation", merged, oracle,
        digits=digits,
    )
    unit = [{**p, t.sizes[-1]: sp.Integer(1)} for p in points]
    unit = [{**p, **{s: v for s, v in d.items() if s in t.spreads[:-1]}} for p, d in zip(points, _dressed(t, unit))]
    yield Step(
        f"Blocks of one, {_greek(t.sizes[-1])} = 1", names, unit_size(t),
        "a mean of cosh is elementary, and the innermost overlap drops out", f"the {less} theory, by its own derivation",
        unit, oracle, digits=digits,
    )


def _splitting(t: BrokenTheory) -> Iterator[Step]:
    model, parts = t.model, t.parts
    growth = splitting_growth(t)
    outer, inner = _name(t.q[-2]), _name(t.q[-1])
    points = [{**p, t.q[-1]: p[t.q[-2]]} for p in _points(t, ("1.3", "0.9"))]
    at = [{k: v for k, v in p.items() if k not in (t.q[-1], t.spreads[-1])} for p in _dressed(t, points)]
    if t.steps == 1:  # the growth must not depend on θ
        at += [{**p, t.sizes[0]: sp.Rational("0.21")} for p in at]
    yield Step(
        "Growth of a small splitting", [r"\gamma"], (growth,),
        f"the means that {inner} and {outer} equal, linearised in {inner} − {outer} at fixed block sizes: each iteration "
        "multiplies a small difference by γ",
        "the same from the functional in numbers at small splittings, extrapolated",
        at, lambda p: [checks.growth(model, parts, {**p, t.q[-1]: p[t.q[-2]]})], digits=15, tolerance=1e-8,
    )
    known: list[sp.Expr] = []

    def replicon(p: Point) -> list[Any]:
        if not known:
            known.append(one_level_less(t)[-1])
        return [value(known[0], p) if t.steps == 1 else checks.double(known[0], p)]

    yield Step(
        "The line of instability, a second time", [r"\lambda"], (1 - growth,),
        "λ = 1 − γ: a splitting that grows leaves the unbroken solution; the block sizes have dropped out",
        "the replicon of the theory with one level less, from the Hessian of its n-replica functional",
        at, replicon, source="dealmeida1978", digits=30 if t.steps == 1 else 15,
    )


# -- zero temperature -------------------------------------------------------------------------------------------------


def _ground(t: BrokenTheory, cold: ZeroTemperature) -> Iterator[Step]:
    model = t.model
    response = next(x for x in cold.unknowns if x.name == "C")
    overlaps = {1: ("0.61",), 2: ("0.41", "0.66"), 3: ("0.41", "0.6", "0.75")}[t.steps]
    slopes = {1: ("0.7",), 2: ("0.4", "0.9"), 3: ("0.3", "0.6", "0.9")}[t.steps]
    given = {**({m: ["0.83"]} if t.hebbian else {}), **_family(t.q[:-1], overlaps), **_family(t.slopes, slopes)}
    plain = symbol_points({**given, response: ["0.23"]}, model)
    fields = {s: explicit(e, model) for s, e in cold.fields.items()}
    same = {s: e for s, e in fields.items() if e.is_Symbol}  # nothing to abbreviate
    with mp.workdps(50):
        points = [{**p, **{s: value(e, p, 45) for s, e in fields.items() if s not in same}} for p in plain]

    def along(p: Point) -> Callable[[mp.mpf], dict[sp.Symbol, Any]]:
        held = {s: number(p[s]) for s in p if s in (m, alpha, *t.q[:-1])}
        rates = {x: number(p[y]) for x, y in zip(t.sizes, t.slopes)}
        return lambda temperature: {
            **held, **{x: temperature * y for x, y in rates.items()}, T: temperature,
            t.q[-1]: 1 - temperature * number(p[response]),
        }

    dressing = {s: explicit(e, model) for s, e in t.with_order_parameters.items()}
    yield Step(
        "Strength and widths at T = 0", [_name(s) for s in fields], tuple(fields.values()),
        "T → 0 of T a and T s_l at fixed C = β(1 − q_k) and y_l = βθ_l; the field itself is now h = "
        + ("a + " if t.hebbian else "") + "Σ_l s_l z_l",
        "values at q_k = 1 − CT and θ_l = y_l T, extrapolated to T = 0", plain,
        lambda p: checks.low_temperature([T * e for e in dressing.values()], {}, along(p)), digits=15, tolerance=1e-9,
    )

    def oracle(p: Point) -> list[Any]:
        last = len(t.unknowns) - t.steps - 1  # the place of q_k
        equations = [
            -e / T if k == last else e * T**2 if k > last else e for k, e in enumerate(map(t.inserted, t.equations))
        ]
        expressions = [*t.replicons[:-1], *equations, t.inserted(t.free_energy)]
        *found, ground, slope = checks.low_temperature([explicit(e, model) for e in expressions], dressing, along(p), slope=True)
        return [*found, ground, -slope]

    names = [rf"0 = F_{{{_name(x)}}}^{{T=0}}" for x in cold.unknowns]
    claims = (*cold.replicons, *cold.equations, cold.free_energy, cold.entropy)
    yield Step(
        "Zero temperature", [*[rf"\lambda_{j}" for j in range(t.steps)], *names, "f^{T=0}", "s^{T=0}"],
        tuple(explicit(e, model).xreplace(same) for e in claims),
        "T → 0: tanh → sign, β sech² → 2δ, T log 2cosh → |·|, also in the weights; the innermost replicon tends to −∞",
        "finite-temperature expressions at q_k = 1 − CT and θ_l = y_l T, extrapolated to T = 0; the entropy is −∂f/∂T there",
        points, oracle, digits=15, tolerance=1e-6,
    )
