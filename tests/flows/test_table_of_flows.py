"""What flows, fixed points, verdicts and energies say of fixed networks, against a table.

``python tests/flows/test_table_of_flows.py`` writes it anew.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest
from planted_nets import planted
from tables import Questions, check, patched, refused, written

from dammech.flows import (
    basin,
    batch,
    classify,
    dynamics,
    faces,
    fixed_points,
    flat_points,
    integrate,
    kinks,
    lyapunov_functions,
    newton,
    reduced,
    relaxed,
    spectrum,
    symmetrise,
    trajectories,
    trajectory,
)
from dammech.flows.batch import _first_root
from dammech.flows.conjugate import conjugate_known, conjugate_terms, inverted, subgradient
from dammech.flows.ensembles import (
    alive_edges,
    count_flats,
    dead_at_pattern,
    frozen_traces,
    random_flats,
    retrieved,
    wrong_ratios,
)
from dammech.flows.faces import _deepest, _groups, enumerate_faces
from dammech.flows.integrate import tightened
from dammech.flows.kinks import kink_tolerance, kink_verdict, side_spectra
from dammech.flows.newton import certified, newton_points, state_errors
from dammech.flows.pieces import count, units_of
from dammech.systems.lagrangian.model import Lagrangian, Network

RECORD = Path(__file__).with_name("table_of_flows.json")
EPS = float(np.finfo(float).eps)


def rng(*key: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([9, *key]))


def symmetric(n: int, key: int, strength: float = 1.0) -> np.ndarray:
    a = strength * rng(n, key).normal(size=(n, n))
    return (a + a.T) / 2


def lateral(kind: str, matrix, bias, tau=None, sym: bool = True, **parameters) -> Network:
    layers = [{"lagrangian": kind, "size": len(bias), **parameters}]
    return Network(layers, [{"from": 0, "to": 0, "matrix": matrix}], [bias], tau, symmetric=sym)


def two(first: str, second: str, sizes, key: int, tau=None, back: float | None = None, strength=0.8, **parameters) -> Network:
    """Two layers; ``back`` scales the feedback, which is else the transpose."""
    matrix = strength * rng(*sizes, key).normal(size=(sizes[1], sizes[0]))
    weights = [{"from": 0, "to": 1, "matrix": matrix}]
    if back is not None:
        weights.append({"from": 1, "to": 0, "matrix": back * matrix.T})
    layers = [{"lagrangian": first, "size": sizes[0]}, {"lagrangian": second, "size": sizes[1], **parameters}]
    bias = rng(*sizes, key, 1).normal(size=sum(sizes))
    return Network(layers, weights, [bias[: sizes[0]], bias[sizes[0] :]], tau)


@cache
def nets() -> dict[str, Network]:
    return {
        "relu": lateral("relu", symmetric(4, 1), [0.5, -0.8, 0.3, -0.2], [[1, 2, 0.5, 1.5]]),
        "relu-steep": lateral("relu", symmetric(4, 1, 3.0), [0.5, -0.8, 0.3, -0.2]),
        "relu-not-symmetric": lateral("relu", rng(4, 2).normal(size=(4, 4)), [0.4, 0.2, -0.3, 0.7], sym=False),
        "identity": lateral("identity", symmetric(3, 3, 0.5), [0.3, -0.5, 0.1], [[1, 2, 3]]),
        "tanh": lateral("tanh", symmetric(4, 4, 2.0), [0.1, -0.2, 0.3, 0], [[1, 3, 2, 0.5]], beta=1.3),
        "sigmoid-not-symmetric": lateral("sigmoid", 2 * rng(3, 5).normal(size=(3, 3)), [0.1, -0.4, 0.2], sym=False),
        "soft-threshold": lateral("soft-threshold", symmetric(3, 6), [1.6, -0.4, -2.1]),
        "hard-tanh": lateral("hard-tanh", symmetric(3, 7, 1.5), [0.3, 0.8, -0.6]),
        "silu": lateral("silu", symmetric(3, 8, 1.0), [0.6, -0.5, 0.9]),
        "relu-hidden": two("identity", "relu", (3, 5), 1, [1.0, [0.5, 1, 2, 1, 3]], strength=0.4),
        "softmax-hidden": two("identity", "softmax", (3, 4), 2, [2.0, 0.5], beta=2.0),
        "ghostmax-hidden": two("tanh", "ghostmax", (3, 3), 3, beta=1.5),
        "sparsemax-hidden": two("identity", "sparsemax", (2, 3), 4),
        "layernorm": two("layernorm", "relu", (3, 3), 5),
        "spherical-hidden": two("identity", "spherical", (3, 3), 6, gamma=0.7, delta=0.2, eps=0.3),
        "feedback": two("identity", "relu", (3, 4), 7, [[1, 2, 0.7], 1.0], back=0.5),
        "rates": two("tanh", "sigmoid", (3, 2), 8, [[1, 2, 0.7], 1.0]),
        "negative-feedback": two("tanh", "tanh", (2, 3), 9, back=-0.6),
    }  # fmt: skip


def states(net: Network, number: int = 4, size: float = 1.5) -> np.ndarray:
    return size * rng(net.size, 77).normal(size=(number, net.size))


def maps(flow: dynamics.Flow, net: Network) -> dict:
    x = flow.state(states(net))
    found = {name: getattr(flow, name)(x) for name in ("velocity", "residual", "fields", "distances", "scale")}
    found |= {"head": [flow.name, flow.words, flow.size, flow.slowest], "rates": dynamics.kink_rates(flow, x, flow.velocity(x))}
    return found | {"jacobian": None if flow.jacobian is None else flow.jacobian(x)}


FLOWS = {
    "own": dynamics.krotov_hopfield, "firing": dynamics.firing_rate, "residual": dynamics.residual_gradient,
    "newton": dynamics.newton, "hidden": dynamics.hidden_eliminated, "rates": dynamics.rates_hidden_eliminated,
    "preconditioned": lambda net: dynamics.preconditioned(net, np.full(net.size, -0.7)),
    "times": lambda net: dynamics.krotov_hopfield(net, np.linspace(0.3, 2, net.size)),
}  # fmt: skip


def family(name: str) -> list:
    net = nets()[name]
    found = []
    for f in lyapunov_functions(net):
        x = None if f.flow is None else f.flow.state(states(net, 3, 0.8))
        rate = None if f.rate is None else f.rate(x)
        value = None if f.terms is None else f.value(x)
        terms = None if f.terms is None else f.terms(x)
        found.append([f.name, f.hypotheses, f.applicable, f.why, f.condition, value, rate, terms])
    return found


def verdicts(net, x) -> dict:
    found = classify(net, x)
    return {"stable": found.stable, "index": found.index, "margin": found.margin, "known": found.error < 1e-9,
            "kink": found.kink, "why": [None if w is None else w.split(" is within")[0] for w in np.atleast_1d(found.why)]}  # fmt: skip


def many(seeds) -> list:
    return [verdicts(net, x) | {"spectrum": spectrum(net, x)} for net, x in map(planted, seeds)]


def batch_of_nets() -> dict:
    layers = [Lagrangian("tanh", 3), Lagrangian("relu", 2)]
    made, x = [], rng(3, 21).normal(size=(9, 5))
    for k in range(9):
        matrix = rng(3, 22, k).normal(size=(2, 3)) * (0.3 + 0.4 * k)
        net = Network(layers, [{"from": 0, "to": 1, "matrix": matrix}], None, [[1, 2, 3], [0.5, 1]])
        b = x[k] - net.feedback(net.activation(x[k]))
        made.append(Network(layers, [{"from": 0, "to": 1, "matrix": matrix}], [b[:3], b[3:]], [[1, 2, 3], [0.5, 1]]))
    return verdicts(made, x)


def at_rest(kind: str, matrix, x, sym: bool = True, **parameters) -> tuple[Network, np.ndarray]:
    """A net of one layer with a bias that makes x its fixed point."""
    x, matrix = np.asarray(x, float), np.asarray(matrix, float)
    g = Lagrangian(kind, len(x), **parameters).activation(x)
    return lateral(kind, matrix.tolist(), (x - matrix @ g).tolist(), sym=sym, **parameters), x


def kinked(kind: str, matrix, x, sym: bool = True, **parameters) -> dict:
    net, x = at_rest(kind, matrix, x, sym, **parameters)
    found = kink_verdict(net, x)
    return {"verdict": [found.stable, found.margin, found.error / EPS if found.error < 1e-12 else found.error, found.why],
            "sides": side_spectra(net, x), "classified": verdicts(net, x)}  # fmt: skip


def at_kinks() -> list:
    wide = [[0, -3.0, 0.2], [-3.0, 0, 0.4], [0.2, 0.4, 0.3]]
    turning = [[0.2, 2.0, 0], [-2.0, 0.2, 0.5], [0, -0.5, 0.1]]
    return [
        kinked("relu", wide, [0, 0, 1.0]), kinked("relu", -np.array(wide), [0, 0, 1.0]), kinked("relu", wide, [0, -1, 0]),
        kinked("relu", 1.2 * np.eye(2), [0, 0]), kinked("relu", np.eye(2), [0, 0.5]), kinked("relu", 0.4 * np.eye(2), [0, 0.5]),
        kinked("relu", turning, [0, 0, 0.7], sym=False), kinked("relu", 2 * np.array(turning), [0, 1, 0.7], sym=False),
        kinked("relu", [[0, 1.5], [0.9, 0]], [0, 0], sym=False), kinked("soft-threshold", wide, [1, -1, 0.5]),
        kinked("soft-threshold", [[0.3, 0.1], [0.1, 0.2]], [1, -2]), kinked("hard-tanh", wide, [1, -1, 0.5]),
        kinked("hard-tanh", [[1.3, 0.1], [0.1, 0.2]], [1, -0.2]), kinked("sparsemax", 0.5 * np.array(wide), [0.6, 0.4, 0]),
        kinked("sparsemax", -0.5 * np.array(wide), [1.2, 0.2, 0.2]), kinked("sparsemax", turning, [1.0, 0, -1], sym=False),
        kinked("relu", symmetric(7, 4, 0.4), [0] * 7), kinked("relu", rng(13, 4).normal(size=(13, 13)), [0] * 13, sym=False),
        kinked("relu", symmetric(14, 4, 0.4), [0] * 14), kinked("repu", wide, [0, 0, 1], n=1.5),
    ]  # fmt: skip


def defective() -> list:
    """Chains, whose eigenvectors are parallel, and two eigenvalues that meet; margins next to zero."""
    chain = np.diag([0.4] * 4) + np.diag([1.0] * 3, -1)
    block = np.block([[chain, np.zeros((4, 2))], [np.ones((2, 4)), np.array([[1.5, 0.3], [-0.2, 0.4]])]])
    found = [verdicts(*at_rest("identity", m, [1] * len(m), sym=False)) for m in (chain, chain + 0.6 * np.eye(4), 2 * chain, block)]
    near = [verdicts(*at_rest("tanh", [[a, 0], [0, 0.3]], [0, 0])) for a in (1 - 1e-12, 1, 1 + 1e-12, 1 + 1e-17, 1.2)]
    return found + near + [verdicts(*at_rest("identity", chain - chain.T + 0.999999 * np.eye(4), [1] * 4, sym=False))]


def points(net: Network, starts: int = 8) -> dict:
    found = fixed_points(net, starts).to_json()
    for p in found["fixed_points"]:
        p.pop("residual")
        for name in ("margin_error", "state_error"):
            p[name] = None if p[name] is None else round(np.log2(max(p[name], EPS)))
    return found


def enumerated() -> dict[str, Network]:
    eye = np.eye(3)
    return {
        "relu": nets()["relu"], "relu-steep": nets()["relu-steep"], "relu-not-symmetric": nets()["relu-not-symmetric"],
        "soft-threshold": nets()["soft-threshold"], "hard-tanh": nets()["hard-tanh"], "relu-hidden": nets()["relu-hidden"],
        "sparsemax-hidden": nets()["sparsemax-hidden"], "feedback": nets()["feedback"],
        "line": lateral("relu", eye.tolist(), [0.0, 0.0, -0.5]), "line-off": lateral("relu", eye.tolist(), [0.5, 0.0, -0.5]),
        "plane": lateral("hard-tanh", eye.tolist(), [0.0, 0.0, 0.3]),
        "sum": lateral("relu", [[0, 1, 0], [1, 0, 0], [0, 0, 0.5]], [0.0, 0.0, 1.0], [[1, 2, 3]]),
        "spurious": lateral("relu", [[0.2, 0.6, -0.3], [0.6, 0.1, 0.5], [-0.3, 0.5, 0]], [0.7, -0.2, 0.4], [[1, 2, 3]]),
        "thresholds": lateral("soft-threshold", [[0.2, 0.9, -0.3], [0.9, 0.1, 0.5], [-0.3, 0.5, 0]], [1.7, 0.9, -1.4]),
        "kink": lateral("relu", [[0.2, 0.6], [0.6, 0.1]], [0.0, 0.0]),
        "identities": Network([{"lagrangian": "identity", "size": 2}, {"lagrangian": "relu", "size": 2}],
                              [{"from": 0, "to": 0, "matrix": [[1.0, 0.2], [0.2, 0.04]]},
                               {"from": 0, "to": 1, "matrix": [[0.3, 0.4], [-0.2, 0.6]]}], [[0.1, 0.2], [0.3, -0.4]]),
        "singular-identity": Network([{"lagrangian": "identity", "size": 1}, {"lagrangian": "relu", "size": 2}],
                                     [{"from": 0, "to": 0, "matrix": [[1.0]]},
                                      {"from": 0, "to": 1, "matrix": [[0.3], [0.4]]}], [[0.1], [0.3, -0.4]]),
    }  # fmt: skip


def run(net, starts, **options) -> dict:
    """Steps at a coarse tolerance, so that rounding cannot move them."""
    found = trajectories(net, starts, **{"residual": 1e-4, "accuracy": 1e-5, "record": True} | options)
    steps = found.steps
    return {"states": found.states, "times": found.times, "verdicts": found.verdicts, "residuals": found.residuals,
            "crossings": found.crossings, "converged": found.converged,
            "steps": None if steps is None else [steps.trajectory, steps.time, steps.before.sum(0), steps.after.sum(0)]}  # fmt: skip


def followed(net, start, **options) -> dict:
    found = trajectory(net, start, **{"residual": 1e-4, "accuracy": 1e-4} | options)
    middle = found.at([0.0, found.times[-1] / 3, found.times[-1]])
    met = [[c.time, c.kink, c.upward, c.state] for c in found.crossings]
    return {"times": found.times, "end": found.end, "verdict": found.verdict, "residual": found.residual,
            "method": found.method, "why": found.why, "at": middle, "crossings": met}  # fmt: skip


def started(name: str) -> np.ndarray:
    net = nets()[name]
    return states(net, 5, 2.0)


def batches(name: str) -> dict:
    return run(nets()[name], started(name))


def edges_of_batches() -> list:
    growing = lateral("identity", [[2.0]], [0.1])
    singular = Network([{"lagrangian": "layernorm", "size": 3}], biases=[[1.0, 1.0, 0.5]])
    relu = nets()["relu"]
    return [
        run(growing, [[0.5], [-0.1], [0.0]]), run(relu, started("relu"), until=0.3), run(relu, started("relu"), record=False),
        run(singular, [[1.0, 1.0, 1.0], [0.2, 0.4, 1.0]]), run(relu, np.zeros((1, 4))), run(relu, [[0.0, 1.0, 0, 0], [-1, 0.0, 0.5, 0]]),
        run(dynamics.firing_rate(relu), np.abs(started("relu"))), run(lateral("identity", [[0.0]], [1.0]), [[1.0], [0.0]]),
        _first_root(np.array([1.0, 1, 1, -1, 2]), np.array([-2.0, 0, 1, 3, 0]), np.array([-1.0, -1, -3, 1, 1]), np.full(5, 1.0)),
        tightened(1e-4, np.array([1e-9, 1e-3, 10]), np.array([0, 1.0, 3])), tightened(1e-4, 1e-12, 1e3),
    ]  # fmt: skip


def edges_of_trajectories() -> list:
    growing = lateral("identity", [[2.0]], [0.1])
    stiff = lateral("identity", [[-400.0, 0], [0, 0.5]], [1, 1], [[1, 2]])
    singular = Network([{"lagrangian": "layernorm", "size": 3}], biases=[[1.0, 1.0, 0.5]])
    relu, start = nets()["relu"], started("relu")[0]
    found = [followed(relu, start, method=m) for m in ("DOP853", "Radau", "LSODA")]
    found += [followed(relu, s) for s in started("relu")[1:]]
    found += [followed(growing, [0.5]), followed(growing, [0.5], until=2.0), followed(stiff, [0.3, 0.4])]
    found += [followed(singular, [1.0, 1.0, 1.0]), followed(nets()["soft-threshold"], [2.0, 0.3, -3.0])]
    found += [followed(nets()["hard-tanh"], [3.0, -2.0, 0.3]), followed(relu, [0.0, 0.0, 1.0, -1.0])]
    return [*found, followed(dynamics.hidden_eliminated(nets()["relu-hidden"]), [0.3, 0.4, -1.0])]


CONJUGATES = {
    "relu": {}, "tanh": {"beta": 1.3}, "sigmoid": {"beta": 0.7}, "softmax": {"beta": 2.0}, "ghostmax": {"beta": 0.5},
    "sparsemax": {}, "layernorm": {"gamma": 1.2, "delta": 0.3, "eps": 0.5}, "spherical": {"gamma": 1.2, "delta": 0.3, "eps": 0.5},
    "identity": {}, "soft-threshold": {}, "hard-tanh": {}, "exp": {"beta": 0.8}, "silu": {},
}  # fmt: skip


def conjugate(name: str) -> list:
    layer = Lagrangian(name, 3, **CONJUGATES[name])
    y = np.array([[0.2, 0.3, 0.5], [0.5, 0.5, 0], [1, 0, 0], [0.3, 0.3, 0.3], [0, 0, 0], [1.1, -0.1, 0], [-0.2, 0.1, 0.4],
                  [0.2, 0.3, 0.5 + 5e-10], [0.2, 0.3, 0.5 + 5e-9], [2, 0.1, 0.3], [-1, -0.5, 1], [-1e-10, 0.5, 0.5 + 1e-10]])  # fmt: skip
    found = [conjugate_known(layer), conjugate_terms(layer, y)] if conjugate_known(layer) else [False]
    if conjugate_known(layer):
        with np.errstate(all="ignore"):
            found.append(np.nan_to_num(subgradient(layer, y[:1], np.array([0.1, -2, 3]))))
        if layer.separable:
            low, high, kept, outside = inverted(layer, y)
            found += [np.clip(low, -1e3, 1e3), np.clip(high, -1e3, 1e3), kept, outside]
    return found + refused(lambda: conjugate_terms(layer, y), lambda: subgradient(layer, y[:1], y[:1]))


def symmetries() -> list:
    cycle = np.array([[0, 2, 3.0], [1, 0, 4], [2, 8 / 3, 0]])
    made = {
        "symmetric": symmetric(3, 31), "scaled": np.diag([1.0, 2, 0.5]) @ symmetric(3, 31), "signs": np.diag([1.0, -2, 0.5]) @ symmetric(3, 31),
        "cycle": cycle, "broken": cycle + np.diag([0.5, 0.5], 1), "one-way": np.array([[0, 1.0, 0], [0, 0, 0], [0, 0, 1]]),
        "parts": np.array([[-1.0, 2, 0], [3, -1, 0], [0, 0, 2]]),
    }  # fmt: skip
    found = []
    for kind in ("relu", "softmax"):
        for matrix in made.values():
            s = symmetrise.scaling(lateral(kind, matrix.tolist(), [0, 0, 0], sym=False))
            found.append([s.R, s.positive, s.why and s.why.split(" with ")[0]])
    A, S = rng(3, 41).normal(size=(4, 2)), symmetric(4, 42, 0.3) + 3 * np.eye(4)
    B = np.linalg.solve(S, A).T
    wide = rng(3, 43).normal(size=(2, 4))
    found += [symmetrise.positive_factor(A, B), symmetrise.positive_factor(A, -B), symmetrise.positive_factor(0 * A, B),
              symmetrise.positive_factor(A, A.T), symmetrise.positive_factor(A, wide), symmetrise.positive_factor(3 * wide, wide.T)]  # fmt: skip
    edge = [np.diag([1.0, v]) for v in (1e-11, 3e-12, 1e-12, 0, -1e-12, -3e-12, -1e-11)]
    found += [[symmetrise.semidefinite(m), symmetrise.definite(m)] for m in edge]
    return [*found, symmetrise.semidefinite(np.array([[1, 3.0], [-3, 1]])), symmetrise.condition(S)]


def reductions() -> list:
    found = []
    for seed in range(0, 12):
        net, x = planted(seed)
        r = reduced(net, x)
        both = [np.sort_complex(np.linalg.eigvals(r.jacobian)), np.sort_complex(np.linalg.eigvals(r.triangular))] if r.jacobian.size else []
        traces = [np.trace(r.weights @ r.weights), np.trace(r.hessian), (r.coupling**2).sum(), (r.alive @ r.alive.T).sum()]
        found.append([both, r.jacobian.shape, traces, r.rates])
    return found


def regions() -> list:
    relu, net = nets()["relu"], nets()["softmax-hidden"]
    x = np.array([1.0, -0.5, 0.3, -0.2])
    near = flat_points(relu, x, 3, 10.0, rng(1)) - x
    soft = nets()["soft-threshold"]
    flat = flat_points(soft, [0.3, 2.0, -0.9], 4, 1.5, rng(2))
    kinked_points = flat_points(relu, [0.0, 1, 1, -1], 3, 2.0, rng(3))
    none = flat_points(nets()["tanh"], [0.3, 1, 2, 1], 2, 2.0, rng(4))
    y = net.states(np.linspace(-1, 1, net.size))
    simplex = flat_points(net, y, 5, 3.0, rng(5))
    return [near, flat, kinked_points, none, np.abs(simplex - y).max(), net.activation(simplex) - net.activation(y),
            relaxed(relu, x, [x + 1, x - 2], [0, 0.5, 3]), refused(lambda: flat_points(nets()["silu"], [0, 0, 0], 1, 1.0, rng(6)))]  # fmt: skip


def basins() -> list:
    net = nets()["tanh"]
    rest = [p.state for p in fixed_points(net, 10) if p.stable]
    starts = states(net, 6, 2.0)
    found = basin(net, rest, starts)
    early, few = basin(net, rest, starts, until=0.2), basin(net, rest[:1], starts)
    return [rest, found.labels, found.verdicts, found.ends, early.labels, early.verdicts, few.labels,
            refused(lambda: basin(net, [[1.0, 1, 1, 1]], starts), lambda: basin(net, [rest[0] + 3e-7], starts))]  # fmt: skip


def ensembles() -> list:
    W = np.stack([symmetric(3, 50 + k) for k in range(6)])
    counted, random = count_flats(W, rng(51).normal(size=(6, 3))), random_flats(4, 0.7, 0.25, nets=12, seed=3)
    found = [counted.flats, counted.steady, random.flats, random.steady, random_flats(4, 0.0, -0.5, nets=12, seed=4).flats]
    found += [dead_at_pattern(9, 12, t, sets=6, seed=2) for t in (0.0, 0.5, 1.0, -1 / 3)]
    found += [wrong_ratios(8, 6, 0.4, sets=4, seed=3), alive_edges(12, 5, 0.2, sets=3, seed=5), alive_edges(4, 9, -5.0, sets=2, seed=5)]
    settled = retrieved(40, 12, 0.5, 2.0, sets=3, seed=6), retrieved(40, 30, 0.0, 2.0, sets=3, seed=6, lost_below=0.6)
    few = retrieved(40, 12, 0.5, 2.0, sets=2, seed=6, steps=2), retrieved(40, 1, 0.5, 2.0, sets=2, seed=6)
    rough = [np.round([r.overlap, r.activity, r.dead], 4) for r in (*settled, *few)]  # single precision
    return [*found, np.round(frozen_traces(8, 20, 1.5, sets=3, seed=4), 5), rough, [r.steps for r in (*settled, *few)],
            [r.converged for r in (*settled, *few)],
            refused(lambda: count_flats(W, np.zeros(3)), lambda: count_flats(np.zeros((1, 17, 17)), np.zeros((1, 17))),
                    lambda: retrieved(0, 1, 0, 1, sets=1, seed=1), lambda: retrieved(4, 1, 0, 1, sets=1, seed=1, steps=0))]  # fmt: skip


def of_faces() -> list:
    found = []
    for net in enumerated().values():
        units = units_of(net)
        f = enumerate_faces(net.matrix, net.bias, units)
        found.append([f.states, [d.shape for d in f.directions], f.flats, f.choices, f.critical, f.doubts, count(units)])
        found.append([[u.slope, u.offset, u.rows, u.bounds, u.alive, u.dead, u.full] for u in units[:1]])
    deep = [_deepest(np.array([[1.0], [-1.0]]), np.array(b, float)) for b in ([1, 1], [3, 3], [-1, 1], [-1, 0.9], [-1, 1 - 1.5e-9])]
    where = np.array([[0.0, 1], [0, 1 + 5e-9], [0, 1 + 5e-8], [3, 1]])
    return [*found, deep, _deepest(np.zeros((0, 2)), np.zeros(0)), _groups(where, np.arange(4)), _groups(where[:, :0], np.arange(4)),
            units_of(nets()["tanh"]), kink_tolerance(np.array([0.0, 5, -3]), np.array([[1.0, 2, 3], [1e5, 2, 3]]))]  # fmt: skip


def searched() -> list:
    found = []
    for name in ("tanh", "sigmoid-not-symmetric", "softmax-hidden", "rates", "silu", "spherical-hidden"):
        net = nets()[name]
        x, known = newton_points(net, 4)
        order = np.lexsort(np.round(x, 8).T)
        off = states(net, 2)
        found.append([x[order], known[order], certified(net, np.concatenate([x[order][:1] + 1e-7, off])), state_errors(net, off)])
    return found


def limits() -> list:
    """Bounds of work, moved to where they are met: on both sides of each."""
    relu, chain = nets()["relu"], nets()["soft-threshold"]
    start, spiral = started("relu")[0], [2.0, 0.3, -3.0]
    found: list = []
    steps = len(followed(relu, start)["times"])
    for most in (1, 3, steps - 2, steps - 1, steps):
        with patched(integrate, _MOST_STEPS=most):
            run_ = followed(relu, start)
            found.append([run_["verdict"], run_["why"], len(run_["times"])])
    for most in (1, 2, 3, 9):
        with patched(integrate, _MOST_CROSSINGS=most):
            run_ = followed(chain, spiral)
            found.append([run_["verdict"], run_["why"], len(run_["crossings"])])
    taken = np.bincount(run(relu, started("relu"))["steps"][0])
    for most in (1, int(taken.min()), int(taken.max()) - 1, int(taken.max()), int(taken.max()) + 1):
        with patched(batch, _MOST_STEPS=most):
            found.append(run(relu, started("relu"))["verdicts"])
    growing = lateral("identity", [[2.0]], [0.1])
    for far in (1.0, 3.0):
        with patched(integrate, _FAR=far), patched(batch, _FAR=far):
            found += [followed(growing, [0.5]), run(growing, [[0.5], [-0.7]])]
    for chunk in (1, 3, 16):
        net = enumerated()["sum"]
        with patched(faces, _CHUNK=chunk):
            f = enumerate_faces(net.matrix, net.bias, units_of(net))
            found.append([f.states, f.flats, f.choices, f.critical, f.doubts])
    line = enumerated()["plane"]
    for most in (0, 1, 3):
        with patched(faces, _PROGRAMS=most):
            f = enumerate_faces(line.matrix, line.bias, units_of(line))
            found.append([f.states, f.critical, f.doubts])
    for name, most in (("_PATTERNS", 2), ("_PATTERNS", 3), ("_PATTERNS", 4), ("_SIDES", 1), ("_SIDES", 2), ("_SIDES", 3)):
        with patched(kinks, **{name: most}):
            found.append([kinked("relu", [[0, -3.0], [-3.0, 0]], [0, 0])["verdict"], kinked("relu", [[0, 1.5, 0], [0.9, 0, 0], [0, 0, 0.2]], [0, 0, 0], sym=False)])
    for jacobians in (1, 40, 2**20):
        with patched(newton, _JACOBIANS=jacobians):
            found.append(np.sort(np.round(newton_points(nets()["tanh"], 3)[0], 9), axis=0))
    return found


def refusals() -> list[str]:
    net, nan = nets()["relu"], float("nan")
    x = [0.0] * 4
    return refused(
        lambda: trajectories(net, x), lambda: trajectories(net, [x[:3]]), lambda: trajectories(net, [[nan] * 4]),
        lambda: trajectory(net, x[:3]), lambda: trajectory(net, [nan] * 4), lambda: trajectory(net, [[1, 2], [3]]),
        *(partial(trajectory, net, x, **{k: v}) for k in ("until", "residual", "accuracy") for v in (0, -1, True, "1", nan)),
        *(partial(trajectory, net, x, **{k: v}) for k, v in (("until", 1), ("residual", 0.1), ("method", "RK45"))),
        lambda: trajectory(net, [1.0, 1, 1, 1]).at([-0.1]), lambda: trajectory(net, [1.0, 1, 1, 1]).at([1e9]),
        lambda: trajectory(net, [1.0, 1, 1, 1]).at([]), lambda: fixed_points(net, 0), lambda: fixed_points(net, 1),
        lambda: fixed_points(net, 100_001), lambda: fixed_points(net, 100_000), lambda: fixed_points(3),
        lambda: reduced(net, [x]), lambda: spectrum(nets()["layernorm"], np.ones(6)), lambda: classify([], x),
        lambda: classify([net, nets()["identity"]], [x, x]), lambda: classify([net, net], [x]), lambda: classify(net, x[:3]),
        lambda: dynamics.newton(net), lambda: dynamics.newton(nets()["tanh"]), lambda: dynamics.hidden_eliminated(net),
        lambda: dynamics.hidden_eliminated(nets()["rates"]), lambda: dynamics.rates_hidden_eliminated(net),
        lambda: dynamics.preconditioned(nets()["feedback"], np.ones(7)),
        lambda: lyapunov_functions(net)[8].value(x),
    )  # fmt: skip


QUESTIONS: Questions = {
    **{f"flow {kind} of {name}": partial(lambda kind, name: maps(FLOWS[kind](nets()[name]), nets()[name]), kind, name)
       for kind in FLOWS for name in ("relu", "tanh", "relu-hidden", "rates", "feedback")},
    **{f"energies of {name}": partial(family, name)
       for name in ("relu", "relu-not-symmetric", "tanh", "relu-hidden", "softmax-hidden", "feedback", "rates", "negative-feedback",
                    "identity", "spherical-hidden", "silu", "sparsemax-hidden")},
    **{f"planted {first}": partial(many, range(first, first + 5)) for first in range(0, 40, 5)},
    "nets at once": batch_of_nets, "kinks": at_kinks, "limits": limits, "defective": defective,
    **{f"faces of {name}": partial(lambda name: points(enumerated()[name]), name)
       for name in ("relu", "relu-steep", "relu-not-symmetric", "soft-threshold", "hard-tanh", "relu-hidden", "sparsemax-hidden",
                    "feedback", "line", "line-off", "plane", "sum", "spurious", "thresholds", "kink", "identities", "singular-identity")},
    **{f"points of {name}": partial(lambda name: points(nets()[name]), name)
       for name in ("tanh", "sigmoid-not-symmetric", "softmax-hidden", "rates", "silu", "ghostmax-hidden", "layernorm")},
    **{f"batch {name}": partial(batches, name)
       for name in ("relu", "relu-not-symmetric", "tanh", "soft-threshold", "hard-tanh", "relu-hidden", "sparsemax-hidden", "rates")},
    "batch edges": edges_of_batches, "trajectory edges": edges_of_trajectories,
    **{f"conjugate of {name}": partial(conjugate, name) for name in CONJUGATES},
    "symmetries": symmetries, "reductions": reductions, "regions": regions, "basins": basins, "ensembles": ensembles,
    "pieces": of_faces, "searched": searched, "refusals": refusals,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", QUESTIONS)
def test_flows_answer_as_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
