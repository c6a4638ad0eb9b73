"""Five hundred inputs that nobody should type, from tables: what is asked, and whether it must be refused.

A case is refused (``InputError``, exit status 2) unless it is marked calm: then it may also be answered.
"""

from __future__ import annotations

import json
from typing import Any

LONG = "A" * 10_000
DEEP = "[" * 20_000 + "]" * 20_000
CODE = "__import__('os').system('touch PWNED')"
ESCAPE = "\x1b[31mred\x07"

#: texts that are no number, wherever a number is typed
NO_NUMBER = ["", " ", "abc", "nan", "-inf", "1e999", "0x10", "1_0_0x", "١٢x", "True", "None", LONG, ESCAPE, CODE, "1;2", "--", "1e"]
NO_COUNT = ["", "0.5", "1e3", "-1", "nan", "1" * 5000, "9" * 30, LONG, ESCAPE, "0x10", "two"]


def typed(*words: str, calm: bool = False, files: dict[str, str] | None = None) -> dict[str, Any]:
    name = " ".join(w if len(w) < 60 else f"{w[:25]}…({len(w)})" for w in words)
    return {"name": ascii(name)[1:-1], "typed": list(words), "calm": calm, "files": files or {}}


def code(text: str, calm: bool = False, files: dict[str, str] | None = None) -> dict[str, Any]:
    return {"name": text if len(text) < 120 else f"{text[:110]}…({len(text)})", "code": text, "calm": calm, "files": files or {}}


def command_line() -> list[dict[str, Any]]:
    cases = []
    point = ["--load", "0.05", "--temperature", "0.2"]
    for bad in NO_NUMBER:
        cases += [
            typed("solve", "hebbian", "--order", "2", "--load", bad, "--temperature", "0.2"),
            typed("solve", "hebbian", "--order", "2", "--load", "0.1", f"--temperature={bad}"),
            typed("boundary", "hebbian", "at", "--order", "2", f"--temperature={bad}"),
            typed("solve", "palimpsest", "--order", "2", "--temperature", "0", "--rate", bad),
            typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", f"--overlap={bad}"),
            typed("hessian", "softmax", f"--beta={bad}"),
        ]
    for bad in NO_COUNT:
        cases += [
            typed("solve", "hebbian", f"--order={bad}", *point),
            typed("derive", "pspin", f"--order={bad}"),
            typed("boundary", "hebbian", "at", "--order", "2", f"--points={bad}"),
            typed("simulate", "hebbian", "--order", "2", *point, f"--size={bad}"),
            typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", f"--trials={bad}"),
            typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--trials", "2", f"--sweeps={bad}"),
            typed("hessian", "softmax", f"--dim={bad}"),
            typed("sequential", "run", "quick", f"--workers={bad}"),
        ]
    for bad in ["", "x", "x.txt", "no/x.csv", LONG + ".csv", ESCAPE, ".", "--json", "x.pdf", "\ud800.xlsx"]:
        cases += [
            typed("solve", "hebbian", "--order", "2", *point, f"--out={bad}"),
            typed("boundary", "hebbian", "at", "--order", "2", "--temperature", "0.01", f"--out={bad}"),
            typed("sequential", "table", "quick", f"--out={bad}"),
        ]
    # sizes of work
    cases += [
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--trials", "999999999999"),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--trials", "100000000"),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32000", "--trials", "1000000"),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--sweeps", "999999999999"),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--sweeps", "9" * 25),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "10000000"),
        typed("simulate", "hebbian", "--order", "2", "--load", "1e30", "--temperature", "0.2", "--size", "32"),
        typed("simulate", "hebbian", "--order", "2", "--load", "1e300", "--temperature", "0.2", "--size", "32"),
        typed("simulate", "hebbian", "--order", "10", "--load", "0.01", "--temperature", "0.2", "--size", "32000"),
        typed("simulate", "hebbian", "--order", "4", "--load", "0.3", "--temperature", "0.2", "--size", "3000"),
        typed("simulate", "hebbian", "--order", "2", "--load", "0:1:100000", "--temperature", "0:1:100000", "--size", "32"),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--seed", "9" * 40, calm=True),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--seed", "-1"),
        typed("solve", "hebbian", "--order", "2", "--load", "0:1:1e9", "--temperature", "0.1"),
        typed("solve", "hebbian", "--order", "2", "--load", "0:1:100000", "--temperature", "0:1:100000"),
        typed("solve", "hebbian", "--order", "2", "--load", "0:1:" + "9" * 5000, "--temperature", "0.1"),
        typed("solve", "hebbian", "--order", "2", "--load", ",".join(["0.1"] * 200_000), "--temperature", "0.1"),
        typed("solve", "hebbian", "--order", "1000000000", *point),
        typed("solve", "hebbian", "--order", "300", "--interaction", "power", *point),
        typed("derive", "hebbian", "--order", "300"),
        typed("derive", "hebbian", "--order", "1000000"),
        typed("boundary", "hebbian", "at", "--order", "2", "--points", "999999999999"),
        typed("boundary", "hebbian", "at", "--order", "2", "--temperature", "0:1:1e9"),
        typed("boundary", "hebbian", "at", "--order", "1000000000", "--temperature", "0.1"),
        typed("phase-diagram", "hebbian", "--order", "1000000000", "--out", "a.pdf"),
        typed("solve", "palimpsest", "--order", "2", "--temperature", "0", "--rate", "1e-300", calm=True),
        typed("solve", "palimpsest", "--order", "2", "--temperature", "0", "--rate", "1e-300", "--age", "1e300", calm=True),
        typed("solve", "palimpsest", "--order", "2", "--kernel", "rehearsal", "--exponent", "1", "--temperature", "0", "--rate", "1e-300", calm=True),
        typed("boundary", "palimpsest", "window", "--order", "2", "--rate", "1e-300", calm=True),
        typed("solve", "palimpsest", "--order", "2", "--kernel", "power-law", "--exponent", "1e300", "--temperature", "0", "--rate", "1", calm=True),
        typed("hessian", "softmax", "--dim", "999999999"),
        typed("hessian", "x1**2*x999999999"),
        typed("hessian", "relu:999999999"),
        typed("hessian", "x**99999999"),
        typed("hessian", "((x**99)**99)**99"),
        typed("hessian", "S(x)**9999"),
        typed("hessian", "1e400*S(x)"),
        typed("hessian", "2**(2**(2**(2**(2**2))))*x**2"),
        typed("sequential", "run", "quick", "--workers", "999999999"),
    ]
    # names
    for bad in ["", " ", LONG, ESCAPE, CODE, "hebbian\n", "ｈebbian", "../../etc/passwd", "\ud800x", "%s%n"]:
        cases += [
            typed(bad), typed("solve", bad), typed("derive", bad), typed("check", bad), typed("validate", bad),
            typed("cite", bad), typed("figure", bad, "--out", "."), typed("models", "--family", bad),
            typed("boundary", "hebbian", bad, "--order", "2"),
            typed("solve", "hebbian", "--order", "2", *point, "--branch", bad),
            typed("solve", "hebbian", "--order", "2", *point, "--ansatz", bad),
            typed("solve", "hebbian", "--order", "2", *point, "--convention", bad),
            typed("phase-diagram", "hebbian", "--order", "2", "--ansatz", bad, "--out", "a.pdf"),
            typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--dynamics", bad),
            typed("fixed-points", bad), typed("sequential", "run", bad), typed("sequential", "table", bad),
            typed("phase-diagram", "hebbian", "--order", "2", "--out", bad),
            typed("simulate", "hebbian", "--order", "2", *point, "--size", "1", "--store", bad),
            typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--store", f"no{bad}/none"),
            typed("figure", "ags", "--out", bad + "/none"),
        ]  # fmt: skip
    # interactions and Lagrangians
    for bad in ["", "y", "y**2", "1/y", "y**3+", "y**3+1e308*y", "y**3+1e400*y", "y**1000000000", "(y+1)**64", "((y**64)**64)**64",
                "y**3+z", "sin(y)", "Abs(y)**3", "y**3.5", "y**(3+I)", "I*y**3", "y**3+nan*y", "y**3+oo*y", "2*y**3", "y**-3",
                CODE, f"y**3+{CODE}", "y.__class__", "lambda y: y", "[y]", "y**3;y", "(" * 3000 + "y" + ")" * 3000, LONG,
                "y**3+" + "1" * 5000 + "*y", "y**9**9**9", "exec('1')**3", "y**3 if 1 else 2", "y**3+0.1*y**True", "ｙ**3"]:  # fmt: skip
        cases.append(typed("solve", "hebbian", f"--interaction={bad}", *point, calm=bad in ("ｙ**3", "y**3+1e308*y", "(y+1)**64")))
    for bad in ["", "x", "1", "S(", "S()", "S(x,x)", "polylog(2,x)", "lambertw(x)", "zeta(x)", "gamma(x)", CODE, f"x**2+{CODE}", "x.__class__",
                "x1+x0", "x-1", "1/x", "log(x)", "sqrt(x)", "floor(x)", "Abs(x)", "I*x**2", "nan*x**2", "oo*x", "x**2+z", "S(S(S(x)))",
                "(" * 3000 + "x" + ")" * 3000, LONG, "x**2;1", "lambda x: x", "[x]", "x**x", "exp(exp(exp(exp(x))))", "Piecewise((x,1))",
                "relu:-1", "relu:1e9", "relu:", ":3", "relu:2+", "nope:2", "relu:2+softmax:0", "Sum(x,(x,1,10**9))", "factorial(x)",
                "diff(x**2,x)", "Integral(exp(x**2),x)", "x**10000000001", "sin(x)**400*cos(x)**400", "é", "x=2", "print(x)", "D**2", "S(1)"]:  # fmt: skip
        cases.append(typed("hessian", bad, calm=True))
    # networks
    relu = {"lagrangian": "relu", "size": 2}
    good = {"layers": [relu], "weights": [{"from": 0, "to": 0, "matrix": [[0, 0.5], [0.5, 0]]}]}
    layers = lambda **change: json.dumps({**good, "layers": [{**relu, **change}]})  # noqa: E731
    weights = lambda **change: json.dumps({**good, "weights": [{**good["weights"][0], **change}]})  # noqa: E731
    nets = [
        "", " ", "3", "null", "[]", "{}", '"text"', "{", "nan", "[NaN]", DEEP, "\ufeff{}", "\x00", '{"layers": 3}', '{"layers": []}',
        '{"layers": [3]}', '{"layers": {}}', '{"layers": null}', '{"layers": "relu"}', '{"layers": [null]}', '{"layers": [{}]}',
        '{"layers": [{"lagrangian": "relu", "size": 2}], "layers": []}', '{"a": 1}', json.dumps({**good, "extra": 1}),
        layers(size=0), layers(size=-1), layers(size=1.5), layers(size="2"), layers(size=None), layers(size=True), layers(size=[2]),
        layers(size=10**9), layers(size=10**400), layers(lagrangian=3), layers(lagrangian=None), layers(lagrangian=""),
        layers(lagrangian=["relu"]), layers(lagrangian=LONG), layers(lagrangian=CODE), layers(beta=1), layers(beta=float("nan")),
        layers(lagrangian="softmax", beta=float("nan")), layers(lagrangian="softmax", beta=-1), layers(lagrangian="softmax", beta="1"),
        layers(lagrangian="softmax", beta=None), layers(lagrangian="softmax", beta=1e400), layers(lagrangian="softmax", beta=[1]),
        layers(lagrangian="softmax", beta=True), layers(lagrangian="softmax", beta=10**400), layers(name="x"),
        weights(matrix=None), weights(matrix=3), weights(matrix=[]), weights(matrix=[[]]), weights(matrix=[[0, 1]]), weights(matrix="x"),
        weights(matrix=[[0, float("nan")], [float("nan"), 0]]), weights(matrix=[[0, float("inf")], [float("inf"), 0]]),
        weights(matrix=[[0, 1], [2, 0]]), weights(matrix=[[0, 1], [1]]), weights(matrix=[[0, "a"], ["a", 0]]),
        weights(matrix=[[0, None], [None, 0]]), weights(matrix=[[0, True], [True, 0]]), weights(matrix=[[0, 1e308], [1e308, 0]]),
        weights(matrix=[[0, 10**400], [10**400, 0]]), weights(matrix=[[0, {}], [{}, 0]]),
        weights(**{"from": 1}), weights(**{"from": -1}), weights(**{"from": 0.0}), weights(**{"from": None}), weights(**{"to": "0"}),
        weights(**{"to": True}), weights(stride=0), weights(kernel=[[[1]]], stride=0), weights(kernel=[[[1]]], stride=10**30),
        weights(kernel=3), weights(kernel=[[[1] * 99]]), weights(kernel=[[["a"]]]), json.dumps({**good, "weights": 3}),
        json.dumps({**good, "weights": [3]}), json.dumps({**good, "weights": None}), json.dumps({**good, "weights": good["weights"] * 2}),
        json.dumps({**good, "biases": 3}), json.dumps({**good, "biases": [[1]]}), json.dumps({**good, "biases": [[1, float("nan")]]}),
        json.dumps({**good, "biases": [["a", "b"]]}), json.dumps({**good, "biases": [[1e300, 1]]}), json.dumps({**good, "time_constants": 0}),
        json.dumps({**good, "time_constants": [0]}), json.dumps({**good, "time_constants": [-1]}), json.dumps({**good, "time_constants": ["a"]}),
        json.dumps({**good, "time_constants": [float("nan")]}), json.dumps({**good, "time_constants": [True]}),
        json.dumps({**good, "symmetric": "no"}), json.dumps({**good, "symmetric": 3}), json.dumps({**good, "symmetric": None}),
        json.dumps({"layers": [relu] * 20_000}), json.dumps({"layers": [{**relu, "size": 300}], "weights": [], "biases": [[1.0] * 300]}),
    ]  # fmt: skip
    calm = [layers(lagrangian="softmax", beta=True), nets[-1], json.dumps({**good, "biases": None})]
    for k, text in enumerate(nets):
        case = typed("fixed-points", "net.json", calm=text in calm, files={"net.json": text})
        cases.append({**case, "name": f"net {k}: {text[:80]!r}"})
    ring = [[0.3 * (abs(a - b) == 1) for a in range(300)] for b in range(300)]
    whole = json.dumps({"layers": [{"lagrangian": "relu", "size": 300}], "weights": [{"from": 0, "to": 0, "matrix": ring}],
                        "biases": [[1.0] * 300]})  # fmt: skip
    cases.append({**typed("fixed-points", "net.json", files={"net.json": whole}, calm=True), "name": "net: 300 coupled neurons of relu"})
    cases += [typed("fixed-points", "."), typed("fixed-points", "/dev/zero"), typed("fixed-points", "no\x00thing")]
    # ranges, lists, and what does not belong together
    for bad in ["0:1", "0:1:2:3", "::", "0:1:0", "0:1:-3", "0:1:x", "0:nan:3", "0:inf:3", ",", "0.1,", ",0.1", "0.1,,0.2", "0.1,x", "1:0:1e3",
                "0:1e400:3", "0:1:3.0", "0:1:٣x", "0:1:²"]:  # fmt: skip
        cases += [typed("solve", "hebbian", "--order", "2", "--temperature", "0.1", "--load", bad),
                  typed("boundary", "hebbian", "at", "--order", "2", "--temperature", bad)]  # fmt: skip
    cases += [
        typed("solve", "hebbian", "--order", "2", "--load", "1e300", "--temperature", "1e300", calm=True),
        typed("solve", "hebbian", "--order", "2", "--load", "1e-300", "--temperature", "1e-300", calm=True),
        typed("solve", "hebbian", "--order", "2", "--load", "-0.0", "--temperature", "-0.0", calm=True),
        typed("solve", "pspin", "--order", "3", "--temperature", "1e-320", calm=True),
        typed("solve", "pspin", "--order", "3", "--load", "1", "--temperature", "1"),
        typed("solve", "pspin", "--order", "3", "--temperature", "1", "--rate", "1"),
        typed("boundary", "pspin", "static", "--order", "3", "--load", "1", calm=True),
        typed("boundary", "hebbian", "at", "--order", "2", "--load", "0.1", "--points", "3"),
        typed("boundary", "hebbian", "at", "--order", "2", "--rate", "1"),
        typed("derive", "dead-neurons", "--order", "3"), typed("derive", "hebbian", "--order", "2", "--lagrangian", "relu"),
        typed("derive", "dead-neurons", "--lagrangian", "nope"), typed("derive", "dead-neurons", "--ansatz", "rs"),
        typed("derive", "hebbian", "--order", "2", "--ansatz", "99999rsb"), typed("derive", "hebbian", "--order", "2", "--ansatz", "0rsb"),
        typed("solve", "hebbian", "--order", "2", *point, "--ansatz", "9" * 400 + "rsb"),
        typed("solve", "hebbian", "--order", "2", *point, "--branch", "mixture-99999999"),
        typed("solve", "hebbian", "--order", "2", *point, "--branch", "mixture-4"),
        typed("phase-diagram", "hebbian", "--order", "2", "--out", "no/a.pdf"), typed("phase-diagram", "hebbian", "--order", "2", "--out", "."),
        typed("phase-diagram", "hebbian", "--order", "2", "--out", "a.exe"), typed("validate", "--report", "no/a.html"),
        typed("validate", "nishimori", "all", "no.such.claim"), typed("check", "all", "nope"), typed("cite", "at", "at"),
        typed("simulate", "pspin", "--order", "3", "--temperature", "1", "--size", "32"),
        typed("simulate", "hebbian", "--order", "2", *point, "--size", "32", "--dynamics", "zero-temperature"),
        typed("sequential", "table", "quick", "--metric", LONG), typed("sequential", "table", "quick", "--store", "."),
        typed("sequential", "run", "quick", "--store", "."), typed("sequential", "run", "quick", "--store", "no/x.sqlite"),
        typed("sequential", "run", "quick", "--store", "x", files={"x": "no store at all, but text " * 99}),
        typed("sequential", "run", "."), typed("sequential", "run", "/dev/zero"), typed("sequential", "run", "no\x00thing"),
    ]  # fmt: skip
    return cases


SMALL = {
    "title": '"small"', "seeds": "[1]", "vertices": "[2]",
    "data": '{kind = "prototypes", pixels = 24, classes = 3, items = 60, noise = 0.2}',
    "tasks": '{kind = "prototypes", count = 2}', "network": "{memories = 8}", "training": "{epochs = 1, batch = 16}",
    "methods": "{vanilla = {}}",
}  # fmt: skip


def configuration(**change: str) -> str:
    return "\n".join(f"{key} = {value}" for key, value in {**SMALL, **change}.items() if value is not None)


def configurations() -> list[dict[str, Any]]:
    """Configurations that no store may be made for."""
    wrong = ["3", '"x"', "true", "[]", "{}", "nan", "-inf", "1979-05-27", "[[1]]", "[nan]", '["a"]', "[1, 1]", "9223372036854775808", "-1",
             "[true]", "[1.5]"]  # fmt: skip
    texts = ["\x00", "x", "= 3", "a = ", "[a]\n[a]", "a.b = 1\na = 2", DEEP, f"seeds = {DEEP}", "seeds = [1]\nseeds = [2]", "unknown = 1"]
    for key, allowed in (("seeds", ("[1]",)), ("vertices", ()), ("data", ()), ("tasks", ()), ("network", ("{}",)), ("training", ("{}",)),
                         ("methods", ()), ("search", ("{}",)), ("title", ('"x"',))):  # fmt: skip
        texts += [configuration(**{key: value}) for value in wrong if value not in allowed]
    inner = {
        "data": ("pixels = 24, classes = 3, items = 60, noise = 0.2", 'kind = "prototypes"', ("pixels", "classes", "items")),
        "tasks": ("count = 2", 'kind = "prototypes"', ("count",)),
        "network": ("memories = 8", "", ("memories",)),
        "training": ("epochs = 1", "", ("epochs", "batch", "exponent", "ramp")),
    }
    for section, (rest, kind, counts) in inner.items():
        kept = dict(part.split(" = ") for part in rest.split(", "))
        for name in counts:
            for bad in ["0", "-1", "1.5", "nan", "inf", '"3"', "true", "[2]", "{}", "3000000000", "9223372036854775808", "1" * 4000, "1e300"]:
                words = ", ".join([*filter(None, [kind]), *(f"{k} = {v}" for k, v in {**kept, name: bad}.items())])
                texts.append(configuration(**{section: f"{{{words}}}"}))
    numbers = {"data": ["noise"], "network": ["temperature", "leak"], "training": ["rate", "decay", "momentum"]}
    for section, keys in numbers.items():
        rest, kind, _ = inner[section]
        kept = dict(part.split(" = ") for part in rest.split(", "))
        for name in keys:
            for bad in ["-1", "nan", "inf", '"3"', "true", "[2]", "{}", "1e308", "1" * 4000, "1979-05-27", "[nan]"]:
                words = ", ".join([*filter(None, [kind]), *(f"{k} = {v}" for k, v in {**kept, name: bad}.items())])
                texts.append(configuration(**{section: f"{{{words}}}"}))
    texts += [
        configuration(network=f"{{memories = 8, {more}}}")
        for more in ("interaction = 3", 'interaction = "sin"', 'initialisation = "x"', "initialisation = []", 'dtype = "int8"', "dtype = 3",
                     "temperature = 1e-30", "temperature = 0", "vertex = 3", "seed = 1", "pixels = 3", "leak = 1e300")
    ]  # fmt: skip
    texts += [
        configuration(training=f"{{{more}}}")
        for more in ('normalisation = "x"', "normalisation = 1", "temperatures = 1", "temperatures = [1]", "temperatures = [1, 0]",
                     'temperatures = ["a", "b"]', "temperatures = [1e-30, 1]", "momentum = 1", "unknown = 1", "decay = 0", "rate = 0")
    ]  # fmt: skip
    texts += [
        configuration(methods=more)
        for more in ("{prayer = {}}", "{vanilla = 3}", "{vanilla = []}", "{vanilla = {rate = []}}", "{vanilla = {rate = nan}}",
                     '{vanilla = {rate = "x"}}', "{vanilla = {strength = 1}}", "{ewc = {strength = nan}}", "{ewc = {strength = -1}}",
                     "{ewc = {strength = 1e400}}", '{ewc = {strength = "x"}}', "{ewc = {strength = true}}", "{ewc = {strength = [[1]]}}",
                     "{rehearsal = {fraction = 2}}", "{rehearsal = {fraction = nan}}", "{rehearsal = {fraction = {}}}",
                     "{gem = {fraction = 2}}", "{dreaming = {time = -1}}", "{palimpsest = {rate = 1e308}}", "{si = {strength = -inf}}",
                     "{ewc = {strength = [1, 2]}, vanilla = {}}", "{ewc = {strength = [" + "1.0, " * 100_000 + "2.0]}}")
    ]  # fmt: skip
    texts += [
        configuration(search=more)
        for more in ("{seeds = [1]}", "{seeds = []}", "{seeds = 3}", "{tasks = 0}", "{tasks = nan}", "{base = 3}", "{base = {rate = 1}}",
                     "{base = {rate = []}}", "{base = {rate = [nan]}}", '{base = {rate = ["x"]}}', "{base = {temperature = [0]}}",
                     "{base = {temperature = [1e-30]}}", "{base = {rate = [1e308]}}", "{base = {rate = [-1, 0.1]}}", "{unknown = 1}",
                     "{base = {temperature = [true]}}")
    ]  # fmt: skip
    texts += [
        configuration(data=data, tasks=tasks)
        for data, tasks in (
            ('{kind = "digits"}', '{kind = "prototypes"}'), ('{kind = "digits", side = 10000000}', '{kind = "permuted"}'),
            ('{kind = "digits", side = 3}', '{kind = "permuted"}'), ('{kind = "digits", side = "8"}', '{kind = "permuted"}'),
            ('{kind = "digits"}', '{kind = "split", count = 6}'), ('{kind = "digits"}', '{kind = "rotated", angle = nan}'),
            ('{kind = "digits"}', '{kind = "rotated", angle = "x"}'), ('{kind = "digits"}', '{kind = "rotated", angle = 0}'),
            ('{kind = "fashion"}', '{kind = "permuted"}'), ('{kind = "fashion", path = 3}', '{kind = "permuted"}'),
            ('{kind = "fashion", path = "nowhere"}', '{kind = "permuted"}'), ('{kind = "fashion", path = "."}', '{kind = "permuted"}'),
            ('{kind = 3}', '{kind = "permuted"}'), ('{kind = ["digits"]}', '{kind = "permuted"}'), ('{kind = "digits"}', '{kind = {}}'),
            ("{}", "{}"), ('{kind = "digits", noise = 1}', '{kind = "permuted"}'), ('{kind = "digits"}', '{kind = "permuted", angle = 3}'),
            ('{kind = "prototypes", pixels = 100000, classes = 1000, items = 1000000}', '{kind = "prototypes", count = 100}'),
        )
    ]  # fmt: skip
    texts += [configuration(vertices=f"[{v}]") for v in ("1", "0", "2.5", "1e308", "nan", '"3"', "true", "1000000", "9" * 400)]
    texts += [configuration(seeds="[" + ", ".join(map(str, range(200_000))) + "]"), configuration(seeds=f"[{10**30}]", title=LONG)]
    cases = []
    for k, text in enumerate(texts):
        case = typed("sequential", "run", "c.toml", "--workers", "1", files={"c.toml": text})
        changed = [line for line in text.splitlines() if line not in configuration().splitlines()]
        cases.append({**case, "name": ascii(f"config {k}: {'; '.join(changed)[:90]}")[1:-1]})
    return cases


def interface() -> list[dict[str, Any]]:
    """Calls of the Python interface."""
    cases = []
    odd = ["10**400", "-10**400", "'x'", "b'x'", "None", "True", "nan", "inf", "-inf", "1j", "[]", "{}", "[[1], [1, 2]]", "object()", "Odd()",
           "np.array([])", "np.array(['a'])", "np.array(1j)", "np.array([[0.1, nan]])", "[0.1, None]", "[0.1, 'x']", "(_ for _ in ())",
           "sp.Symbol('a')", "sp.I", "10**5000", "slice(3)", "lambda: 1", "[10**400]", "np.ma.masked", "np.datetime64('2020')", "-1"]  # fmt: skip
    calls = [
        "dm.solve(H2, load={}, temperature=0.1)", "dm.solve(H2, load=0.1, temperature={})", "dm.boundary(H2, 'at', temperatures={})",
        "dm.boundary(H2, 'at', loads={})", "dm.simulate(H2, load={}, temperature=0.1, size=32, trials=2)",
        "dm.simulate(H2, load=0.1, temperature={}, size=32, trials=2)", "dm.solve(magnet, T={}, start={{'m': 1.0}})",
        "dm.solve(S2, rate={}, temperature=0.0)",
    ]  # fmt: skip
    optional = {"rate={}": "None"}
    for call in calls:
        for value in odd:
            if value == "None" and "boundary" in call:
                continue  # the whole line
            fine = any(mark in call and value == v for mark, v in optional.items())
            cases.append(code(call.format(value), calm=fine or value == "np.ma.masked" or (value == "-1" and "magnet" in call)))
    counts = [v for v in odd if v not in ("-1",)] + ["-1", "0.5", "10**30", "np.float64(2.5)", "np.array([2, 3])[:0]"]
    for call in ["dm.HebbianDAM(order={})", "dm.PSpin({})", "dm.simulate(H2, load=0.1, temperature=0.1, size={}, trials=2)",
                 "dm.simulate(H2, load=0.1, temperature=0.1, size=32, trials={})", "dm.Lagrangian('relu', {})",
                 "dm.simulate(H2, load=0.1, temperature=0.1, size=32, trials=2, sweeps={})", "dm.boundary(H2, 'at', points={})",
                 "dm.phase_diagram(P3, points={})", "dm.fixed_points(net, starts={})"]:  # fmt: skip
        none = "sweeps={}" in call or ("points={}" in call and "boundary" in call)
        cases += [code(call.format(v), calm=(none and v == "None") or v == "np.ma.masked") for v in counts]
    names = ["3", "None", "[]", "{}", "b'rs'", "object()", "Odd()", "True", "''", "'x' * 10000", "nan", "('rs',)", "np.array(['rs'])", "['rs', 3]",
             "np.str_('rs ')"]  # fmt: skip
    calls = {
        "dm.solve(H2, load=0.1, temperature=0.1, branch={})": ("None",), "dm.solve(H2, load=0.1, temperature=0.1, ansatz={})": (),
        "dm.solve(H2, load=0.1, temperature=0.1, convention={})": (), "dm.boundary(H2, {})": (), "dm.boundary(magnet, {})": (),
        "dm.boundary(H2, 'at', temperatures=0.1, ansatz={})": ("None",), "dm.boundary(H2, 'at', temperatures=0.1, convention={})": (),
        "dm.phase_diagram(P3, ansatz={})": (), "dm.phase_diagram(H2, convention={})": (), "dm.derive(H2, {})": (), "dm.derive({})": (),
        "dm.check({})": (), "dm.validate({})": (), "dm.validate('all', level={})": (), "dm.validate('hebbian.p3.nishimori', seeds={})": (),
        "dm.cite({})": (), "dm.Lagrangian({}, 3)": (), "dm.HebbianDAM(order=3, interaction={})": (), "dm.HebbianDAM(interaction={})": (),
        "dm.PalimpsestDAM(order=2, kernel={})": (), "dm.simulate(H2, load=0.1, temperature=0.1, size=32, trials=2, dynamics={})": (),
        "dm.simulate(H2, load=0.1, temperature=0.1, size=32, trials=2, convention={})": (), "dm.solve({}, load=0.1, temperature=0.1)": (),
        "dm.boundary({}, 'at')": (), "dm.phase_diagram({})": (), "dm.simulate({}, load=0.1, temperature=0.1, size=32)": (),
        "dm.fixed_points({})": (), "dm.classify({}, [0.0, 0.0])": (), "dm.trajectory({}, [0.0, 0.0])": (), "dm.Network({})": (),
        "dm.Network.from_json({})": (), "dm.trajectory(net, {})": (), "dm.classify(net, {})": (), "dm.trajectory(net, [1.0, 1.0], method={})":
        ("None",), "dm.FreeEnergy({}, [m], [T])": ("3",), "dm.FreeEnergy(m**2, {}, [T])": (), "dm.FreeEnergy(m**2, [m], {})": ("[]", "None"),
        "dm.solve(magnet, T=0.5, start={})": ("None", "{}"), "dm.exact.energies(H2, {})": (), "dm.exact.ground_state(H2, {})": (),
        "dm.learn.method({})": (), "dm.sweep.Store({}, create=False)": (), "dm.learn.config.read_config({})": (),
        "dm.learn.config.config_of({})": ("{}",), "dm.equations.source({})": (), "dm.equations.source(H2, language={})": (),
        "dm.solve(magnet, T=0.5, ansatz={})": (), "dm.solve(magnet, T=0.5, branch={})": ("None",), "dm.solve(magnet, T=0.5, convention={})": (),
        "dm.phase_diagram(magnet, convention={})": (), "dm.FreeEnergy(m**2, [m], [T], equations={})": ("None",),
        "dm.FreeEnergy(m**2, [m], [T], replicon={})": ("3", "None"), "dm.FreeEnergy(m**2, [m], [T], entropy={})": ("3", "None"),
        "dm.FreeEnergy(m**2, [m], [T], domain={})": ("[]",), "dm.FreeEnergy(m**2, [m], [T], observables={})": ("None", "{}"),
        "dm.FreeEnergy(m**2, [m], [T], conditions={})": ("None", "{}"), "dm.FreeEnergy(m**2, [m], [T], definitions={})": ("None", "{}"),
    }  # fmt: skip
    for call, fine in calls.items():
        cases += [code(call.format(v), calm=v in fine) for v in names]
    cases += [
        # 0 and 1 are no spins
        code("dm.exact.energies(H2, np.random.default_rng(1).integers(0, 2, (3, 8)))"),
        code("dm.exact.ground_state(H2, np.zeros((3, 8)))"), code("dm.exact.gibbs(H2, [[0, 1, 1], [1, 0, 1]], 0.5)"),
        code("dm.exact.energies(H2, np.ones((3, 60)))"), code("dm.exact.all_states(60)"), code("dm.exact.all_states(10**9)"),
        code("dm.simulate.Chain(H2, np.random.default_rng(1).integers(0, 2, (3, 8)), np.ones(8), 0.5, 'glauber', np.ones(4, np.uint64))"),
        code("dm.simulate.Chain(H2, np.ones((3, 8)), np.zeros(8), 0.5, 'glauber', np.ones(4, np.uint64))"),
        code("dm.simulate.Chain(H2, np.ones((3, 8)), np.full(8, 0.5), 0.5, 'glauber', np.ones(4, np.uint64))"),
        code("dm.simulate.Chain(H2, np.ones((3, 8)), np.ones(7), 0.5, 'glauber', np.ones(4, np.uint64))"),
        code("dm.simulate.Chain(H2, np.ones((3, 8)), np.ones(8), nan, 'glauber', np.ones(4, np.uint64))"),
        code("dm.simulate.Chain(H2, np.ones((3, 8)), np.ones(8), -1, 'glauber', np.ones(4, np.uint64))"),
        code("dm.simulate.Chain(H2, np.ones((3, 8)), np.ones(8), 0.5, 'glauber', np.zeros(4, np.uint64))"),
        code("dm.learn.associated(dm.learn.TrainedDAM(8, 0, 4, 3), np.zeros((3, 8)))"),
        code("dm.simulate.autocorrelation_time([])", calm=True), code("dm.simulate.autocorrelation_time([nan] * 100)"),
        code("dm.simulate.autocorrelation_time(3)", calm=True), code("dm.simulate.autocorrelation_time('abc')"),
        code("dm.simulate.extrapolate([64], [1], [1])"), code("dm.simulate.extrapolate([64, 64], [1, nan], [1, 1])"),
        code("dm.simulate.jackknife([], np.mean)"), code("dm.simulate.bootstrap([1.0], np.mean, resamples=0)"),
        code("dm.simulate.temper(P3, temperatures=[], size=16, samples=2, sweeps=10)"),
        code("dm.simulate.temper(P3, temperatures=[1, 1], size=16, samples=2, sweeps=10)"),
        code("dm.simulate.temper(P3, temperatures=[0.5, 1], size=10**6, samples=2, sweeps=10)"),
        code("dm.simulate.temper(P3, temperatures=[0.5, 1], size=16, samples=10**12, sweeps=10)"),
        code("dm.simulate.temper(P3, temperatures=[0.5, 1], size=16, samples=2, sweeps=10**12)"),
        code("dm.simulate.anneal(H2, load=0.05, temperatures=[nan], size=32)"), code("dm.simulate.anneal(H2, load=0.05, temperatures=[], size=32)"),
        code("dm.simulate.anneal(H2, load=0.05, temperatures=[1, 0.5], size=32, trials=10**12)"),
        code("dm.simulate.basin(H2, load=0.05, temperature=0.1, size=32, overlaps=[2])"),
        code("dm.simulate.basin(H2, load=0.05, temperature=0.1, size=32, overlaps=[])"),
        code("dm.simulate.one_step_bit_error(H2, load=0.05, size=32, trials=10**12)"),
        code("dm.simulate.retrieval_probability(H2, load=0.05, temperature=0.1, size=32, sweeps=[])"),
        code("dm.simulate.retrieval_probability(H2, load=0.05, temperature=0.1, size=32, sweeps=[10**12])"),
        code("dm.simulate(H2, load=0.1, temperature=0.1, size=32, trials=2, workers=10**12)", calm=True),
        code("dm.simulate(H2, load=0.1, temperature=0.1, size=32, trials=2, seed=10**40)", calm=True),
        code("dm.exact.bit_error(H2, 10**9, 10**9)"), code("dm.exact.bit_error(H2, 32, -1)"), code("dm.exact.bit_error(3, 32, 3)"),
        code("dm.exact.dead_law(10, -1, 0.5)"), code("dm.exact.dead_law(10, 3, nan)"), code("dm.exact.clipped_moments(0, 3)"),
        code("dm.exact.stream_bit_error(H2, 32, [nan, 1.0])"), code("dm.exact.pspin_couplings(P3, 10**6)"),
        code("dm.trajectory(net, [nan, 0.0])"), code("dm.trajectory(net, [1.0, 1.0], until=-1)"), code("dm.trajectory(net, [1.0, 1.0], until=nan)"),
        code("dm.trajectory(net, [1.0])"), code("dm.trajectory(net, [1.0, 1.0], residual=nan)"), code("dm.trajectory(net, [1.0, 1.0], accuracy=0)"),
        code("dm.fixed_points(net, starts=10**12)", calm=True), code("dm.classify(net, [inf, 0])"), code("dm.classify(net, [[1j, 0]])"),
        code("dm.flows.trajectories(net, np.ones((10**7, 3)))"), code("dm.flows.basin(net, [], [])", calm=True),
        code("dm.FreeEnergy(x, [x], [x])"), code("dm.FreeEnergy(m*T*sp.Symbol('w'), [m], [T])"), code("dm.FreeEnergy(m**2, [m, m], [T])"),
        code(f"dm.solve(dm.FreeEnergy(m**2, [m], [T], observables={{{CODE!r}: m}}), T=0.5)", calm=True),
        code("dm.FreeEnergy(m**2, [m], [T], replicon=sp.Symbol('w'))"), code("dm.FreeEnergy(m**2, [m], [T], entropy=sp.zeta(m))"),
        code("dm.FreeEnergy(m**2, [m], [T], equations=[m, m])"), code("dm.FreeEnergy(m**2, [m], [T], observables={3: m})"),
        code("dm.solve(dm.derive(H2, 'rs'), load=0.1, temperature=0.1, ansatz='1rsb')"),
        code("dm.solve.landscape(magnet, load=0.1, temperature=0.1)"), code("dm.solve.landscape(P3, load=0.1, temperature=0.1)"),
        code("dm.solve.branches(magnet, load=0.1, temperature=0.1)"), code("dm.solve.complexity(magnet, 0.1)"),
        code("dm.FreeEnergy(sp.nan, [m], [T])"), code("dm.FreeEnergy(sp.zoo*m, [m], [T])"), code("dm.FreeEnergy(sp.I*m, [m], [T])", calm=True),
        code("dm.GaussianAverage('x', x)", calm=True),
        code("dm.solve(magnet, T=0.5, U=3)"), code("dm.solve(magnet)"), code("dm.solve(magnet, T=0.5, load=0.1)"),
        code("dm.solve(magnet, T=0.5, start={'q': 1.0})"), code("dm.solve(magnet, T=0.5, start={'m': nan})"),
        code("dm.solve(magnet, T=0.5, start={'m': 'x'})"), code("dm.solve(magnet, T=[0.5] * 10**6)"),
        code("dm.solve(H2, load=np.zeros((10, 10)) + 0.1, temperature=0.1)", calm=True), code("dm.boundary(magnet, 'instability', T=0.5)", calm=True),
        code("dm.solve(H2, load=np.linspace(0, 1, 10**6), temperature=np.linspace(0, 1, 10**6))"),
        code("dm.boundary(H2, 'at', temperatures=np.linspace(0, 1, 10**7))"), code("dm.phase_diagram(H2, points=10**12)"),
        code("dm.solve(H2, load=0.1, temperature=0.1, bogus=1)"), code("dm.boundary(H2, 'at', bogus=1)"), code("dm.solve(dm.HebbianDAM(order=4000), load=0.1, temperature=0.1)"),
        code("dm.HebbianDAM(interaction=y**3 + sp.nan*y)"), code("dm.HebbianDAM(interaction=y**3 + sp.I*y)"), code("dm.HebbianDAM(interaction=y**3 + x)"),
        code("dm.HebbianDAM(interaction=sp.Function('f')(y))"), code("dm.HebbianDAM(interaction=y**(10**9))"), code("dm.HebbianDAM(interaction=sp.Poly(y**3 + y, y))", calm=True),
        code("dm.PalimpsestDAM(order=2, exponent='x')"), code("dm.PalimpsestDAM(order=2, kernel='power-law', exponent=nan)"),
        code("dm.PalimpsestDAM(order=2, kernel='power-law', exponent=-1)"), code("dm.PalimpsestDAM(order=2, kernel='rehearsal', exponent=10**400)"),
                code("dm.solve(S2, rate=1.0, temperature=0.0, age=nan)"), code("dm.solve(S2, rate=1.0, temperature=0.0, age=[0.1] * 10**6)"),
        code("dm.phases.task_matrix(S2, tasks=10**9, task_load=0.01, rate=1.0)"), code("dm.phases.task_matrix(S2, tasks=0, task_load=0.01, rate=1.0)"),
        code("dm.phases.staircase(S2, load=nan)"), code("dm.solve.complexity(P3, 'x')"), code("dm.solve.complexity(P3, 0.5, points=10**12)"),
        code("dm.solve.landscape(H2, load=0.05, temperature=0.1, m=[nan])"), code("dm.solve.landscape(H2, load='x', temperature=0.1)"),
        code("dm.solve.branches(H2, load=None, temperature=0.1)"), code("dm.sweep.Store('.')"), code("dm.sweep.Store('no/x.sqlite')"), code("dm.sweep.Store('a\\x00b')"),
        code("dm.learn.TrainedDAM(10**9, 10, 10**9, 3)"), code("dm.learn.TrainedDAM(8, 3, 4, nan)"), code("dm.learn.TrainedDAM(8, 3, 4, 3, temperature=0)"),
        code("dm.learn.Training(rate=nan)"), code("dm.learn.Training(temperatures=3)"), code("dm.learn.Interaction('leaky', 2, 'x')"), code("dm.learn.method('ewc', strength='x')"),
        code("dm.learn.method('rehearsal', fraction=nan)"), code("dm.cite('\\ud800')"), code("dm.plot.figure('ags', 'nowhere')"), code("dm.plot.figure(3, '.')"),
    ]  # fmt: skip
    state, line = "dm.solve(H2, load=0.05, temperature=0.2)", "dm.boundary(H2, 'at', temperatures=[0.01, 0.02])"
    for made in (state, line, "dm.solve(H2, load=[0.05], temperature=[0.2, 0.3])"):
        bad = ["'laod'", "''", repr(LONG), repr(ESCAPE), repr(CODE), "'\\ud800'", "None", "1.5", "nan", "[0]", "{}", "(0, 0, 0.5)", "object()"]
        cases += [code(f"{made}[{key}]") for key in bad]
        paths = ["''", "'x'", "'x.txt'", "'no/x.csv'", "'a\\x00b.csv'", repr(LONG + ".csv"), repr(ESCAPE), "None", "3", "[]", "'.'", "'x.csv/y.csv'"]
        cases += [code(f"{made}.save({path})") for path in paths]
    return cases


def all_cases() -> list[dict[str, Any]]:
    return [*command_line(), *configurations(), *interface()]
