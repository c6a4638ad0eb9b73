"""The golden record: what ``solve`` and ``boundary`` answer, verdicts included, for every model, line, ansatz and convention.

``record.jsonl`` beside this script holds one line for each question: what was asked, and the whole document that was
answered. It was written by

    python tests/golden/record.py [--jobs 2] [--only TEXT]

and ``tests/golden/test_golden.py`` asks the questions again. Loads, temperatures and rates of lines agree to 1e-10, all
other numbers to 1e-10 or ten times their printed error, those of folds to 1e-6 (a fold's load is known far better than its
overlap), verdicts exactly.

Record again only when an answer changes for a reason, with ``--only`` and a text that the questions share; the others stay
as they are. ``git diff`` then shows each changed answer on a line of its own, and **the commit says why it changed**. Wall
times and versions do not belong here.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from scipy.optimize import minimize_scalar
from scipy.special import erf

import dammech as dm
from dammech.errors import InputError

RECORD = Path(__file__).with_name("record.jsonl")

_HEBBIAN = [
    *({"name": "hebbian", "order": p, "interaction": kind} for kind in ("distinct", "power") for p in (2, 3, 4, 5)),
    *({"name": "hebbian", "order": p, "interaction": "rectified"} for p in (3, 4, 5)),
    *({"name": "hebbian", "interaction": text} for text in ("y**3 + y", "y**4 + 2*y**3 - y", "y**5 - y**2")),
]
_PURE = [{"name": "pspin", "order": p} for p in (2, 3, 4)]
_CONVENTIONS = {2: ("ags", "gardner", "salento"), 3: ("theriault-tantari", "gardner", "salento", "raw")}
_KERNELS = ("exponential", "power-law", "compressed-exponential", "hard-buffer", "clipped")
_RS_LINES = ("retrieval-spinodal", "thermodynamic", "spin-glass", "at", "zero-entropy", "nishimori")
_GLASS_LINES = ("dynamic", "static", "gardner")
_OWN = {
    "random-field": ("m**2/2 - T*E(log2cosh((m + s*z)/T))", ["m"], ["T", "s"], None),
    "magnet": ("m**2/2 - T*log2cosh((m + h)/T)", ["m"], ["T", "h"], None),
    "ferromagnetic-glass": (
        "J0*m**2/2 - (1-q)**2/(4*T) - T*E(log2cosh((J0*m + sqrt(q)*z)/T))", ["m", "q"], ["T", "J0"],
        "1 - E(sech((J0*m + sqrt(q)*z)/T)**4)/T**2",
    ),
}


# -- what is asked ----------------------------------------------------------------------------------------------------


def questions() -> list[dict[str, Any]]:
    """Every question of the record, in its order."""
    return [*_symmetric(), *_broken(), *_streams(), *_lines(), *_broken_lines(), *_stream_lines(), *_given()]


def _order(model: dict[str, Any]) -> int:
    return int(model.get("order") or re.findall(r"y\*\*(\d)", model["interaction"])[0])


def _capacity(model: dict[str, Any]) -> float:
    """About the largest load of retrieval at T = 0 (replica-symmetric, without reaction for p = 2), rounded."""
    made = make(model)
    p, strength = made.p, float(made.noise_strength)
    if p == 2:
        return 0.137905
    best = minimize_scalar(lambda x: -(erf(x) ** (2 * p - 2)) / x**2, bounds=(0.3, 4), method="bounded")
    return float(f"{-best.fun / (2 * strength):.6g}")


def _times(scale: float, *factors: float) -> list[float]:
    return [float(f"{scale * x:.7g}") for x in factors]


def _symmetric() -> Iterator[dict[str, Any]]:
    for model in _HEBBIAN:
        load = _capacity(model)
        loads = [0.0, *_times(load, 1e-3, 0.3, 0.95, 0.9999, 1.02, 1.4)]
        yield {"call": "solve", "model": model, "load": loads, "temperature": [0.0, 1.5e-4, 0.1, 0.4]}
        yield {"call": "solve", "model": model, "load": loads[1:4], "temperature": [5e-6, 1.3]}
        for branch in ("spin-glass", "paramagnetic"):
            yield {"call": "solve", "model": model, "branch": branch, "load": [0.0, *_times(load, 1e-3, 0.7, 3, 30)],
                   "temperature": [0.0, 2e-3, 0.1, 0.5, 1.1]}
        if _order(model) == 2:
            for branch in ("mixture-3", "mixture-5"):
                yield {"call": "solve", "model": model, "branch": branch, "load": [0.0, 0.002, 0.02, 0.04],
                       "temperature": [0.0, 0.01, 0.2, 0.45]}
        for convention in _CONVENTIONS[min(3, _order(model))]:
            units = make(model).convention(convention)
            yield {"call": "solve", "model": model, "convention": convention,
                   "load": _times(load / units.load, 0.3), "temperature": _times(1 / units.temperature, 0, 0.05)}
    for model in _PURE:
        for branch in ("glass", "paramagnetic"):
            yield {"call": "solve", "model": model, "branch": branch,
                   "temperature": [0.0, 2e-4, 0.05, 0.3, 0.6, 0.68, 0.999, 1.001, 2.0]}


def _broken() -> Iterator[dict[str, Any]]:
    for model in _PURE:
        for T in (0.0, 2e-3, 0.05, 0.2, 0.24, 0.3, 0.5, 0.6, 0.64, 0.6481, 0.6507, 0.6513, 0.6515, 0.67, 0.69, 1.2):
            yield {"call": "solve", "model": model, "ansatz": "1rsb", "temperature": T}
        yield {"call": "solve", "model": model, "ansatz": "1rsb", "branch": "paramagnetic", "temperature": [0.3, 0.66]}
        yield {"call": "solve", "model": model, "ansatz": "2rsb", "temperature": [0.0, 0.15]}
    for model in _HEBBIAN:
        order, kind = _order(model), model["interaction"]
        if order > 4 or (kind in ("power", "rectified") and order == 4):
            continue
        load = _capacity(model)
        full = kind == "distinct"
        for branch in ("retrieval", "spin-glass"):
            for factor in (0.3, 0.95, 1.1, 1.3) if full else (0.95, 1.1):
                for T in (0.0, 2e-3, 0.05, 0.3) if full else (0.0, 0.05):
                    yield {"call": "solve", "model": model, "ansatz": "1rsb", "branch": branch,
                           "load": _times(load, factor)[0], "temperature": T}
        if full:
            yield {"call": "solve", "model": model, "ansatz": "1rsb", "branch": "paramagnetic",
                   "load": _times(load, 0.5), "temperature": [0.3, 1.5]}
    hopfield, cubic = _HEBBIAN[0], _HEBBIAN[1]
    yield {"call": "solve", "model": hopfield, "ansatz": "2rsb", "load": 0.138, "temperature": [0.0, 0.005]}
    yield {"call": "solve", "model": cubic, "ansatz": "2rsb", "load": 0.15, "temperature": [0.0, 0.05]}
    yield {"call": "solve", "model": cubic, "ansatz": "1rsb", "branch": "spin-glass", "convention": "theriault-tantari",
           "load": 1.0, "temperature": [0.5, 0.9, 0.92, 0.921, 0.93]}
    for convention in _CONVENTIONS[3]:
        units = make(cubic).convention(convention)
        yield {"call": "solve", "model": cubic, "ansatz": "1rsb", "convention": convention,
               "load": _times(0.14 / units.load, 1)[0], "temperature": _times(1 / units.temperature, 0.06)[0]}


def _streams() -> Iterator[dict[str, Any]]:
    for order, interaction in ((2, "distinct"), (3, "distinct"), (3, "power"), (4, "distinct")):
        for kernel in _KERNELS:
            model = {"name": "palimpsest", "order": order, "interaction": interaction, "kernel": kernel}
            rates = {2: (7.0, 9.0), 3: (6.0, 12.0), 4: (20.0, 60.0)}[order]
            yield {"call": "solve", "model": model, "rate": list(rates), "age": [0.0, *_times(1 / rates[1], 0.1, 0.5, 3)],
                   "temperature": [0.0, 0.03, 0.2]}
            if order == 3:
                yield {"call": "solve", "model": model, "rate": 5.0, "load": [0.05, 0.2], "age": [0.0, 0.04],
                       "temperature": [0.0, 0.1]}
        rehearsed = {"name": "palimpsest", "order": order, "interaction": interaction, "kernel": "rehearsal", "exponent": 1.5}
        yield {"call": "solve", "model": rehearsed, "load": [0.002, 0.02], "temperature": [0.0, 0.1]}
    cubic = {"name": "palimpsest", "order": 3, "interaction": "distinct", "kernel": "exponential"}
    yield {"call": "solve", "model": cubic, "ansatz": "1rsb", "rate": 4.5, "age": 0.02, "temperature": [0.0, 0.1]}
    for convention in _CONVENTIONS[3]:
        yield {"call": "solve", "model": cubic, "convention": convention, "rate": 2.0, "age": 0.02, "temperature": [0.0, 0.2]}


def _lines() -> Iterator[dict[str, Any]]:
    for model in _HEBBIAN:
        load = _capacity(model)
        for line in _RS_LINES:
            yield {"call": "boundary", "model": model, "line": line,
                   "temperatures": [0.0, 1.5e-4, 2e-3, 0.05, 0.2, 0.5, 0.8, 1.5]}
            yield {"call": "boundary", "model": model, "line": line, "loads": _times(load, 1e-3, 0.3, 0.9, 1.0003, 1.05, 4)}
        yield {"call": "boundary", "model": model, "line": "retrieval-spinodal", "points": 6}
        yield {"call": "boundary", "model": model, "line": "zero-entropy", "branch": "retrieval",
               "temperatures": [0.01, 0.1, 0.3]}
        for convention in _CONVENTIONS[min(3, _order(model))]:
            units = make(model).convention(convention)
            for line in ("retrieval-spinodal", "at"):
                yield {"call": "boundary", "model": model, "line": line, "convention": convention,
                       "temperatures": _times(1 / units.temperature, 0, 0.1, 0.3)}


def _broken_lines() -> Iterator[dict[str, Any]]:
    for model in _PURE:
        for line in _GLASS_LINES:
            yield {"call": "boundary", "model": model, "line": line}
    for model in (_HEBBIAN[0], _HEBBIAN[1], _HEBBIAN[2], _HEBBIAN[5]):
        load = _capacity(model)
        yield {"call": "boundary", "model": model, "line": "retrieval-spinodal", "ansatz": "1rsb",
               "temperatures": [0.0, 2e-3, 0.02, 0.1, 0.3]}
        for line in _GLASS_LINES:
            yield {"call": "boundary", "model": model, "line": line, "temperatures": [0.0, 0.1, 0.4],
                   "ansatz": "1rsb"}
            yield {"call": "boundary", "model": model, "line": line, "loads": _times(load, 0.3, 2), "ansatz": "1rsb"}
    for model in _HEBBIAN[:2]:
        load = _capacity(model)
        yield {"call": "boundary", "model": model, "line": "retrieval-spinodal", "ansatz": "1rsb",
               "loads": _times(load, 0.9, 1.001, 1.1)}
        yield {"call": "boundary", "model": model, "line": "thermodynamic", "ansatz": "1rsb",
               "temperatures": [0.0, 0.1, 0.25, 0.5]}
        yield {"call": "boundary", "model": model, "line": "thermodynamic", "ansatz": "1rsb", "loads": _times(load, 0.38, 0.8)}
        yield {"call": "boundary", "model": model, "line": "retrieval-spinodal", "ansatz": "2rsb", "temperatures": 0.0}
    yield {"call": "boundary", "model": _HEBBIAN[1], "line": "retrieval-spinodal", "ansatz": "1rsb",
           "convention": "theriault-tantari", "temperatures": [0.0, 0.1, 0.3]}


def _stream_lines() -> Iterator[dict[str, Any]]:
    for order, interaction in ((2, "distinct"), (3, "distinct"), (3, "power"), (4, "distinct")):
        for kernel in _KERNELS:
            model = {"name": "palimpsest", "order": order, "interaction": interaction, "kernel": kernel}
            ask = {"call": "boundary", "model": model, "temperatures": [0.0, 0.05, 0.2, 0.9]}
            rates = {2: (7.0, 9.0), 3: (6.0, 12.0), 4: (20.0, 60.0)}[order]
            yield {**ask, "line": "blackout"}
            yield {**ask, "line": "optimal-rate"}
            yield {**ask, "line": "window", "rates": list(rates)}
            if order == 3:
                yield {**ask, "line": "window", "rates": 4.0, "loads": [0.1, 0.3]}
                yield {**ask, "line": "blackout-load", "rates": [2.0, 9.0]}
                yield {**ask, "line": "first-pattern", "rates": [2.0, 9.0]}
    cubic = {"name": "palimpsest", "order": 3, "interaction": "distinct", "kernel": "exponential"}
    yield {"call": "boundary", "model": cubic, "line": "blackout", "ansatz": "1rsb", "temperatures": 0.0}
    for convention in _CONVENTIONS[3]:
        yield {"call": "boundary", "model": cubic, "line": "optimal-rate", "convention": convention, "temperatures": 0.0}


def _given() -> Iterator[dict[str, Any]]:
    field, magnet, glass = ({"name": "given", "which": name} for name in _OWN)
    yield {"call": "solve", "model": field, "T": [0.05, 0.3, 0.7], "s": [0.1, 0.5, 1.2]}
    yield {"call": "solve", "model": field, "T": 0.4, "s": 0.3, "start": {"m": 1.0}}
    yield {"call": "solve", "model": magnet, "T": [0.1, 0.5, 0.99, 1.3], "h": [-0.1, 0.0, 0.2]}
    yield {"call": "solve", "model": glass, "T": [0.2, 0.6, 1.2], "J0": [0.0, 0.7, 1.5]}
    yield {"call": "boundary", "model": field, "line": "instability", "T": [0.1, 0.4, 0.8]}
    yield {"call": "boundary", "model": field, "line": "spinodal", "T": [0.1, 0.3]}
    yield {"call": "boundary", "model": magnet, "line": "spinodal", "T": [0.3, 0.6, 0.9]}
    yield {"call": "boundary", "model": magnet, "line": "transition", "T": [0.3, 0.9]}


# -- what is answered -------------------------------------------------------------------------------------------------


def make(model: dict[str, Any]) -> Any:
    """The model, or free energy, that a question names."""
    arguments = {k: v for k, v in model.items() if k != "name"}
    if model["name"] == "given":
        return _own(arguments["which"])
    return {"hebbian": dm.HebbianDAM, "pspin": dm.PSpin, "palimpsest": dm.PalimpsestDAM}[model["name"]](**arguments)


def _own(which: str) -> Any:
    import sympy as sp

    text, unknowns, parameters, replicon = _OWN[which]
    names = {name: sp.Symbol(name) for name in ("m", "q", "z", "T", "s", "h", "J0")}
    words = {**names, "E": lambda e: dm.GaussianAverage(e, names["z"]), "log2cosh": dm.log2cosh}
    made = {"replicon": sp.sympify(replicon, locals=words)} if replicon else {}
    return dm.FreeEnergy(
        sp.sympify(text, locals=words), order_parameters=[names[x] for x in unknowns],
        parameters=[names[x] for x in parameters], **made,
    )


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The document that is answered, as it is printed; the name of the exception where the question is refused."""
    arguments = {k: v for k, v in question.items() if k not in ("call", "model", "line")}
    try:
        if question["call"] == "solve":
            document = dm.solve(make(question["model"]), throw=False, **arguments).to_json()
        else:
            document = dm.boundary(make(question["model"]), question["line"], **arguments).to_json()
    except InputError:
        return {"raises": "InputError"}
    return json.loads(json.dumps(document))


def key(question: dict[str, Any]) -> str:
    """A question as text, the same for every run."""
    return json.dumps(question, sort_keys=True, separators=(",", ":"))


def read(path: Path = RECORD) -> dict[str, Any]:
    """Recorded answers by question."""
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {key(pair["asked"]): pair["answered"] for pair in pairs}


def points(answered: dict[str, Any]) -> int:
    """How many points of the phase diagram an answer holds."""
    return len(answered.get("points", [None]))


# -- how answers are compared -----------------------------------------------------------------------------------------

_SOLVED = ("load", "temperature", "rate")
_FOLDS = ("retrieval-spinodal", "spinodal", "blackout", "window", "optimal-rate", "blackout-load", "first-pattern")
_NUMBER = re.compile(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?")


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Every entry in which two answers differ by more than their tolerance: where, old, new."""
    fold = old.get("line") in _FOLDS
    found: list[tuple[str, Any, Any]] = []
    _compare("", old, new, 1e-6 if fold else 1e-10, "line" in old, found)
    return found


def _compare(path: str, old: Any, new: Any, tolerance: float, line: bool, found: list[tuple[str, Any, Any]]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        here = max(tolerance, 10 * max(_printed(old), 0.0))
        for name in [*old, *(k for k in new if k not in old)]:
            where = f"{path}.{name}" if path else name
            if name not in old or name not in new:
                found.append((where, old.get(name, "(absent)"), new.get(name, "(absent)")))
                continue
            solved = line and f"{name}_error" in old and old[f"{name}_error"] is not None
            own = 10 * old[f"{name}_error"] if solved and name not in _SOLVED else 0.0
            _compare(where, old[name], new[name], max(1e-10, own) if solved else here, line, found)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for k, (a, b) in enumerate(zip(old, new)):
            _compare(f"{path}[{k}]", a, b, tolerance, line, found)
    elif not _same(old, new, tolerance):
        found.append((path, old, new))


def _printed(record: dict[str, Any]) -> float:
    return max((v for k, v in record.items() if k == "error" and isinstance(v, float)), default=0.0)


def _same(old: Any, new: Any, tolerance: float) -> bool:
    if isinstance(old, bool) or isinstance(new, bool) or old is None or new is None:
        return old is new
    if isinstance(old, int | float) and isinstance(new, int | float):
        return old == new or abs(old - new) <= tolerance * max(1.0, abs(old))
    if isinstance(old, str) and isinstance(new, str):  # sentences: words exactly, numbers in them as they are rounded
        a, b = _NUMBER.findall(old), _NUMBER.findall(new)
        close = all(math.isclose(float(x), float(y), rel_tol=0.02, abs_tol=1e-6) for x, y in zip(a, b))
        return _NUMBER.sub("#", old) == _NUMBER.sub("#", new) and close
    return bool(old == new)


# -- the script -------------------------------------------------------------------------------------------------------


def _timed(question: dict[str, Any]) -> tuple[dict[str, Any], float]:
    begin = time.perf_counter()
    return answer(question), time.perf_counter() - begin


def main() -> int:
    """Ask every question and write the record; say what changed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--only", default="", help="questions that contain this text; the others keep their answers")
    parser.add_argument("--out", type=Path, default=RECORD)
    given = parser.parse_args()
    asked = questions()
    before = read(given.out) if given.out.exists() else {}
    chosen = [q for q in asked if given.only in key(q)]
    answers, changed, seconds = dict(before), 0, 0.0
    with ProcessPoolExecutor(given.jobs) as pool:
        for k, (question, (answered, took)) in enumerate(zip(chosen, pool.map(_timed, chosen)), 1):
            seconds += took
            print(f"{k}/{len(chosen)} {took:.1f} s {key(question)}", file=sys.stderr, flush=True)
            old = before.get(key(question))
            changes = [] if old is None else differences(old, answered)
            for where, was, now in changes:
                print(f"changed: {key(question)}: {where}: {was!r} -> {now!r}")
            changed += bool(changes)
            if old is None or changes:  # within tolerance the old digits stay, so that a diff shows changes only
                answers[key(question)] = answered
    kept = [q for q in asked if key(q) in answers]
    lines = [json.dumps({"answered": answers[key(q)], "asked": q}, sort_keys=True, separators=(",", ":")) for q in kept]
    given.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    count = sum(points(answers[key(q)]) for q in kept)
    print(f"{len(kept)} questions, {count} points, {changed} changed, {seconds:.0f} s of work")
    return 0


if __name__ == "__main__":
    sys.exit(main())
