"""What small networks learn, step by step and under every method, and what is said of it, against a table.

``python tests/learn/test_table_of_learn.py`` writes it anew. Networks are in double precision and learn for few steps, so that
the order of sums does not show.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tables import Questions, check, refused, written

from dammech.learn import METHODS, TrainedDAM, Training, associated, labelled, learn_sequence, method, train
from dammech.learn.config import config_of, grid, read_config, shipped
from dammech.learn.experiment import Results, picture_cell, run_experiment, sequence_cell, tasks_of
from dammech.learn.images import Images, digits
from dammech.learn.inputs import checked_count, checked_labels, checked_name, checked_number, checked_pixels
from dammech.learn.interactions import KINDS, Interaction
from dammech.learn.memories import likeness, participation
from dammech.learn.methods.dreaming import dreamt
from dammech.learn.methods.gem import projected
from dammech.learn.methods.rehearsal import sample, slopes
from dammech.learn.metrics import interval, metrics
from dammech.learn.results import findings, learned, matrices, settings, summary, table, transition
from dammech.learn.tasks import (
    Task,
    check_prototypes,
    checked_sequence,
    nearest_prototype_accuracy,
    permuted,
    prototypes,
    rotated,
    split,
)
from dammech.learn.training import Items, moved

RECORD = Path(__file__).with_name("table_of_learn.json")
SETTINGS = {"power 2": ("power", 2), "power 3": ("power", 3), "rectified 3": ("rectified", 3), "leaky 2": ("leaky", 2), "leaky 5": ("leaky", 5),
            "leaky 30": ("leaky", 30), "exponential 1.5": ("exponential", 1.5), "softmax 2": ("softmax", 2.0)}  # fmt: skip


@cache
def tasks() -> list[Task]:
    return prototypes(3, seed=5, pixels=10, classes=3, items=24, noise=0.2)


def network(name: str = "leaky 3", **options: Any) -> TrainedDAM:
    kind, vertex = SETTINGS.get(name, ("leaky", 3))
    return TrainedDAM(10, 3, 5, vertex, kind, **{"seed": 4, "dtype": "float64"} | options)


def digest(memory: np.ndarray) -> list:
    """Of a matrix: enough to see a change anywhere."""
    weights = np.cos(np.arange(memory.size)).reshape(memory.shape)
    return [float((memory * weights).sum()), float((memory**2).sum()), memory[0, :3], memory[-1, -2:]]


def one_network(name: str) -> dict:
    net, task = network(name), tasks()[0]
    items = labelled(net, task.inputs, task.labels)
    grey = labelled(net, 0.5 * task.inputs, task.labels)
    slope = {m: [loss, digest(g)] for m in (1, 2, 3) for loss, g in [net.loss_and_gradient(items.states, items.targets, m)]}
    kind, vertex = SETTINGS[name]
    free = TrainedDAM(8, 0, 4, vertex, kind, seed=6, dtype="float64", initialisation="zero-mean", temperature=0.4)
    patterns = np.where(np.random.default_rng(3).random((5, 8)) < 0.5, 1, -1)
    alone = associated(free, patterns)
    loss, gradient = free.loss_and_gradient(alone.states, alone.targets)
    s = np.array([[-0.7, 0.0, 0.4], [1.3, -0.2, 0.9]])
    return {
        "energy": net.energy(items.states[:4]), "fields": net.fields(items.states[:4]), "classes": net.classify(task.inputs), "grey": net.fields(grey.states[:3]),
        "slope": slope, "squared": digest(net.importance(items.states, items.targets)), "absolute": digest(net.importance(items.states)),
        "accuracy": net.accuracy(task.test_inputs, task.test_labels), "participation": participation(net, task.inputs), "likeness": likeness(net, task.inputs),
        "alone": [free.fields(alone.states), loss, digest(gradient), free.recall(patterns), free.recall(patterns, 1, 2, (0, 3))],
        "function": [Interaction(kind, vertex).value(s), Interaction(kind, vertex).total(s)], "described": net.described(),
        "single": np.round(network(name, dtype="float32").fields(items.states[:2]), 3), "start": digest(net.memory),
    }  # fmt: skip


def trained() -> list:
    found = []
    task = tasks()[0]
    for options in ({}, {"normalisation": "global"}, {"normalisation": "none", "rate": 0.02}, {"momentum": 0.0}, {"decay": 0.5}, {"exponent": 2},
                    {"batch": 24}, {"temperatures": (0.9, 0.4)}, {"temperatures": (0.9, 0.4), "ramp": 2}, {"rate": 0.9, "epochs": 1}):  # fmt: skip
        net = network()
        losses = train(net, labelled(net, task.inputs, task.labels), Training(**{"epochs": 3, "batch": 7} | options), (3, 1))
        found.append([losses, digest(net.memory), digest(net.velocity), net.temperature])
    t = Training(epochs=4, temperatures=(1.0, 0.4))
    ramps = [[Training(epochs=4, temperatures=(1.0, 0.4), ramp=r).temperature_of(e) for e in range(5)] for r in (None, 1, 2, 3)]
    return [*found, [t.rate_of(e) for e in range(4)], ramps, Training(), Training().temperature_of(2)]


def steps() -> list:
    gradient = np.array([[0.5, -2.0, 0.1], [0, 0, 0], [1e-31, 0, 0], [3.0, 1, -1]])
    found = []
    for scope in ("memory", "global", "none"):
        net = TrainedDAM(3, 0, 4, 2, dtype="float64", seed=1)
        net.velocity[:] = [[0.1, 0.2, -0.3], [0, 0, 0], [0, 0, 0], [-1, 0, 0]]
        moved(net, gradient, 0.5, Training(normalisation=scope, momentum=0.4))
        found.append([net.memory, net.velocity])
    return found


def under(name: str) -> list:
    parameters = {"pseudorehearsal": {"count": 6}, "gem": {"fraction": 0.3}, "agem": {"fraction": 0.3}, "rehearsal": {"fraction": 0.3}}.get(name, {})
    found = []
    for vertex, more in (("leaky 3", {}), ("exponential 1.5", {"margin": 0.2} if name == "gem" else {"probes": "relaxed"} if name == "pseudorehearsal" else {})):
        net = network(vertex)
        result = learn_sequence(net, tasks(), method(name, **parameters, **more), Training(epochs=2, batch=8), 2)
        found.append([result.to_json(), result.losses, digest(net.memory), result.points[:4], method(name).parameters(), METHODS[name].words])
    return found


def parts() -> list:
    rng = np.random.default_rng(5)
    memory, g = rng.normal(size=(3, 6)), rng.normal(size=6)
    net, task = network(), tasks()[1]
    items = labelled(net, task.inputs, task.labels)
    noisy = associated(TrainedDAM(6, 0, 2, 2, dtype="float64"), np.sign(memory), 0.3, 7)
    return [
        [dreamt(memory, t) for t in (0.0, 0.1, 2.5)], projected(g, memory), projected(g, memory, 0.3), projected(g, -memory), projected(g, g[None]),
        projected(g, -g[None], 0.1), digest(slopes(net, items)[None]), [sample(items, f, 3, k).states.sum(1) for f, k in ((0.1, 0), (0.5, 1), (0.01, 2))],
        noisy.states, len(noisy.joined(noisy)), noisy.taken(np.array([0, 2])).targets,
    ]  # fmt: skip


def images() -> Images:
    rng = np.random.default_rng(8)
    labels = np.arange(30) % 6
    return Images(rng.random((30, 6, 6)), labels, rng.random((12, 6, 6)), labels[:12])


def sequences() -> list:
    made = images()
    kept = made.validation(), made.validation(0.5)
    found = [[[t.name, t.inputs.sum(1), t.labels, t.test_inputs.sum(1), t.test_labels, t.classes, t.inputs[0]] for t in some] for some in
             (permuted(made, 2, 3), rotated(made, 3, 4), rotated(made, 2, 4, 90.0), split(made, 2, 5), split(made, 3, 5), prototypes(2, 6, 8, 2, 12, 0.1), prototypes(1, 6, 8, 2, 12, 0.1, 1))]  # fmt: skip
    known = prototypes(2, 6, 12, 3, 40, 0.3)
    large = digits(10)
    return [found, [[k.train_labels, k.test_labels, k.train.sum()] for k in kept], [made.classes, made.side], [nearest_prototype_accuracy(t) for t in known],
            [digits().train.sum(), digits().test_labels[:20], large.train.sum(), large.train.shape, len(large.test)]]  # fmt: skip


def measures() -> list:
    rng = np.random.default_rng(4)
    tables = [rng.random((j + 1, j)) for j in (1, 2, 4)]
    return [[metrics(t) for t in tables], [interval(v) for v in ([0.4], [0.4, 0.5], [0.4, 0.5, 0.9, 0.1])], interval([0.4, 0.5, 0.7], 0.8),
            refused(lambda: metrics(np.zeros((2, 2))), lambda: metrics(np.full((3, 2), np.nan)), lambda: interval([]), lambda: metrics(np.zeros(3)))]  # fmt: skip


def config(**more: Any) -> dict:
    return {"seeds": [1, 2], "vertices": [2, 4], "data": {"kind": "prototypes", "pixels": 10, "classes": 3, "items": 24, "noise": 0.1},
            "tasks": {"kind": "prototypes", "count": 2}, "network": {"memories": 5, "dtype": "float64"}, "training": {"epochs": 2, "batch": 8},
            "methods": {"vanilla": {}, "rehearsal": {}, "ewc": {}, "gem": {}, "joint": {}}, **more}  # fmt: skip


def direct(log: list, words: str, function: str, cells: Any) -> list:
    log.append([words, function, len(cells), cells[0], cells[-1]])
    return [{"sequence_cell": sequence_cell, "picture_cell": picture_cell}[function.split(":")[1]](c) for c in cells]


def experiments() -> list:
    searching = config(vertices=[2], seeds=[1], search={"seeds": [7], "tasks": 1, "base": {"temperature": [0.5, 0.9], "rate": [0.1, 0.3]}},
                       methods={"rehearsal": {"fraction": [0.1, 0.3, 0.5]}, "l2": {"strength": [0.1, 1.0, 9.0], "rate": 0.05}, "pseudorehearsal": {"count": [2, 4, 6], "momentum": 0.1}})  # fmt: skip
    found = []
    for table_ in (config(), searching):
        log: list = []
        r = run_experiment(config_of(table_), partial(direct, log))
        found.append([log, r.base, r.chosen, r.runs, r.pictures, config_of(table_).budget])
    return found


def pictured() -> list:
    cell = {"data": {"kind": "digits"}, "tasks": {"kind": "split", "count": 2}, "split": "search", "network": {"memories": 14, "vertex": 3, "dtype": "float64"},
            "training": {"epochs": 1, "batch": 400}, "method": "vanilla", "parameters": {}, "seed": 3}  # fmt: skip
    picture = picture_cell(cell)
    some = tasks_of(cell["data"], cell["tasks"], 3, "search"), tasks_of(cell["data"], cell["tasks"], 3, "evaluation")
    return [picture["shape"], np.array(picture["memory"]).sum(1), picture["classes"], picture["accuracy"], [[t.name, len(t.labels), len(t.test_labels)] for s in some for t in s]]


def made_results(good: float, seeds: int = 3, tasks_: int = 2, chance: float = 0.3, spread: float = 0.05) -> Results:
    made = config_of(config(seeds=list(range(1, seeds + 1)), tasks={"kind": "prototypes", "count": tasks_}, search={"seeds": [99]}))
    rng = np.random.default_rng(6)
    rows = [{"method": m, "vertex": v, "setting": {}, "searched": None, "tried": 1, "at_end": ["a", "b"] if v == 2 else []} for m in made.methods for v in made.vertices]
    runs = []
    for k, row in enumerate(rows):
        for s in made.seeds:
            matrix = np.clip(good + 0.04 * (k % 5) + spread * rng.normal(size=(tasks_ + 1, tasks_)), 0, 1)
            runs.append({"method": row["method"], "vertex": row["vertex"], "seed": s, "matrix": matrix.tolist(), "metrics": metrics(matrix),
                         "participation": [2.0 + k + s] * tasks_, "likeness": [0.1 * s] * tasks_} | ({"chance": [chance] * tasks_, "items": [40] * tasks_} if s > 1 else {}))  # fmt: skip
    return Results(made, {vertex: {"temperature": 0.6} for vertex in made.vertices}, rows, runs)


def tabulated() -> list:
    found = []
    for r in (made_results(0.6), made_results(0.25), made_results(0.7, seeds=1), made_results(0.5, tasks_=1), made_results(0.35, spread=0.005), made_results(0.39, chance=0.33)):
        found.append([[[w["mean"], w["half_width"], w["learned"]] for w in summary(r)], settings(r)[::3], transition(r), findings(r), [learned(r, m, v) for m in r.config.methods for v in r.config.vertices],
                      [table(r, "accuracy", f) for f in ("text", "latex")], matrices(r)[:3]])  # fmt: skip
    return [*found, table(made_results(0.6), "backward", "latex"), table(made_results(0.6), "learning", "csv"), refused(lambda: table(made_results(0.5, tasks_=1), "backward"), lambda: table(made_results(0.5), "what"), lambda: table(made_results(0.5), form="what"))]


def configured() -> list:
    lists = {"a": [1, 2], "b": 3, "c": ["x", "y", "z"]}
    return [shipped(), [read_config(name) for name in shipped() if "fashion" not in name], grid(lists), grid({}), config_of({}),
            config_of({"data": {"kind": "digits", "side": 12}, "tasks": {"kind": "rotated", "angle": 90}, "methods": {"ewc": {"strength": [1, 2]}, "l2": {"strength": [1, 2]}}}).budget]  # fmt: skip


def configs_refused() -> list[str]:
    def with_(**more: Any):
        return partial(config_of, config(**more))

    def data(**more: Any):
        return with_(data={"kind": "prototypes", "items": 40, **more})

    def digits_(task: dict, **more: Any):
        return partial(config_of, {"data": {"kind": "digits", **more}, "tasks": task, "training": {"epochs": 1}, "methods": {"vanilla": {}}, "seeds": [1], "vertices": [2]})

    return refused(
        with_(), with_(what=1), with_(seeds=[]), with_(seeds=[1, 1]), with_(seeds=[-1]), with_(seeds=[2**63 - 1]), with_(seeds=[2**63]), with_(seeds="1"), with_(seeds=[101]),
        with_(vertices=[]), with_(vertices=[1]), with_(vertices=[2.5]), with_(vertices=[1000]), with_(vertices=[1001]), with_(title=3), with_(methods={}), with_(methods=3),
        with_(methods={"what": {}}), with_(methods={"l2": {"what": 1}}), with_(methods={"l2": {"strength": []}}), with_(methods={"l2": {"strength": [1, 2]}, "vanilla": {}}),
        with_(methods={"l2": {"strength": -1}}), with_(methods={"l2": {"rate": 0}}), with_(methods={"l2": {"momentum": 1}}), with_(network={"memories": 0}), with_(network={"what": 1}),
        with_(training={"epochs": 0}), with_(training={"what": 1}), with_(training={"temperatures": [1, 0]}), with_(training={"temperatures": [1, 0.001]}), with_(search={"tasks": 0}),
        with_(search={"seeds": []}), with_(search={"base": {"rate": 0.1}}), with_(search={"base": {"what": [1]}}), with_(search={"base": {"temperature": [0]}}), with_(search=3),
        with_(search={"base": {"rate": [0.1] * 100, "temperature": [0.5] * 100}}), with_(search={"base": {"rate": [0.1] * 101, "temperature": [0.5] * 100}}),
        with_(tasks={"kind": "split"}), with_(tasks={"kind": "prototypes", "count": 0}), with_(tasks={"kind": "prototypes", "count": 10_001}), with_(tasks={"kind": "what"}),
        with_(tasks={"kind": "prototypes", "angle": 3}), data(), data(noise=0.5), data(noise=0.51), data(noise=-0.01), data(noise=0), data(pixels=1), data(pixels=2), data(classes=1), data(classes=2),
        data(items=39), data(side=8), data(kind="what"), digits_({"kind": "split", "count": 5}), digits_({"kind": "split", "count": 6}), digits_({"kind": "rotated", "angle": 360}),
        digits_({"kind": "rotated", "angle": 360.5}), digits_({"kind": "rotated", "angle": 0}), digits_({"kind": "permuted"}, side=7), digits_({"kind": "permuted"}, side=8),
        digits_({"kind": "permuted"}, side=257), digits_({"kind": "prototypes"}), digits_({"kind": "permuted"}, items=3),
    )  # fmt: skip


def refusals() -> list[str]:
    net, task = network(), tasks()[0]
    x, y = task.inputs, task.labels
    kinds = [partial(Interaction, k, v, leak) for k, v, leak in (("leaky", 2, 0), ("leaky", 2, 1), ("leaky", 2, 1.01), ("leaky", 2, -0.01), ("leaky", 1, 0.1), ("power", 2.0, 0), ("power", 2.5, 0),
             ("exponential", 2.5, 0), ("exponential", 0, 0), ("exponential", 1e-9, 0), ("exponential", -1, 0), ("softmax", 1000, 0), ("softmax", 1001, 0), ("what", 2, 0), ("leaky", True, 0), ("leaky", "2", 0))]  # fmt: skip
    ranges = [partial(Interaction(k, v).check_range, largest, memories, single) for k, v, largest, memories, single in
              (("power", 30, 10.0, 10, True), ("power", 30, 15.0, 10, True), ("power", 34, 10.0, 2, True), ("power", 34, 10.0, 3, True), ("power", 30, 10.0**9, 10, False), ("power", 30, 10.0**10, 10, False),
               ("exponential", 1.0, 80.0, 10, True), ("exponential", 1.0, 82.0, 10, True), ("exponential", 1.0, 82.0, 10, False), ("exponential", 1.0, 690.0, 1, False), ("exponential", 1.0, 691.0, 1, False), ("softmax", 1.0, 1e9, 10, True))]  # fmt: skip
    made = [partial(TrainedDAM, *a) for a in ((1, 0, 1, 2), (0, 2, 1, 2), (1, 1, 1, 2), (1, 2, 0, 2), (1, 2, 1, 1))]
    made += [partial(network, **{k: v}) for k, v in (("seed", -1), ("seed", 2**63 - 1), ("seed", 2**63), ("dtype", "float16"), ("initialisation", "what"), ("temperature", 0), ("temperature", 1e-13), ("temperature", 1e-9))]
    plans = [partial(Training, **{k: v}) for k, v in (("epochs", 0), ("epochs", 10**6), ("epochs", 10**6 + 1), ("batch", 0), ("batch", 10**9 + 1), ("exponent", 100), ("exponent", 101), ("rate", 0), ("rate", 1e12), ("rate", 1.1e12),
             ("decay", 1), ("decay", 1.01), ("decay", 0), ("momentum", 0), ("momentum", 0.999), ("momentum", 1.0), ("momentum", -0.1), ("ramp", 0), ("ramp", 1), ("normalisation", "x"), ("temperatures", (1,)), ("temperatures", (1, 0)),
             ("temperatures", [1, 2]), ("temperatures", 3))]  # fmt: skip
    parameters = [partial(method, n, **{k: v}) for n, k, v in (("rehearsal", "fraction", 0), ("rehearsal", "fraction", 1), ("rehearsal", "fraction", 1.01), ("gem", "margin", 0), ("gem", "margin", -0.1), ("si", "damping", 0), ("si", "strength", -1),
                  ("l2", "strength", 0), ("palimpsest", "decay", 0), ("palimpsest", "decay", -0.1), ("dreaming", "time", 0), ("dreaming", "time", -0.1), ("pseudorehearsal", "count", 0), ("pseudorehearsal", "count", 1),
                  ("pseudorehearsal", "probes", "x"), ("vanilla", "x", 1), ("what", "x", 1))]  # fmt: skip
    checks = [partial(checked_number, "a", v, 0, 2) for v in (0, 2, 2.0001, -0.0001, True, "1", np.inf, np.nan)] + [partial(checked_number, "a", v) for v in (1e12, 1.01e12, -1e12, -1.01e12)]
    checks += [partial(checked_number, "a", v, 0, strict=True) for v in (0, 1e-300, 1e13)] + [partial(checked_count, "a", v, 2, 9) for v in (1, 2, 9, 10, 2.0, True, np.int64(3))]
    checks += [partial(checked_name, "a", v, "bc") for v in ("b", "d", 3)]
    bad = x.copy()
    bad[2, 1] = np.nan
    pixels = [partial(checked_pixels, "a", v, n) for v, n in ((x, 10), (x, 9), (x[0], 10), (x[:0], 10), (1.0001 * x, 10), (bad, 10), (x.astype(str), 10), (x, None))]
    labels = [partial(checked_labels, "a", v, 24, 3) for v in (y, y[:5], y + 1, y - 1, y.astype(float))]
    sizes = [partial(check_prototypes, *v) for v in ((1, 2, 2, 8, 0.5), (1, 2, 2, 7, 0.5), (0, 2, 2, 8, 0.5), (1, 1, 2, 8, 0.5), (1, 2, 1, 8, 0.5), (1, 2, 2, 8, 0.51))]
    free = TrainedDAM(4, 0, 2, 2, dtype="float64")
    one = np.ones((1, 4))
    calls = [lambda: labelled(net, x, 0 * y), lambda: associated(net, x), lambda: associated(free, 2 * one), lambda: associated(free, one[:, :3]), lambda: associated(free, one, 1.1), lambda: associated(free, one, 1),
             lambda: free.recall(0.5 * one), lambda: free.recall(one, 0), lambda: free.recall(one[:, :3]), lambda: checked_sequence([]), lambda: checked_sequence([task, prototypes(1, 3, 9, 3, 24)[0]]),
             lambda: split(images(), 3, 1), lambda: split(images(), 4, 1), lambda: rotated(images(), 1, 1, 0.0), lambda: rotated(images(), 1, 1, 360.0), lambda: rotated(images(), 1, 1, 361.0),
             lambda: nearest_prototype_accuracy(permuted(images(), 1, 1)[0]), lambda: Task("a", x, y, x, y, 1), lambda: Task("a", x, 0 * y, x, y, 3), lambda: digits(7), lambda: digits(257),
             lambda: train(net, Items(x, y), Training(), hooks=method("vanilla"), checkpoint="x")]  # fmt: skip
    return refused(*kinds, *ranges, *made, *plans, *parameters, *checks, *pixels, *labels, *sizes, *calls)


QUESTIONS: Questions = {
    **{f"network {name}": partial(one_network, name) for name in SETTINGS}, **{f"method {name}": partial(under, name) for name in METHODS},
    "trained": trained, "steps": steps, "parts": parts, "sequences": sequences, "measures": measures, "experiments": experiments, "pictured": pictured, "tabulated": tabulated,
    "configured": configured, "configs refused": configs_refused, "refusals": refusals, "kinds": lambda: KINDS,
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_learning_answers_as_the_table_says(name):
    check(RECORD, name, QUESTIONS[name])


if __name__ == "__main__":
    written(RECORD, QUESTIONS)
