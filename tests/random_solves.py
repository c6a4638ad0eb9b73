"""Random solves against equations written down a second time: is every answer a root, and is no state denied that exists?

    python tests/random_solves.py [--count 100000] [--seed 1] [--kind hebbian|given|1rsb]

A count is split over memories, the p-spin glass and streams (92 %), free energies of a user's own (6 %) and one step of
replica-symmetry breaking (2 %). Answers are put into the equations of `witness`, refined there by Newton's method, and, where
there is no answer, the witness's saddle map is iterated from m = 1. Printed are counts, worst numbers and, for each violation,
what to type to see it.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import witness
from scipy.integrate import quad
from scipy.special import erf

import dammech as dm
from dammech.errors import InputError

RESIDUAL, ERROR = 1e-8, 1e-6
_SHOWN = 60  # violations of a kind
_PATIENCE = 60  # seconds for one free energy, derivation included
_COLDEST = 1e-4  # below, today's theory may refuse


@dataclass
class Tally:
    """What came of one kind of solves."""

    solves: int = 0
    converged: int = 0
    nowhere: int = 0
    unsettled: int = 0
    refused: int = 0
    tested: int = 0
    systems: int = 0
    residual: float = 0.0
    error: float = 0.0
    denied: int = 0
    violations: list[str] = field(default_factory=list)

    def status(self, found: Any) -> bool:
        """Count one answer; whether it claims to be a root."""
        said = getattr(found, "status", "converged" if found.converged else "not-converged")
        self.solves += 1
        self.converged += said == "converged"
        self.nowhere += said == "no-state"
        self.refused += said == "refused"
        self.unsettled += said == "not-converged"
        return said == "converged"

    def judge(self, residual: float, error: float, command: str) -> None:
        """A root's residual and true error in the independent equations."""
        self.tested += 1
        self.residual, self.error = max(self.residual, residual), max(self.error, error)
        if not residual <= RESIDUAL or not error <= ERROR:
            self.violations.append(f"no root: residual {residual:.1e}, true error {error:.1e}: {command}")

    def deny(self, what: str, command: str) -> None:
        """A state that exists was not found."""
        self.denied += 1
        self.violations.append(f"denied: {what}: {command}")


def run(count: int, seed: int, kind: str | None = None) -> dict[str, Tally]:
    """So many random solves, by kind."""
    shares = {"hebbian": 0.92, "given": 0.06, "1rsb": 0.02}
    wanted = {kind: count} if kind else {name: max(1, round(share * count)) for name, share in shares.items()}
    result = {}
    for place, (name, number) in enumerate(wanted.items()):
        rng = np.random.default_rng([seed, place if kind is None else list(shares).index(name)])
        tally = result[name] = Tally()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            batches = {"hebbian": _symmetric, "given": _given, "1rsb": _broken}[name](rng, number, tally)
            try:
                while tally.solves < number:
                    next(batches)
            except KeyboardInterrupt:  # what was found until then is worth reading
                return result
    return result


# -- memories, glasses and streams, replica symmetric -----------------------------------------------------------------


@dataclass(frozen=True)
class _Subject:
    text: str
    noise: witness.Noise
    order: int
    soft: bool
    loaded: bool = True

    @property
    def model(self) -> Any:
        return eval(f"dm.{self.text}", {"dm": dm})

    def capacity(self) -> float:
        """Largest load of retrieval at T = 0, about."""
        if self.soft:
            return 0.1379
        x = np.linspace(0.3, 4, 400)
        return float((erf(x) ** (2 * self.order - 2) / x**2).max() / (2 * self.noise.slope(np.array(1.0))))

    def spinodal(self, T: float) -> float:
        """The largest load of a retrieval state at T: the load is explicit where overlap and noise field are given."""
        m = np.linspace(0.02, 0.9999, 60)
        for _ in range(6):
            load = self._load_at(m, T)
            k = int(np.nanargmax(load)) if np.isfinite(load).any() else 0
            m = np.linspace(m[max(k - 2, 0)], m[min(k + 2, m.size - 1)], 40)
        return float(load[k]) if 0.03 < m[k] < 0.9999 else math.nan

    def _load_at(self, m: np.ndarray, T: float) -> np.ndarray:
        a = m ** (self.order - 1)
        low, high = np.full(m.size, 1e-9), np.full(m.size, 1e4)
        for _ in range(60):
            s = np.sqrt(low * high)
            mean, C = witness.field_means(a, s, np.full(m.size, T))
            low, high = np.where(mean > m, s, low), np.where(mean > m, high, s)
        q = 1 - C * T
        load = s**2 * (1 - C) ** 2 / q if self.soft else s**2 / self.noise.slope(q, C * T)
        return np.where((np.abs(mean - m) < 1e-6) & (C < (1 if self.soft else np.inf)), load, np.nan)


def _subjects(rng: np.random.Generator, number: int) -> list[_Subject]:
    chosen = [
        *(_Subject(f"HebbianDAM({p}, {kind!r})", witness.noise(p, kind), p, p == 2)
          for kind in ("distinct", "power") for p in (2, 3, 4, 5, 7, 12)),
        *(_Subject(f"HebbianDAM({p}, 'rectified')", witness.noise(p, "rectified"), p, False) for p in (3, 4)),
        *(_Subject(f"PSpin({p})", witness.glass_noise(p), p, False, False) for p in (2, 3, 6)),
    ]
    for degree in (3, 4, 5, 6):
        c = [0.0, *(round(float(x), 2) for x in rng.normal(size=degree - 1)), 1.0]
        text = " + ".join(f"({x})*y**{k}" for k, x in enumerate(c) if x)
        chosen.append(_Subject(f"HebbianDAM(interaction={text!r})", witness.noise(degree, text, c), degree, False))
    if number < 5000:
        return [chosen[k] for k in rng.permutation(len(chosen))[: max(3, number // 400)]]
    return chosen


def _temperatures(rng: np.random.Generator, size: int) -> np.ndarray:
    kinds = rng.choice(4, size, p=[0.1, 0.3, 0.15, 0.45])
    wide, cold, even = 10 ** rng.uniform(-6, math.log10(2), size), 10 ** rng.uniform(-4, -2, size), rng.uniform(0, 1.2, size)
    return np.choose(kinds, [np.zeros(size), wide, cold, even])


def _symmetric(rng: np.random.Generator, number: int, tally: Tally) -> Iterator[None]:
    subjects = _subjects(rng, number)
    tally.systems = len(subjects) + 1
    while True:
        subject = subjects[rng.integers(len(subjects))]
        if rng.random() < 0.05:
            _stream_batch(rng, tally)
        elif not subject.loaded:
            T = _temperatures(rng, 60)
            branch = str(rng.choice(["spin-glass", "paramagnetic"], p=[0.7, 0.3]))
            _check_symmetric(subject, branch, np.full(60, np.nan), T, tally)
        elif rng.random() < 0.3:
            for T in _temperatures(rng, 6):
                last = subject.spinodal(float(T))
                loads = last * (1 + rng.choice([-1, 1], 12) * 10 ** rng.uniform(-7, -3, 12))
                if np.isfinite(last):
                    _check_symmetric(subject, "retrieval", loads, np.full(12, T), tally, last)
        else:
            wide = rng.random() < 0.4
            loads = 10 ** rng.uniform(-12, 1, 14) if wide else subject.capacity() * rng.uniform(0, 1.4, 14)
            T = _temperatures(rng, 14)
            branches = ["retrieval", "spin-glass", "paramagnetic", *(["mixture-3", "mixture-5"] if subject.soft else [])]
            weights = np.array([0.7, 0.15, 0.1, 0.1, 0.05][: len(branches)])
            branch = str(rng.choice(branches, p=weights / weights.sum()))
            _check_symmetric(subject, branch, np.repeat(loads, 14), np.tile(T, 14), tally)
        yield


def _ask(model: Any, tally: Tally, load: np.ndarray, T: np.ndarray, **more: Any) -> list[Any]:
    """Answers on the grid of unique loads and temperatures; those that are refused as too cold are left out."""
    loads, temperatures = np.unique(load), np.unique(T)
    asked = {} if np.isnan(load).all() else {"load": loads}
    try:
        return list(dm.solve(model, temperature=temperatures, throw=False, **asked, **more))
    except InputError:
        warm = temperatures[(temperatures == 0) | (temperatures >= _COLDEST)]
        many = (temperatures.size - warm.size) * max(1, loads.size)
        if warm.size == temperatures.size:
            raise
        tally.solves += many
        tally.refused += many
        return list(dm.solve(model, temperature=warm, throw=False, **asked, **more)) if warm.size else []


def _responses(point: Any, T: float) -> tuple[float, float]:
    """m and C = β(1 − q) of an answer."""
    m, C = point.values.get("m", 0.0), point.values.get("C")
    return m, (1 - point.values["q"]) / T if C is None else C


def _check_symmetric(
    subject: _Subject, branch: str, load: np.ndarray, T: np.ndarray, tally: Tally, spinodal: float = 0.0
) -> None:
    """Answers on a grid; below ``spinodal`` retrieval is known to exist."""
    points = _ask(subject.model, tally, load, T, branch=branch)
    if not points:
        return
    load = np.array([p.parameters.get("load") or (1e-60 if subject.loaded else 1.0) for p in points])
    T = np.array([p.parameters["temperature"] for p in points])
    ok = np.array([tally.status(p) for p in points])
    patterns = int(branch[8:]) if branch.startswith("mixture") else 1
    words = [f"dm.solve(dm.{subject.text}, " + (f"load={a!r}, " if subject.loaded else "") +
             f"temperature={t!r}, branch={branch!r})" for a, t in zip(load.tolist(), T.tolist())]

    def system(rows: np.ndarray, u: np.ndarray) -> np.ndarray:
        return witness.symmetric_map(subject.noise, u, load[rows], T[rows], soft=subject.soft, patterns=patterns)

    rows = np.flatnonzero(ok)
    if rows.size:
        u = np.array([_responses(points[k], T[k]) for k in rows]).T
        left = np.abs(u - system(rows, u))
        scale = np.where(T[rows] > 0, T[rows], 1 / np.maximum(1, u[1]))  # C counts as q where T > 0
        residual = np.maximum(left[0], left[1] * scale)
        free = (branch == "retrieval" or patterns > 1) and subject.loaded
        chosen = np.arange(2) if free else np.array([1])

        def residuals(v: np.ndarray) -> np.ndarray:
            whole = u.copy()
            whole[chosen] = v
            return (whole - system(rows, whole))[chosen]

        root, last = witness.refined(residuals, u[chosen])
        moved = np.abs(root - u[chosen])
        error = (moved * np.stack([np.ones(rows.size), scale])[chosen]).max(axis=0)
        settled = (last * scale.clip(max=1) <= 1e-9) | (last <= 1e-9)
        for k in range(rows.size):
            tally.judge(float(residual[k]), float(error[k] if settled[k] else np.inf), words[rows[k]])
    few = rows[:: max(1, rows.size // 8)] if branch == "retrieval" else rows[:0]
    lost = np.concatenate([np.flatnonzero(~ok), few])
    if lost.size and branch in ("retrieval", "spin-glass") and not (branch == "spin-glass" and subject.order > 12):
        _deny(subject, branch, lost, points, ok, words, system, T, tally)
    for k in np.flatnonzero(~ok & (load < spinodal * (1 - 1e-8))):
        tally.deny(f"the spinodal is at load {spinodal:.12g}; said: {str(points[k].why)[:90]}", words[k])


def _iterated(step: Any, u: np.ndarray, rounds: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Damped iteration of a map; what it came to and whether it stands still there."""
    u = u.copy()
    active = np.arange(u.shape[1])
    still = np.zeros(u.shape[1], dtype=bool)
    for _ in range(rounds):
        new = step(active, u[:, active])
        move = new - u[:, active]
        u[:, active] += 0.6 * move
        quiet = np.abs(move).max(axis=0) < 1e-11
        still[active[quiet]] = True
        gone = ~np.isfinite(u[:, active]).all(axis=0)
        active = active[~quiet & ~gone]
        if active.size == 0:
            break
    return u, still


def _deny(subject: _Subject, branch: str, lost: np.ndarray, points: list[Any], ok: np.ndarray, words: list[str],
          system: Any, T: np.ndarray, tally: Tally) -> None:
    """Look for denied states by iterating the map from m = 1 (from q = 1 at m = 0 for the glass)."""
    retrieval = branch == "retrieval"
    start = np.stack([np.full(lost.size, 1.0 if retrieval else 0.0), np.full(lost.size, 1e-3)])

    def step(active: np.ndarray, u: np.ndarray) -> np.ndarray:
        new = system(lost[active], u)
        if subject.soft:
            new[1] = np.minimum(new[1], 0.999)
        return new if retrieval else np.stack([np.zeros(active.size), new[1]])

    u, still = _iterated(step, start)
    exists = still & (u[0] > 1e-3) if retrieval else still & (1 - u[1] * T[lost] > 1e-3) & ((T[lost] == 0) | (u[1] * T[lost] < 1))
    if not retrieval and not subject.soft and subject.noise.slope(np.array(0.0)) > 0:
        other, _ = _iterated(step, np.stack([np.zeros(lost.size), 1 / np.maximum(T[lost], 1e-3)]))
        exists &= np.abs(other[1] - u[1]) * T[lost] > 1e-6  # else it is the paramagnet in its random field
    for k in np.flatnonzero(exists):
        row = lost[k]
        if not ok[row]:
            tally.deny(f"m = {u[0, k]:.10g}, q = {1 - u[1, k] * T[row]:.10g}, C = {u[1, k]:.6g}; "
                       f"said: {str(points[row].why)[:90]}", words[row])
        elif u[0, k] > points[row]["m"] + 1e-4:
            tally.deny(f"answered m = {points[row]['m']:.10g}, stable at m = {u[0, k]:.10g}", words[row])


_SHAPES = {
    "exponential": (None, lambda u: np.exp(-u)), "power-law": (1.5, lambda u: (1 + u) ** -1.5),
    "compressed-exponential": (2.0, lambda u: np.exp(-(u**2))), "hard-buffer": (None, lambda u: 1.0 * (u < 1)),
}


def _stream_batch(rng: np.random.Generator, tally: Tally) -> None:
    """A pattern of weight Λ in a stream is one of the uniform memory at (A/Λ², T/Λ)."""
    p, kernel = int(rng.integers(3, 5)), str(rng.choice(list(_SHAPES)))
    exponent, weight_of = _SHAPES[kernel]
    text = f"PalimpsestDAM({p}, kernel={kernel!r}, exponent={exponent})"
    model, memory = eval(f"dm.{text}", {"dm": dm}), witness.noise(p, "distinct")
    for _ in range(6):
        rate = float(10 ** rng.uniform(0.3, 2.5))
        age, T = float(rng.uniform(0, 1.5) / rate), float(_temperatures(rng, 1)[0])
        command = f"dm.solve(dm.{text}, rate={rate!r}, age={age!r}, temperature={T!r})"
        weight = float(weight_of(rate * age))
        moment = 1.0 if kernel == "hard-buffer" else quad(lambda u: weight_of(u) ** 2, 0, np.inf, epsabs=1e-13)[0]
        try:
            point = dm.solve(model, rate=rate, age=age, temperature=T, throw=False)
        except InputError:
            tally.solves, tally.refused = tally.solves + 1, tally.refused + 1
            continue
        load, scaled = (np.array([x]) for x in (moment / rate / max(weight, 1e-9) ** 2, T / max(weight, 1e-9)))

        def step(_: Any, u: np.ndarray, load: np.ndarray = load, scaled: np.ndarray = scaled) -> np.ndarray:
            return witness.symmetric_map(memory, u, load, scaled, soft=False)

        if tally.status(point):
            m, C = _responses(point, T)
            u = np.array([[m], [C * weight]])
            left, scale = np.abs(u - step(None, u))[:, 0], scaled[0] if T > 0 else 1 / max(1.0, u[1, 0])
            root, _ = witness.refined(lambda v, step=step: v - step(None, v), u)
            error = np.abs(root - u)[:, 0]
            tally.judge(float(max(left[0], left[1] * scale)), float(max(error[0], error[1] * scale)), command)
        elif weight > 1e-6:
            u, still = _iterated(step, np.array([[1.0], [1e-3]]))
            if still[0] and u[0, 0] > 1e-3:
                tally.deny(f"m = {u[0, 0]:.10g}; said: {str(point.why)[:90]}", command)


# -- one step of symmetry breaking ------------------------------------------------------------------------------------


def static_temperature(order: int) -> float:
    """T_K of the p-spin glass: the states at θ = 1 have no complexity left."""
    from scipy.optimize import brentq

    model = witness.glass_noise(order)
    z, w = witness.panels(np.linspace(-12, 12, 25), 16)
    w = w * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)

    def complexity(T: float) -> float:
        q = 0.99
        for _ in range(4000):
            s2 = float(model.slope(np.array(q)))
            x = (np.sqrt(s2) * z + s2 / T) / T  # the weight cosh βh moves the field by its variance over T
            new = float(w @ np.tanh(x))
            if abs(new - q) < 1e-15:
                break
            q = new
        lc = np.abs(x) + np.log1p(np.exp(-2 * np.abs(x)))
        return math.log(2) + s2 / T**2 / 2 + float(model.legendre(np.array(q))) / (2 * T**2) - float(w @ lc)

    return float(brentq(complexity, 0.5, {3: 0.68, 4: 0.66}[order], xtol=1e-13))


def _broken(rng: np.random.Generator, number: int, tally: Tally) -> Iterator[None]:
    static = {p: static_temperature(p) for p in (3, 4)}
    kinds = [("pspin", 2), ("pspin", 3), ("pspin", 4), ("distinct", 2), ("distinct", 3), ("distinct", 4), ("power", 3)]
    tally.systems = len(kinds)
    while True:
        kind, p = kinds[rng.choice(len(kinds), p=[0.15, 0.25, 0.1, 0.15, 0.2, 0.1, 0.05])]
        glassy = kind == "pspin" or rng.random() < 0.3
        soft = kind != "pspin" and p == 2
        model = witness.glass_noise(p) if kind == "pspin" else witness.noise(p, kind)
        text = f"PSpin({p})" if kind == "pspin" else f"HebbianDAM({p}, {kind!r})"
        made = eval(f"dm.{text}", {"dm": dm})
        subject = _Subject(text, model, p, soft, kind != "pspin")
        branch = "spin-glass" if glassy else "retrieval"
        load = 1.0
        unit = 1.0
        if kind != "pspin":
            factor = 10 ** rng.uniform(-2, 2) if glassy else rng.uniform(0.3, 1.0 if soft else 1.25)
            load = subject.capacity() * float(factor)
            unit = 1 + math.sqrt(load) if soft else math.sqrt(load * float(model.slope(np.array(1.0))) * 2 / p)
        if branch == "retrieval":
            T = float(rng.choice([0.0, rng.uniform(0.002, 0.03 if soft else 0.3)], p=[0.3, 0.7]))
        else:
            edge = static.get(p, 0.95)
            near = edge * (1 - 10 ** rng.uniform(-5, -2))
            T = unit * float(rng.choice([0.0, rng.uniform(0.02, edge), near, 1.1 * edge], p=[0.15, 0.5, 0.3, 0.05]))
        arguments = {} if kind == "pspin" else {"load": load}
        command = f"dm.solve(dm.{text}, {''.join(f'{k}={v!r}, ' for k, v in arguments.items())}temperature={T!r}, " \
                  f"branch={branch!r}, ansatz='1rsb')"
        try:
            point = dm.solve(made, temperature=T, branch=branch, ansatz="1rsb", throw=False, **arguments)
        except InputError:
            tally.solves, tally.refused = tally.solves + 1, tally.refused + 1
            yield
            continue
        if tally.status(point):
            _judge_broken(subject, point, branch, load, T, tally, command)
        pure = kind in ("pspin", "distinct") and p in static
        broken = point.converged and point.ansatz == "1rsb"
        if glassy and pure and T < static[p] * unit * (1 - 1e-7) and not broken:
            tally.deny(f"below T_K = {static[p] * unit:.8g} the glass is 1RSB; said: {str(point.why)[:90]}", command)
        yield


def _judge_broken(subject: _Subject, point: Any, branch: str, load: float, T: float, tally: Tally, command: str) -> None:
    values = point.values
    if point.ansatz == "rs":
        m, C = _responses(point, T)
        u = np.array([[m], [C]])
        arrays = np.array([load]), np.array([T])
        left = u - witness.symmetric_map(subject.noise, u, *arrays, soft=subject.soft)
        tally.judge(float(np.abs(left[:, 0] * [1, T or 1]).max()), 0.0, command)
        return
    m, q0 = values.get("m") or 0.0, values["q0"]
    C = values["C"] if T == 0 else (1 - values["q1"]) / T
    y = values["y"] if T == 0 else values["theta"] / T
    names = [*(["m"] if branch == "retrieval" else []), *(["q0"] if q0 > 1e-12 else []), "C", "y"]
    whole = {"m": m, "q0": q0, "C": C, "y": y}
    scale = np.array([{"m": 1.0, "q0": 1.0, "C": T or 1.0, "y": T or 1 / max(1.0, y)}[n] for n in names])

    def residual(u: np.ndarray) -> np.ndarray:
        columns = []
        for v in u.T:
            at = {**whole, **dict(zip(names, v))}
            left = witness.broken_residual(subject.noise, at["m"], at["q0"], at["C"], at["y"], load, T, soft=subject.soft)
            columns.append(left[[["m", "q0", "C", "y"].index(n) for n in names]])
        return np.array(columns).T

    u = np.array([[whole[n]] for n in names])
    left = np.abs(residual(u)[:, 0]) * np.where(np.array(names) == "C", T or 1.0, 1.0)
    root, last = witness.refined(residual, u, steps=2)
    error = (np.abs(root - u)[:, 0] * scale).max() if last[0] < 1e-5 * max(1.0, y) else np.inf
    tally.judge(float(left.max()), float(error), command)


# -- free energies of a user's own ------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Any] = {
    "log2cosh": lambda x: np.where(x.real > 0, x, -x) + np.log1p(np.exp(-2 * np.where(x.real > 0, x, -x))),
    "tanh": np.tanh,
    "erf": erf,
    "exp(-{}**2/2)": lambda x: np.exp(-(x**2) / 2),
    "1/(1+exp(-({})))": lambda x: (1 + np.tanh(np.clip(x.real, -700, 700) / 2 + 0.5j * x.imag)) / 2,
    "log(1+exp({}))": lambda x: np.where(x.real > 0, x, 0) + np.log1p(np.exp(np.where(x.real > 0, -x, x))),
    "cos": np.cos,
    "sqrt(1+({})**2)": lambda x: np.sqrt(1 + x**2),
    "atan": np.arctan,
    "1/(1+({})**2)": lambda x: 1 / (1 + x**2),
    "Max(0, {})": lambda x: np.where(x.real > 0, x, 0),
}
_WEIGHTS = np.array([5, 3, 3, 2, 2, 2, 2, 1, 0.5, 0.5, 1.0])


@dataclass
class _Term:
    name: str
    factor: float
    slopes: list[float]  # of the order parameters in the argument
    noise: float
    shift: float
    width: float

    def text(self, names: list[str]) -> str:
        inside = " + ".join([*(f"{a!r}*{x}" for a, x in zip(self.slopes, names)), f"s*{self.noise!r}*z", repr(self.shift)])
        argument = f"(({inside})/{self.width!r})"
        call = self.name.format(argument) if "{" in self.name else f"{self.name}{argument}"
        return f"{self.factor!r}*E({call})"

    def value(self, u: list[Any], s: float) -> Any:
        centre = sum(a * np.real(x) for a, x in zip(self.slopes, u)) + self.shift
        slope = s * self.noise
        waves = 18 * abs(slope) / self.width if self.name == "cos" else 0  # at most 4 radians in a panel
        breaks = np.linspace(-9, 9, max(25, int(waves / 4)))
        if abs(slope) > 1e-12:
            z0, w = -centre / slope, self.width / abs(slope)
            out = w * np.array([0.3, 1, 2, 4, 8, 16, 32, 64])
            breaks = np.unique(np.clip(np.concatenate([breaks, z0 + out, z0 - out, [z0]]), -9, 9))
        z, weight = witness.panels(breaks, 12)
        x = (sum(a * v for a, v in zip(self.slopes, u)) + slope * z + self.shift) / self.width
        return self.factor * np.sum(weight * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * _FUNCTIONS[self.name](x + 0j))


def _alarm(seconds: int) -> None:
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError(f"no answer within {seconds} s")))
        signal.alarm(seconds)


def _given(rng: np.random.Generator, number: int, tally: Tally) -> Iterator[None]:
    import sympy as sp

    each = 25
    while True:
        size = int(rng.choice([1, 2, 3], p=[0.55, 0.35, 0.1]))
        names = ["m", "q", "r"][:size]
        terms = []
        for _ in range(int(rng.integers(1, 3))):
            name = str(rng.choice(list(_FUNCTIONS), p=_WEIGHTS / _WEIGHTS.sum()))
            width = round(float(10 ** rng.uniform(-2, 0.3)), 4)
            slopes = [round(float(x), 3) for x in rng.normal(size=size)]
            terms.append(_Term(name, round(float(rng.normal()) * min(1.0, width), 6), slopes,
                               round(float(rng.uniform(0.2, 1.2)), 3), round(float(rng.normal() * 0.4), 3), width))
        quadratic = np.round(rng.uniform(0.5, 1.5, size), 3)
        coupling = round(float(rng.normal() * 0.2), 3) if size > 1 else 0.0
        text = " + ".join([*(f"{a!r}*{x}**2/2" for a, x in zip(quadratic.tolist(), names)), "h*m",
                           *([f"{coupling!r}*m*q"] if size > 1 else []), *(t.text(names) for t in terms)])
        symbols = {n: sp.Symbol(n) for n in (*names, "s", "h", "z")}
        words = {**symbols, "E": lambda e, symbols=symbols: dm.GaussianAverage(e, symbols["z"]), "log2cosh": dm.log2cosh}
        h, s = np.round(rng.normal(size=5) * 0.4, 3), np.round(np.append(10 ** rng.uniform(-2, 0.3, 4), 1.0), 4)
        command = f"FreeEnergy({text}) of {names} at "
        tally.systems += 1
        _alarm(_PATIENCE)
        try:
            theory = dm.FreeEnergy(sp.sympify(text, locals=words), order_parameters=[symbols[n] for n in names],
                                   parameters=[symbols["s"], symbols["h"]])
            points = list(dm.solve(theory, s=s, h=h, throw=False))
        except Exception as error:  # whatever is raised here is a violation: the expression is an ordinary one
            tally.solves += each
            tally.refused += each
            tally.violations.append(f"raised {type(error).__name__}: {str(error)[:120]}: {command}s={s.tolist()}, h={h.tolist()}")
            yield
            continue
        finally:
            _alarm(0)
        for point in points:
            here = point.parameters
            where = f"{command}{ {k: here[k] for k in ('s', 'h')} }"

            def gradient(u: np.ndarray, here: dict[str, float] = here, terms: list[_Term] = terms,
                         quadratic: np.ndarray = quadratic, coupling: float = coupling, size: int = size) -> np.ndarray:
                out = np.empty(u.shape)
                for column in range(u.shape[1]):
                    for k in range(size):
                        v = list(u[:, column].astype(complex))
                        v[k] += 1e-30j
                        f = sum(a * x**2 / 2 for a, x in zip(quadratic, v)) + here["h"] * v[0]
                        f += coupling * v[0] * v[1] if size > 1 else 0.0
                        out[k, column] = (f + sum(t.value(v, here["s"]) for t in terms)).imag / 1e-30
                return out

            if tally.status(point):
                u = np.array([[point.values[n]] for n in names])
                scale = np.maximum(1.0, np.abs(u[:, 0]))
                left = np.abs(gradient(u)[:, 0])
                root, last = witness.refined(gradient, u, steps=3)
                error = (np.abs(root - u)[:, 0] / scale).max() if last[0] < 1e-6 * scale.max() else np.inf
                tally.judge(float((left / scale).max()), float(error), where)
            else:
                _deny_given(gradient, size, point, where, tally)
        yield


def _deny_given(gradient: Any, size: int, point: Any, where: str, tally: Tally) -> None:
    from scipy.optimize import root

    for start in (0.9, 0.3, -0.4, 0.0):
        found = root(lambda v: gradient(v[:, None])[:, 0], np.full(size, start), tol=1e-13)
        if np.abs(gradient(found.x[:, None])).max() < 1e-12 and np.abs(found.x).max() < 50:
            tally.deny(f"stationary at {found.x.tolist()}; said: {str(point.why)[:90]}", where)
            return


# -- what is printed --------------------------------------------------------------------------------------------------


def table(result: dict[str, Tally], seconds: float) -> str:
    """Counts and worst numbers, then the first violations of each kind."""
    columns = ("systems", "solves", "converged", "no-state", "not-converged", "refused", "worst residual", "worst error",
               "denied")
    lines = [f"{'kind':10}" + "".join(f"{c:>15}" for c in columns)]
    for name, t in result.items():
        counts = (t.systems, t.solves, t.converged, t.nowhere, t.unsettled, t.refused)
        lines.append(f"{name:10}" + "".join(f"{c:>15}" for c in counts) + f"{t.residual:>15.1e}{t.error:>15.1e}{t.denied:>15}")
    for name, t in result.items():
        lines += [f"{name}: {v}" for v in t.violations[:_SHOWN]]
        lines += [f"{name}: … and {len(t.violations) - _SHOWN} more"] * (len(t.violations) > _SHOWN)
    return "\n".join([*lines, f"{sum(len(t.violations) for t in result.values())} violations, {seconds:.0f} s"])


def main() -> int:
    """Run, print, and say by the exit status whether there was a violation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=["hebbian", "given", "1rsb"])
    given = parser.parse_args()
    begin = time.perf_counter()
    result = run(given.count, given.seed, given.kind)
    print(table(result, time.perf_counter() - begin))
    return int(any(t.violations for t in result.values()))


if __name__ == "__main__":
    sys.exit(main())
