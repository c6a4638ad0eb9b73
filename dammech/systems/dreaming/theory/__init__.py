"""The replica-symmetric theory of Hopfield's memory after sleep.

e^{−βH} is bilinear in the patterns once a field z_μ for each pattern and an imaginary one φ_i for each neuron are brought in: a
Hopfield model of the spins τ = √(1+t) σ + i√(tT) φ, whose square is no constant.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import mpmath as mp
import sympy as sp

from dammech.derive.averages import log2cosh
from dammech.derive.finite_size import generating_function
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.functional import Replicated, T, d, m, q
from dammech.derive.oracles import Point, low_temperature, number, symbol_points, thermodynamics
from dammech.derive.replicas import OverlapMatrix, n, replica_symmetric_matrix
from dammech.derive.spins import Ising
from dammech.derive.steps import Deferred, Derivation, Step
from dammech.derive.theorem import Theorem
from dammech.errors import InputError, shown
from dammech.systems.dreaming.model import DreamingDAM
from dammech.systems.dreaming.theory.identities import K, alpha, glass, mu, rho, sleep, t
from dammech.systems.hebbian import HebbianDAM

_load, _temperature = sp.Symbol("load", positive=True), sp.Symbol("temperature", positive=True)
_mu, _rho = sp.symbols("mu rho", real=True)
#: at which a derivation is checked
_LOAD = "0.33"


class Asleep(Ising):
    """τ = √(1+t) σ + i√(tT) φ with a fair sign σ and a unit Gaussian φ."""

    free, letter = True, "τ"

    def log_weight(self, h: sp.Expr, g: sp.Expr) -> sp.Expr:
        """log Tr e^{hτ + gτ²/2}; D = 1 + tTg comes from the integral over φ."""
        D = sp.factor(1 + t * T * g)
        return log2cosh(sp.sqrt(1 + t) * h / D) - sp.log(D) / 2 - t * T * h**2 / (2 * D) + (1 + t) * g / (2 * D)

    def log_trace(self, a: Any, couplings: Any, p: Point) -> Any:
        """A sum over signs of Gaussian integrals over all φ."""
        s, size = number(p[t]), couplings.rows
        metric = mp.eye(size) + s * number(p[T]) * couplings
        total = mp.mpf(0)
        for signs in itertools.product((-1, 1), repeat=size):
            spins = mp.sqrt(1 + s) * mp.matrix(signs)
            field = couplings * spins + a * mp.ones(size, 1)
            bare = (spins.T * (couplings * spins))[0] / 2 + a * mp.fsum(spins)
            total += mp.exp(bare - s * number(p[T]) * (field.T * mp.lu_solve(metric, field))[0] / 2)
        return mp.log(total) - mp.log(mp.det(metric)) / 2

    def _logs(self, h: Any, g: Any, p: Point) -> Any:
        """The same for one spin: of both signs, a Gaussian integral over φ."""
        s, noise = number(p[t]), number(p[t]) * number(p[T])
        spin, metric = mp.sqrt(1 + s), 1 + noise * g
        total = mp.fsum(mp.exp(g * x**2 / 2 + h * x - noise * (g * x + h) ** 2 / (2 * metric)) for x in (spin, -spin))
        return mp.log(total) - mp.log(metric) / 2


@cache
def derive(model: DreamingDAM, ansatz: str = "rs", mixture: int = 1) -> Derivation:
    """f(μ, ρ, K) from the Hamiltonian, with replica symmetry.

    Raises
    ------
    InputError
        For broken symmetry and mixtures.
    """
    if ansatz != "rs" or mixture != 1:
        raise InputError(f"ansatz={shown(ansatz)}, mixture={shown(mixture)}: the memory after sleep has 'rs' and 1 only")
    free_energy = _free_energy(model, _numbers(model), [])
    return Derivation(_name(model), model, "rs", Deferred(partial(_steps, model, free_energy)), free_energy,
                      sources=("fachechi2019",), functional=_functional(model))  # fmt: skip


@cache
def family() -> FreeEnergy:
    """f of any sleep and any R of Gaussian examples, which are two parameters more: lines may be solved for them."""
    named = {t: sp.Symbol("sleep", positive=True), _R: sp.Symbol("dataset_entropy", positive=True)}
    return _free_energy(DreamingDAM(1.0, 1.0), named, list(named.values()))


def _free_energy(model: DreamingDAM, numbers: dict[sp.Symbol, sp.Expr], more: list[sp.Symbol]) -> FreeEnergy:
    theory = _functional(model)
    scales = (sp.sqrt(1 + t), 1 + t, 1 / (1 + t))
    named = {mu: _mu, rho: _rho, alpha: _load, T: _temperature}
    constant = T * _disordered(_log_determinant()) + _disordered(_diagonal()) / 2
    direction = sp.tanh(_SLOPE * _h / T)
    observed = {"m": theory.mean(lambda h: direction.xreplace({_h: h}), *theory.fields[:2]),
                "q": theory.mean(lambda h: direction.xreplace({_h: h}) ** 2, *theory.fields[:2])}  # fmt: skip
    made = (theory.free_energy + constant, theory.replicon(sp.S.Zero), *observed.values(), *map(sp.Mul, theory.equations, scales),
            *_perfect(model))  # fmt: skip
    f, replicon, overlap, square, *rest = (e.xreplace(numbers).xreplace(named) for e in made)
    return FreeEnergy(
        f, [_mu, _rho, K], [_load, _temperature, *more], equations=rest[:3], replicon=replicon, domain=[K], cold={},
        start=dict(zip((_mu, _rho, K), rest[3:])), observables={"m": overlap, "q": square}, lines=model.lines,
        branches={"retrieval": _mu > 0, "spin-glass": sp.Eq(_mu, 0) & (_rho > 0), "paramagnetic": sp.Eq(_mu, 0) & sp.Eq(_rho, 0)},
    )  # fmt: skip


def _steps(model: DreamingDAM, free_energy: FreeEnergy) -> list[Step]:
    at: dict[sp.Symbol, list[str]] = {m: ["0.83"], q: ["0.71"], d: ["1.17"], T: ["1.9", "0.8"]}
    placed = {mu: ["0.43", "0.21"], rho: ["0.28"], K: ["1.3"], T: ["0.8", "1.9"]}
    # noise as strong as the signal: every term of the limit T → 0 counts
    points = {_mu: ["0.31"], _rho: ["0.28"], K: ["1.3"], _load: ["0.33"], _temperature: ["1.9", "1.2"]}
    return [*_from_the_hamiltonian(), *_functional(model).steps(at, placed), *_thermodynamics(free_energy, points)]


def derivations() -> dict[str, Callable[[], Any]]:
    """By name, what makes each."""
    models = (DreamingDAM(1.0), DreamingDAM(10.0, dataset_entropy=0.1), DreamingDAM(1.0, examples=2, quality=0.5))
    found: dict[str, Callable[[], Any]] = {_name(model): partial(derive, model) for model in models}
    return found | {"dreaming.sleep": sleep, "dreaming.glass-line": glass_line}


@cache
def glass_line() -> Theorem:
    """T_g of the derived theory, for any t."""
    theory = _functional(DreamingDAM(1.0))
    return glass(theory, theory.equations[-1])


def _name(model: DreamingDAM) -> str:
    data = f".M{model.examples}" if model.examples else ".examples" if model.dataset_entropy else ""
    return f"dreaming{data}.rs"


_h = sp.Symbol("h", real=True)
_R = sp.Symbol("R", positive=True)
_D = 1 + alpha * K * t / (1 + t)
#: √(1+t)/D, by which the field on τ acts on σ
_SLOPE = sp.sqrt(1 + t) / _D


def _numbers(model: DreamingDAM) -> dict[sp.Symbol, sp.Expr]:
    return {t: sp.Rational(str(model.sleep)), _R: sp.Rational(str(model.dataset_entropy))}


@cache
def _functional(model: DreamingDAM) -> Replicated:
    """Hopfield's functional of τ, for any t and R."""

    def noise(overlaps: OverlapMatrix) -> sp.Expr:
        return -alpha / 2 * overlaps.trace_of(lambda x: sp.log((T - x) / T))

    def numbers(matrix: Any, p: Point) -> Any:
        size = matrix.rows
        scaled = mp.matrix(size, size)
        for a, b in itertools.product(range(size), repeat=2):
            scaled[a, b] = number(matrix[a, b]) / number(p[T])
        return -number(p[alpha]) / 2 * mp.log(mp.det(mp.eye(size) - scaled))

    own = {alpha: [_LOAD], t: ["0.6"], **({_R: ["0.87"]} if model.dataset_entropy else {})}
    # μ, ρ and K are of order one from Hebb's rule to the projector
    place = {m: mu / sp.sqrt(1 + t), q: rho / (1 + t), d: rho / (1 + t) + T * (1 - (1 + t) / K)}
    return Replicated(m**2 / 2, noise, numbers, Asleep(), lambda grid: symbol_points({**own, **grid}), _sites(model), place,
                      stored="x", rewritten=_WITH_FIELDS)  # fmt: skip


_WITH_FIELDS = (
    (
        "H is no sum over patterns, but e^{−βH} is a product of them under the mean over a Gaussian field z_μ for each pattern "
        "and a standard Gaussian φ_i for each neuron. H leaves out the diagonal: −βH = ½ βσᵀJσ − ½ β Σ_i J_ii, and",
        (r"\begin{aligned}",
         r"e^{\frac\beta2\sigma^\top J\sigma} &= \det(I+tC)^{1/2}\int\!\prod_\mu\frac{dz_\mu}{\sqrt{2\pi}}\; "
         r"e^{-\frac12z^\top(I+tC)z + \sqrt{\beta(1+t)/N}\;z^\top x\sigma},\\",
         r"e^{-\frac t2z^\top Cz} &= \bigl\langle e^{i\sqrt{t/N}\;z^\top x\varphi}\bigr\rangle_\varphi",
         r"\end{aligned}"),
    ),
    (
        "Both exponents are linear in z, which multiplies xτ with τ_i = √(1+t) σ_i + i √(tT) φ_i. Integrated over z, this is "
        "Hopfield's memory of the spins τ, whose square is no constant:",
        (r"Z = c\operatorname{Tr}_{\{\tau\}} e^{-\beta\sum_\mu H_\mu(\tau)},\qquad "
         r"H_\mu(\tau) = -\frac1{2N}\Bigl(\sum_i x_i^\mu\tau_i\Bigr)^2,\qquad "
         r"\log c = \tfrac12\log\det(I+tC) - \tfrac\beta2\sum_iJ_{ii}",),
    ),
    (
        "The trace is the sum over σ and the mean over φ. The constant log c is that of step 3; it is part of the results, but "
        "is left out from here to step 11, where Z stands for Z/c.", (),
    ),
)  # fmt: skip


def _sites(model: DreamingDAM) -> Sequence[tuple[sp.Expr, sp.Expr, sp.Expr]]:
    """What is stored at a site, relative to the pattern: 1, or a Gaussian, or the mean of signs, of unit variance each."""
    if model.examples is None or model.quality is None:
        R = _R if model.dataset_entropy else sp.S.Zero
        return [(sp.S.One, 1 / sp.sqrt(1 + R), R / (1 + R))]
    M, r = model.examples, sp.Rational(str(model.quality))
    scale = sp.sqrt(M * (1 + (M - 1) * r**2))  # M r √(1 + R)
    return [(sp.binomial(M, k) * ((1 + r) / 2) ** k * ((1 - r) / 2) ** (M - k), (2 * k - M) / scale, sp.S.Zero)
            for k in range(M + 1)]  # fmt: skip


def _disordered(e: sp.Expr) -> sp.Expr:
    """An expression in D₀ at the D₀ of the field φ alone, where D₀² + (t − 1 − αt) D₀ = t."""
    half = (1 + alpha * t - t) / 2
    return e.xreplace({_D0: half + sp.sqrt(half**2 + t)})


_D0 = sp.Symbol("D_0", positive=True)


def _log_determinant() -> sp.Expr:
    """−(1/2N) log det(I + tC)."""
    return (-alpha * sp.log((_D0 + t) / _D0) + alpha * t / (_D0 + t) - sp.log(_D0)) / 2


def _diagonal() -> sp.Expr:
    """J_ii, which is left out of H."""
    return (1 + t) * alpha / (_D0 + t)


def _perfect(model: DreamingDAM) -> tuple[sp.Expr, ...]:
    """μ, ρ and K of a pattern without error: σ = ξ at T = 0, so that all there is of a response is that of φ."""
    M, r = model.examples, model.quality
    R = _R if M is None or r is None else (1 / sp.Rational(str(r)) ** 2 - 1) / M
    overlap, data = (1 + t) / (_D0 + t), 1 + t**2 * R / (1 + R) / _D0**2
    spread = overlap**2 * data / (1 - (_D0 - 1) ** 2 / (alpha * _D0**2))
    return tuple(map(_disordered, (overlap, spread, overlap * _D0)))


def _from_the_hamiltonian() -> list[Step]:
    y, lam, beta, x = sp.symbols("y c beta Q_ab", positive=True)
    determinant = replica_symmetric_matrix(x).trace_of(lambda v: sp.log(1 - beta * v)) / -2
    weight = beta * (1 + t) * y**2 / (2 * (1 + t * lam)) - sp.log(1 + t * lam) / 2
    at = symbol_points({y: ["0.7"], lam: ["0.4", "1.3"], beta: ["0.9"], t: ["0.6", "2.5"]})
    return [
        Step("Fields instead of an inverse matrix", [r"\log Z_c"], (weight,),
             "along an eigenvector of C with eigenvalue c, where the overlaps ξσ/√N are y, the Boltzmann weight is a Gaussian "
             "integral of e^{√(β(1+t)) zy} over z, and e^{−tcz²/2} the mean of e^{iφz√(tc)} over a unit Gaussian φ",
             "that double integral", at, lambda p: [_double_integral(*(number(p[s]) for s in (y, lam, beta, t)))],
             source="fachechi2019"),
        Step("Average over one pattern", [r"\log\langle e^{z\sum_a \cdot}\rangle_\xi"], (determinant,),
             "overlaps with the replicas are jointly Gaussian as N → ∞; integrated over z, −½ log det(1 − βQ)",
             "exact sums over all patterns for 1, 2 and 3 replicas at N up to 256, extrapolated in 1/N",
             symbol_points({n: [1, 2, 3], beta: ["0.3"], x: ["1/2"]}),
             lambda p: [generating_function(HebbianDAM(2, interaction="power"), int(p[n]), float(p[beta]), sp.Rational(p[x]))],
             assumption="N → ∞ at fixed number of replicas", source="amit1987", tolerance=1e-7),
        Step("Constants", [r"-\tfrac{1}{2N}\log\det(I + tC)", "J_{ii}"],
             tuple(_disordered(e) for e in (_log_determinant(), _diagonal())),
             "the functional of φ alone, where D = 1 + tT(d̂ − q̂) solves D² + (t − 1 − αt) D = t; J_ii is its derivative in "
             "β(1+t)/2",
             "integrals over the spectrum of C (marchenko1967)", symbol_points({alpha: [_LOAD, "0.6"], t: ["0.6", "2.5"]}),
             lambda p: list(_over_the_spectrum(number(p[alpha]), number(p[t]))), source="marchenko1967"),
    ]  # fmt: skip


def _double_integral(y: Any, lam: Any, beta: Any, s: Any) -> Any:
    """A trapezoid in both fields; the integrand is entire."""
    nodes = [mp.mpf(k) / 5 for k in range(-75, 76)]
    scale = mp.sqrt(beta * (1 + s)) * y
    inner = [mp.fsum(mp.npdf(f) * mp.cos(f * z * mp.sqrt(s * lam)) for f in nodes) / 5 for z in nodes]
    return mp.log(mp.fsum(mp.npdf(z) * mp.exp(scale * z) * c for z, c in zip(nodes, inner)) / 5)


def _over_the_spectrum(load: Any, s: Any) -> tuple[Any, Any]:
    """Per neuron; λ = 1 + α + 2√α cos θ at load ≤ 1."""

    def mean(function: Callable[[Any], Any]) -> Any:
        def density(angle: Any) -> Any:
            lam = 1 + load + 2 * mp.sqrt(load) * mp.cos(angle)
            return 2 * mp.sin(angle) ** 2 / (mp.pi * lam) * function(lam)

        return load * mp.quad(density, [0, mp.pi])

    return -mean(lambda x: mp.log(1 + s * x)) / 2, mean(lambda x: (1 + s) * x / (1 + s * x))


def _thermodynamics(theory: FreeEnergy, at: Any) -> list[Step]:
    """What follows from f by differentiation, and as T → 0 at fixed μ, ρ and K."""
    ground = theory.zero_temperature
    assert ground is not None and theory.entropy is not None and theory.energy is not None
    cold = {x: v for x, v in at.items() if x != _temperature}
    return [
        Step("Entropy and energy", ["s", "e"], (theory.entropy, theory.energy), "s = −∂f/∂T, e = f + T s",
             "numerical derivatives of f in T and of βf in β", symbol_points(at),
             lambda p: thermodynamics(theory.expression, _temperature, p)),
        Step("Zero temperature", [r"0 = F_\mu", r"0 = F_\rho", "0 = F_K", "f_0", "s_0"],
             (*ground.saddle_equations, ground.expression, ground.entropy),
             "T → 0 at fixed μ, ρ and K: tanh → sign, β sech² → 2δ, T log 2cosh → |·|, then closed forms",
             "finite-temperature expressions, extrapolated to T = 0", symbol_points(cold),
             lambda p: low_temperature(theory.saddle_equations, theory.expression, _cold, _cold, _temperature, {**p, _cold: 0}),
             tolerance=1e-6),
    ]  # fmt: skip


_cold = sp.Symbol("C", real=True)
