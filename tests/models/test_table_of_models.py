"""What memories, kernels, networks and Lagrangians say at given inputs, against a table.

``python tests/models/test_table_of_models.py`` writes it anew.
"""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp
from tables import Questions, check, refused, written

from dammech.declared.ansatz import steps_of
from dammech.declared.interaction import (
    elementary_symmetric,
    hermite,
    hermite_decomposition,
    parse_polynomial,
    polynomial_of,
    polynomial_text,
    trim,
)
from dammech.declared.kernels import Kernel
from dammech.declared.units import CONVENTIONS, QUANTITIES, convention
from dammech.systems.hebbian.model import HebbianDAM
from dammech.systems.lagrangian.model import LAGRANGIANS, Lagrangian, Network
from dammech.systems.lagrangian.model.analysis import convexity, flat_region
from dammech.systems.lagrangian.model.blocks import analysis_of_blocks, blocks_of
from dammech.systems.lagrangian.model.cells import cells_of
from dammech.systems.lagrangian.model.network import convolution
from dammech.systems.palimpsest.answers import forgetting
from dammech.systems.palimpsest.model import PalimpsestDAM
from dammech.systems.pspin.model import PSpin

RECORD = Path(__file__).with_name("table_of_models.json")

MEMORIES = {
    **{f"{kind} {p}": {"order": p, "interaction": kind} for kind in ("distinct", "power") for p in (2, 3, 4, 5)},
    **{f"rectified {p}": {"order": p, "interaction": "rectified"} for p in (2, 3, 4)},
    **{text: {"interaction": text} for text in ("y**4 + 2*y**3 - y", "y**5 - 0.5*y**2 + 3", "y^3/1 - y/4")},
}  # fmt: skip


def memory(name: str) -> dict:
    model, q = HebbianDAM(**MEMORIES[name]), sp.Symbol("q")
    xi = model.covariance(q)
    values = [[float(e.subs(q, v)) for v in (0.0, 0.3, 0.9, 1.0)] for e in (xi, sp.diff(xi, q))[: 1 if model.is_rectified else 2]]
    return {
        "document": model.to_json(), "pure": model.is_pure, "rectified": model.is_rectified, "polynomial": model.polynomial(),
        "hermite": model.hermite_coefficients(), "noise": model.noise_strength, "covariance": values,
        "hamiltonian": str(model.hamiltonian()), "latex": model._repr_latex_(),
        "energies": {n: model.pattern_energy(n) for n in (1, 4, 7)}, "mean": [model.mean_pattern_energy(n) for n in (2, 5, 12)],
        "patterns": [model.patterns_for(a, n) for a, n in ((0.1, 10), (0.25, 7), (1.5, 30))],
        "units": convention("gardner", model.p),
        "palimpsest": PalimpsestDAM(**MEMORIES[name])._repr_latex_(),
    }  # fmt: skip


KERNELS = {
    "exponential": [None], "power-law": [None, 0.6, 2.5], "compressed-exponential": [None, 0.02, 0.7, 3.0], "hard-buffer": [None],
    "clipped": [None], "rehearsal": [None, 0.1, 2.0],
}  # fmt: skip
AGES = [0.0, 1e-300, 1e-5, 0.03, 0.2, 0.4999999, 0.5, 0.500001, 0.9, 1.0, 1.0000001, 1.7, 4.0, 30.0, 800.0, 1e5]


def kernel(name: str, exponent: float | None) -> dict:
    k = Kernel(name, exponent)
    found: dict = {"exponent": k.exponent, "is": [k.ages, k.flat, k.linear]}
    if not k.ages:
        stream = PalimpsestDAM(order=3, kernel=name, exponent=exponent)
        return {**found, "load": [forgetting.effective_load(stream.shape, 0.0, a) for a in (0.0, 0.2, 3.0)],
                "refused": refused(lambda: forgetting.effective_load(k, 1.0), lambda: k.weight(1.0), lambda: forgetting.effective_load(stream.shape, 1.0))}  # fmt: skip
    stream = PalimpsestDAM(order=3, kernel=name, exponent=exponent)
    with mpmath.workdps(30):
        exact = [float(k.weight(mpmath.mpf(u), mpmath)) for u in (0.0, 0.1, 0.49, 0.5, 0.7, 1.0, 3.0)]
    weights = [0.999, 0.9, 0.5, 0.1, 1e-3, 1e-9]
    found |= {
        "weight": k.weight(np.array(AGES)), "one": [float(k.weight(u)) for u in AGES], "slope": [forgetting.slope(k, u) for u in AGES],
        "age": [forgetting.age(k, w) for w in weights], "moment": forgetting.effective_load(k, 1.0), "exact": exact,
        "loads": [forgetting.effective_load(stream.shape, r) for r in (0.1, 3, 50.0)], "weights": stream.weights(2.5, 6, 5),
        "at rate 0": refused(lambda: forgetting.effective_load(stream.shape, 0.0), lambda: forgetting.effective_load(stream.shape, 0.0, 0.3)),
        "refused": refused(*(partial(forgetting.age, k, w) for w in (0.0, -0.1, 1.0, 1.1)), *(partial(forgetting.effective_load, stream.shape, r) for r in (-1e-9, math.inf, "1")),
                           lambda: forgetting.effective_load(stream.shape, 1.0, -1e-9), lambda: forgetting.effective_load(stream.shape, 1.0, 0.0)),
    }  # fmt: skip
    if k.linear:
        found["partial"] = [forgetting.effective_load(k, 1.0, u) for u in (0.0, 1e-20, 1e-3, 0.5, 0.99, 1.0, 1.01, 3.0, 60.0, math.inf)]
        found["finite"] = [forgetting.effective_load(stream.shape, r, a) for r in (0.1, 3.0, 50.0) for a in (0.01, 0.3, 2.0)]
    return found


def declared() -> list:
    """What each kind of system declares of itself, words aside."""
    made = [HebbianDAM(2), HebbianDAM(3), HebbianDAM(2, "power"), HebbianDAM(3, "rectified"), HebbianDAM(interaction="y**4 + 2*y**3 - y"), PSpin(2), PSpin(3), PalimpsestDAM(2), PalimpsestDAM(4)]
    return [[m.axes, m.order_parameters, m.noise_powers, m.noise_strength, m.soft, m.is_rectified, m.to_json(),
             {k: [b.choice, b.held, b.patterns, b.rivals, b.unbroken] for k, b in m.branches.items()}] for m in made]  # fmt: skip


def interactions() -> list:
    texts = ["y**3", "2*y**3 - y", "x^4/2", "-y**3 + 1.5", "(y + 1)*(y**2 - y + 1)", "+y*3**2", "y**3 - 0.1*y", "(2*y)**3/8", "y**20 + y",
             "y**21", "y**3*y**18", "(y**2)**11", "(y**2)**10", "y**-1", "y**0.5", "y/y", "y/0", "1", "x*y**3", "sin(y)", "y**3 +", "2**y",
             "1000000000000*y**3", "1000000000001*y**3", "y**3 + 1e400", "0*y", "y**2 - y**2 + y", "1e300*y*1e300*y", "y**64", "1**65*y", "1**64*y"]  # fmt: skip
    y = sp.Symbol("y")
    expressions = [y**3 + sp.Rational(2, 3) * y, sp.sqrt(2) * y**3, sp.pi * y**4 - y, y**21, sp.sin(y), y**3 + sp.I * y, sp.Symbol("z") * y**3,
                   (y + 1) ** 20, 3, sp.Integer(3), y**sp.Rational(1, 2), y**3 * (y - 1) ** 2 / 7]  # fmt: skip
    found = [[partial(parse_polynomial, t) for t in texts], [partial(polynomial_of, e) for e in expressions]]
    n = sp.Symbol("n")
    return [
        [[c, polynomial_text(c)] if isinstance(c, list) else c for c in (_either(call) for call in part)] for part in found
    ] + [[elementary_symmetric(p, 7) for p in range(6)], str(elementary_symmetric(4, n)), [hermite(p) for p in range(7)],
         [hermite_decomposition(parse_polynomial(t)) for t in texts[:4]], trim([0, 0]), trim([1, 0, 0]), polynomial_text([]),
         polynomial_text([0]), polynomial_text([-1, 1, -2, 0, 3])]  # fmt: skip


def _either(call):
    try:
        return call()
    except Exception as error:
        return str(error)


BLOCKS = {
    **{name: {} for name in LAGRANGIANS}, "repu 1.5": {"n": 1.5}, "repu 2": {"n": 2}, "tanh 2": {"beta": 2.0}, "softmax 3": {"beta": 3.0},
    "layernorm shifted": {"gamma": 0.8, "delta": 0.3, "eps": 0.2}, "spherical shifted": {"gamma": 0.8, "delta": 0.3, "eps": 0.2},
    "rexp 2": {"beta": 2.0}, "exp 0.5": {"beta": 0.5}, "ghostmax 2": {"beta": 2.0}, "sigmoid 2": {"beta": 2.0},
    "x**4/4": {}, "S(x**2)**2/4": {}, "Max(x, 1)**2/2 - Max(x, 1)": {}, "x1**2*x2 + x3**2/2": {}, "log(S(exp(x)) + S(exp(-x)))": {},
    "Piecewise((x1**2/2, x1 > 0), (0, True)) + x2*x3": {}, "x/2": {},
}  # fmt: skip


def block_of(name: str) -> Lagrangian:
    text = name.split(" ")[0] if name.split(" ")[0] in LAGRANGIANS else name
    return Lagrangian(text, 3, **BLOCKS[name])


FIELDS = np.array([[0.3, -0.7, 1.2], [2.0, 1.0, -1.0], [0.0, 0.5, -0.5], [1.0, 0.0, 0.2], [30.0, -20.0, 29.0], [1e-3, 2e-3, 0.1]])


def block(name: str) -> dict:
    layer = block_of(name)
    d, columns, core = layer.curvature(FIELDS)
    near = FIELDS + np.array([0, 5e-10, 2e-9])
    found = {
        "value": layer.value(FIELDS), "activation": layer.activation(FIELDS), "hessian": layer.hessian(FIELDS), "diagonal": d,
        "shapes": [columns.shape, core.shape], "dead": layer.dead(FIELDS), "kinks": [layer.kinks(FIELDS), layer.kinks(near), layer.kinks(near, 1e-8)],
        "distances": layer.distances(FIELDS), "snapped": layer.snapped(near) - FIELDS, "separable": layer.separable, "convex": layer.convex,
        "null": [np.abs(layer.null_basis(x) @ layer.null_basis(x).T) for x in FIELDS], "large": layer.activation(1e120 * FIELDS[:2] + 0.0),
        "document": [layer.to_json(), repr(layer), layer == block_of(name), hash(layer) == hash(block_of(name))],
    }  # fmt: skip
    if layer.separable:
        found["sides"] = layer.sides(FIELDS)
    return found


def analysed(name: str) -> dict:
    layer = block_of(name)
    at = {k: v for k, v in layer.at(FIELDS[1]).items() if k != "null_space"}
    return {"analysis": layer.analysis(), "convexity": convexity(layer), "flat": flat_region(layer), "at": at, "latex": layer._repr_latex_()}


def blocks() -> list:
    made = [blocks_of(text) for text in ("relu:2 + softmax:3", "layernorm:3+identity:1", "tanh:1", "relu", "relu:2 + 3")]
    return [[m and [b.to_json() for b in m] for m in made], *[analysis_of_blocks(m) for m in made if m],
            refused(lambda: analysis_of_blocks([]), lambda: blocks_of("relu:0"), lambda: blocks_of("what:2"))]  # fmt: skip


def network() -> list:
    layers = [{"lagrangian": "identity", "size": 2}, {"lagrangian": "softmax", "size": 3, "beta": 1.5}, {"lagrangian": "relu", "size": 2}]
    weights = [{"from": 0, "to": 1, "matrix": [[1, 0.5], [-0.3, 2], [0.1, 0.2]]}, {"from": 2, "to": 2, "matrix": [[0, 0.4], [0.4, 0.1]]},
               {"from": 1, "to": 2, "kernel": [[[0.5, -0.2]], [[0.3, 0.1]]], "stride": 3}]  # fmt: skip
    net = Network(layers, weights, [[0.1, -0.2], [0, 0.3, 0], [0.5, -1]], [[1, 2], 0.5, [3, 1]])
    other = Network(layers[:2], [weights[0], {"from": 1, "to": 0, "matrix": [[1, -0.3, 0.1], [0.5, 2, 0.3]]}])
    x = np.array([[0.3, -0.5, 1.0, 0.2, -0.4, 0.6, -0.1], [0, 1, 2, 3, -1, -2, 0.5]])
    same = Network.from_json(json.loads(json.dumps(net.to_json())))
    return [
        net.matrix, net.bias, net.tau, net.size, [[p.start, p.stop] for p in net.slices], net.symmetric, net.convex, other.symmetric,
        [net.activation(x), net.drive(x), net.scale(x), net.velocity(x), net.energy(x), net.hessian(x), net.feedback(x)],
        same.to_json(), refused(lambda: other.energy(x[:, :5])), other.drive(x[:, :5]),
        [convolution(k, n, s) for k, n, s in (([[[1, 2, 3]]], 4, 1), ([[[1, 2]], [[3, 4]]], 4, 2), ([[[1], [2]]], 6, 1), ([[[1, 2, 3, 4]]], 4, 4))],
    ]  # fmt: skip


def networks_refused() -> list[str]:
    one, two = {"lagrangian": "relu", "size": 2}, {"lagrangian": "softmax", "size": 2}
    square = [[0, 1.0], [1.0, 0]]

    def made(**given):
        return partial(Network, **({"layers": [one, two]} | given))

    def weight(**given):
        return made(weights=[{"from": 0, "to": 1, **given}])

    off = [[0, 1.0], [1 + 2e-12, 0]]
    return refused(
        made(layers=[]), made(layers="relu"), made(layers=3), made(layers=[one, 3]), made(layers=[{"lagrangian": "relu"}]),
        made(layers=[{**one, "name": "x"}]), made(layers=[{**one, "lagrangian": 3}]), made(layers=[{**one, "n": 3}]),
        made(layers=[{"lagrangian": "relu", "size": 20_000}]), made(layers=[{"lagrangian": "relu", "size": 20_000}, one]),
        weight(), weight(matrix=square), weight(matrix=[[1, 2]]), weight(matrix=[1, 2]), weight(matrix=[[1, 2], [3]]), weight(matrix=[]),
        weight(matrix=[[True, 1], [1, 2]]), weight(matrix=[["a", 1], [1, 2]]), weight(matrix=[[math.nan, 1], [1, 2]]),
        weight(matrix=[[1e100, 1], [1, 2]]), weight(matrix=[[1.01e100, 1], [1, 2]]), weight(matrix=[[10**400, 1], [1, 2]]),
        weight(matrix=np.array([[True, True], [True, True]])), weight(matrix=square, stride=1), weight(matrix=square, what=1),
        weight(kernel=[[[1, 2]]]), weight(kernel=[[[1, 2, 3]]]), weight(kernel=[[[1, 2]]], stride=2), weight(kernel=[[[1]], [[2]]], stride=2),
        weight(kernel=[[[1]]], stride=0), weight(kernel=[[[1]]], stride=True), weight(kernel=[[[1]]], stride=1.0), weight(kernel=[[1]]),
        weight(kernel=[[[1], [1]]], stride=1), weight(kernel=[[[1], [1], [1]]]), made(weights=[3]), made(weights=[{"from": 0}]),
        made(weights=[{"from": 2, "to": 0, "matrix": square}]), made(weights=[{"from": 1, "to": 0, "matrix": square}]),
        made(weights=[{"from": -1, "to": 0, "matrix": square}]), made(weights=[{"from": True, "to": 0, "matrix": square}]),
        made(weights=[{"from": 0, "to": 1, "matrix": square}] * 2), made(weights=[{"from": 0, "to": 0, "matrix": off}]),
        made(weights=[{"from": 0, "to": 0, "matrix": [[0, 1.0], [1 + 5e-13, 0]]}]),
        made(weights=[{"from": 0, "to": 0, "matrix": off}], symmetric=False), made(symmetric=1), made(biases=[[1, 2]]), made(biases=[[1], [1, 2]]),
        made(biases=[[1, 2], [1, "a"]]), made(biases=3), made(biases=[[1, 2], None]), made(time_constants=[1, 2]), made(time_constants=[1, [1, 2]]),
        made(time_constants=[[1, 2], 1]), made(time_constants=[0, 1]), made(time_constants=[-1, 1]), made(time_constants=[1e-100, 1]),
        made(time_constants=[0.9e-100, 1]), made(time_constants=[True, 1]), made(time_constants=["a", 1]), made(time_constants=[[1], 1]),
        lambda: Network.from_json({"weights": []}), lambda: Network.from_json({"layers": [one], "what": 1}), lambda: Network.from_json([1]),
        *(partial(Network([one]).states, x) for x in (1.0, [1.0], [[1.0, 2]], [[1.0], [2]], "ab", [1, 2, 3])),
    )  # fmt: skip


def models_refused() -> list[str]:
    y = sp.Symbol("y")
    return refused(
        *(partial(HebbianDAM, p) for p in (1, 2, 64, 65, None, True, 2.0, "3", 10**30)),
        *(partial(HebbianDAM, p, "rectified") for p in (1, 2, 10, 11)), *(partial(HebbianDAM, p, "power") for p in (2, 64, 65)),
        *(partial(HebbianDAM, p, t) for p, t in ((None, "y**2"), (None, "y**3"), (None, "2*y**3"), (3, "y**3"), (4, "y**3"), (None, "y**20"),
                                                 (None, "what"), (None, "y"), (3, 3), (None, y**3 + y), (None, y**2), (None, -(y**3)))),
        *(partial(PSpin, p) for p in (1, 2, 64, 65, True, 2.5)),
        *(partial(convention, n, p) for n in CONVENTIONS for p in (2, 3, 7)), lambda: convention("what", 3), lambda: convention([], 3),
        *(partial(PSpin(3).convention, n) for n in ("canonical", "gardner", "what")), *(partial(steps_of, a) for a in ("rs", "1rsb", "30rsb", "31rsb", "0rsb", "rsb", 3)),
        *(partial(Kernel, *k) for k in (("power-law", 0.5), ("power-law", 0.5000001), ("power-law", True), ("power-law", "1"), ("power-law", math.inf),
                                        ("power-law", math.nan), ("power", None), ("compressed", 0.01), ("compressed", 0.0101), ("buffer", 1.0), ("buffer", None),
                                        ("clipping", None), ("rehearsal", 0.0), ("rehearsal", 1e-9), ("exponential", 1.0), ("what", None), (3, None), ("power-law", 10**400))),
        lambda: PalimpsestDAM(3, "rectified", "clipped"), lambda: PalimpsestDAM(3, "rectified", "exponential"), lambda: PalimpsestDAM(3, "power", "clipped"),
        *(partial(Lagrangian, n, s) for n, s in (("relu", 0), ("relu", 1), ("relu", True), ("what", 2), ("x", 2), ("x1", 2), ("x2", 1), (3, 2), ("Abs(x)", 2),
                                                 ("Max(x, 0)", 2), ("x**2/2 + y", 2), ("__import__('os')", 2), ("x**2 +", 2), ("sqrt(x)", 2), ("log(x)", 2),
                                                 ("layernorm", 2), ("layernorm", 3), ("spherical", 1), ("spherical", 2), ("x**0", 1), ("x**1", 1), ("(x**2)**0", 1), ("(x**2)**1", 1),
                                                 ("(x**2)**600", 1), ("x**2**3**2", 1), ("2**2*x**2", 1), ("1e101*x**2", 1), ("1e100*x**2", 1), ("_a*x", 1), ("'a'*x", 1),
                                                 ("x.real", 1), ("Abs(x1 - x2)*x1", 2), ("Max(x1 - x2, 0)**2", 2))),
        *(partial(Lagrangian, n, 3, **k) for n, k in (("repu", {"n": 1}), ("repu", {"n": 1.001}), ("tanh", {"beta": 0}), ("tanh", {"beta": 1e-9}), ("tanh", {"n": 1}),
                                                      ("layernorm", {"gamma": 0}), ("layernorm", {"eps": -1e-9}), ("layernorm", {"delta": math.inf}), ("tanh", {"beta": True}),
                                                      ("tanh", {"beta": "1"}), ("beta*x**2", {}), ("beta*x**2", {"beta": 2}))),
        lambda: Lagrangian("softmax", 2).sides([0.0, 1.0]), lambda: Lagrangian("relu", 2).value([1.0]), lambda: Lagrangian("relu", 2).null_basis([[1.0, 2]]),
        lambda: Lagrangian("layernorm", 3).activation([1.0, 1, 1]), lambda: Lagrangian("layernorm", 3).hessian([1.0, 1, 1]), lambda: Lagrangian("layernorm", 3).at([1.0, 1, 1]),
    )  # fmt: skip


def cells() -> list:
    """Cells of a neuron, with case distinctions that are none before, between and after those that are."""
    x = sp.Symbol("x", real=True)

    def none_at(a: int) -> sp.Expr:
        return sp.Max(x - a, 0) ** 2 + sp.Max(a - x, 0) ** 2

    found = []
    for e in (none_at(1), sp.Max(x, 0) ** 2 + none_at(1), sp.Max(x, 0) ** 2 + none_at(-1), sp.Max(x, 0) ** 2 + sp.Max(x - 2, 0) ** 2 + none_at(1) + none_at(3) + none_at(4),
              sp.Max(x, 0) ** 3 - sp.Min(x, -1) ** 2, sp.Piecewise((x**2, sp.Abs(x) < 1), (2 * sp.Abs(x) - 1, True)) + none_at(0)):
        found.append([[str(c.low), str(c.high), *(float(v.subs(x, 0.5)) for v in (c.value, c.activation, c.slope)), c.dead] for c in cells_of(e, x, {})])
    return found


def units() -> list:
    return [[convention(n, p) for n in CONVENTIONS if (n, p) not in (("ags", 3), ("ags", 5), ("raw", 2), ("theriault-tantari", 2))] for p in (2, 3, 5)] + [
        {name: unit for name, (unit, _) in QUANTITIES.items()}, [steps_of(a) for a in ("rs", "1rsb", "9rsb", "30rsb")], [str(PSpin(p).hamiltonian()) for p in (2, 3)], PSpin(4)._repr_latex_(),
        [float(PSpin(p).covariance(0.5)) for p in (2, 3, 7)], PSpin(3).to_json(), PSpin(3).p]  # fmt: skip


QUESTIONS: Questions = {
    **{f"memory {name}": partial(memory, name) for name in MEMORIES},
    **{f"kernel {name} {e}": partial(kernel, name, e) for name, exponents in KERNELS.items() for e in exponents},
    "declared": declared, "interactions": interactions, **{f"block {name}": partial(block, name) for name in BLOCKS},
    **{f"analysis {name}": partial(analysed, name) for name in BLOCKS if name not in ("repu 2", "tanh 2", "softmax 3", "rexp 2", "exp 0.5", "ghostmax 2", "sigmoid 2")},
    "cells": cells, "blocks": blocks, "network": network, "networks refused": networks_refused, "models refused": models_refused, "units": units,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", QUESTIONS)
def test_models_answer_as_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
