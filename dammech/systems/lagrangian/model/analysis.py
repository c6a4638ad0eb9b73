"""What a Lagrangian does to the energy: rank and null space of its Hessian, dead neurons, flat regions, what g forgets.

SymPy decides; where it cannot, states drawn at random do, and ``decided`` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from dammech.systems.lagrangian.model.cells import Cell
from dammech.systems.lagrangian.model.explicit import ExplicitLagrangian
from dammech.systems.lagrangian.model.symbolic import WEIGHT, D, SymbolicLagrangian, T, X

if TYPE_CHECKING:
    from dammech.systems.lagrangian.model.lagrangian import Lagrangian

#: up to this size the activation and the Hessian are written out
_WRITTEN = 6
_DRAWS = 400


def analysis(block: Lagrangian) -> dict[str, Any]:
    """The document of ``dammech hessian``.

    Parameters
    ----------
    block : Lagrangian

    Returns
    -------
    dict
        ``rank`` is the largest; ``null_space`` is a basis at a state whose neurons are all alive, entries as numbers or as
        text in x1, …, xD; ``dead`` holds the condition for one neuron and the collective directions; ``flat`` the set of
        states with the same activation; ``conserved`` and ``lost`` what g always satisfies and what it forgets.
    """
    form = block.symbolic
    written = min(block.size, _WRITTEN)
    fields = sp.symbols(f"x1:{written + 1}", real=True)
    document: dict[str, Any] = {
        "lagrangian": block.name,
        "dim": block.size,
        "parameters": block.parameters,
        "expression": str(form.expression),
        "separable": block.separable,
        "written_for": written,
        "activation": [str(g) for g in form.activation(fields)],
        "hessian": [[str(e) for e in row] for row in form.hessian(fields).tolist()],
    }
    if isinstance(form, ExplicitLagrangian):
        return document | _sampled(block)
    return document | _derived(block, form)


def convexity(block: Lagrangian) -> tuple[bool, str]:
    """Whether H ≥ 0, and how that is known: symbolically, by a counter-example, or at states drawn at random."""
    form = block.symbolic
    if isinstance(form, SymbolicLagrangian) and not form.minimised:
        if all(map(_not_negative, form.cells)) if form.separable else _definite(form):
            return True, "symbolically"
    values = np.linalg.eigvalsh(block.hessian(_draws(block)))
    if values.min() < -1e-9 * max(1.0, float(values.max())):
        return False, "by a state with a negative eigenvalue"
    return True, f"numerically, at {_DRAWS} random states"


def flat_region(block: Lagrangian) -> dict[str, Any]:
    """The set of states with the activation of a given one that is no isolated point: the ``flat`` of the document alone."""
    form = block.symbolic
    if isinstance(form, ExplicitLagrangian):
        return {"geometry": None, "compact": None, "why": "not decided symbolically"}
    dead = [c for c in form.cells if c.dead]
    return _flat(block, form, dead, form.null_vectors, "x_i - t" if form.minimised else "x_i", convexity(block)[0])


def _derived(block: Lagrangian, form: SymbolicLagrangian) -> dict[str, Any]:
    vectors = form.null_vectors
    dead = [c for c in form.cells if c.dead]
    name = "x_i - t" if form.minimised else "x_i"
    convex, decided = convexity(block)
    always = bool(form.cells) and all(c.dead for c in form.cells)
    rank = 0 if always else block.size - len(vectors)
    singular = [{"where": where, "codimension": codimension} for where, codimension in form.singular_sets(block.size)]
    return {
        "convex": convex,
        "decided": decided,
        "rank": rank,
        "rank_is": "0" if always else _rank_words(block.size, len(vectors), bool(dead)),
        "null_space": np.eye(block.size).tolist() if always else [_entries(v, block.size) for v in vectors],
        "dead": {
            "condition": "always" if always else " or ".join(_interval_words(c, name, strict=True) for c in dead) or None,
            "neuron": [{"interval": [_end(c.low), _end(c.high)], "activation": str(c.activation)} for c in dead],
            "vector": "e_i" if dead else None,
            "collective": [str(v) for v in vectors],
            "why": _why(form, dead, vectors),
        },
        "flat": _flat(block, form, dead, vectors, name, convex),
        "conserved": _conserved(form, vectors),
        "lost": [
            *("x_i" if always else f"depth of {name} within {_interval_words(c, name)}" for c in dead),
            *({"1": "mean of x", "x": "scale of x"}.get(str(v), f"position along u_i = {v}") for v in vectors),
        ],
        "kinks": [
            {"field": at, "below": _finite(left), "above": _finite(right)}
            for at, left, right in block.numbers._jumps  # type: ignore[union-attr]
        ],
        "singular": singular,
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _end(value: sp.Expr) -> float | None:
    return float(value) if value.is_finite else None


def _interval_words(cell: Cell, name: str, strict: bool = False) -> str:
    less = "<" if strict else "<="
    if cell.low == -sp.oo:
        return f"{name} {less} {cell.high}"
    if cell.high == sp.oo:
        return f"{name} {less.replace('<', '>')} {cell.low}"
    return f"{cell.low} {less} {name} {less} {cell.high}"


def _rank_words(size: int, collective: int, dead: bool) -> str:
    if not dead:
        return str(size - collective)
    return "number of alive neurons" + (f" - {collective}" if collective else "")


def _why(form: SymbolicLagrangian, dead: list[Cell], vectors: list[sp.Expr]) -> str | None:
    if dead or vectors:
        return None
    slopes = [c.slope for c in form.cells]
    numbers = {**form.values, T: sp.Integer(0)}
    outer = ((-sp.oo, slopes[0]), (sp.oo, slopes[-1])) if slopes else ()
    fading = [end for end, slope in outer if sp.limit(slope.xreplace(numbers), X, end) == 0]
    if fading:
        ends = " and ".join(f"x_i -> {e}" for e in fading)
        return f"no neuron is ever dead: the slope vanishes only asymptotically, {ends}"
    return "no neuron is ever dead"


def _entries(vector: sp.Expr, size: int) -> list[float | str]:
    """A null vector in components, scaled to integers where it is constant."""
    if not vector.free_symbols:
        return [float(vector)] * size
    return [str(vector.xreplace({X: sp.Symbol(f"x{i + 1}", real=True)})) for i in range(size)]


def _flat(
    block: Lagrangian, form: SymbolicLagrangian, dead: list[Cell], vectors: list[sp.Expr], name: str, convex: bool
) -> dict[str, Any]:
    """The set of states with the activation of a given one."""
    if form.cells and all(c.dead for c in form.cells):
        return {"geometry": "the whole space", "dimension": block.size, "dimension_is": "D", "compact": False,
                "convex": True, "cone": False, "verified": None}  # fmt: skip
    names = [str(v) for v in vectors]
    cone = any(where for where, _ in form.singular_sets(block.size))
    words = {
        (): "", ("1",): "the line x + s (1, ..., 1), s real", ("x",): "the ray a x, a > 0",
        ("1", "x"): "the half-plane a (x - mean) + s (1, ..., 1), a > 0, s real",
    }  # fmt: skip
    geometry = words.get(tuple(names), f"the surface through x along u_i = {', '.join(names)}")
    intervals = [f"the interval {_interval_words(c, name)} of every neuron in it" for c in dead]
    if intervals:
        product = "product of " + " or ".join(intervals)
        geometry = f"{geometry}, and the {product}" if geometry else product
    one_sided = any(c.low == -sp.oo or c.high == sp.oo for c in dead)
    return {
        "geometry": geometry or ("the point x alone" if convex else "isolated points: g is not one-to-one"),
        "dimension": len(vectors),
        "dimension_is": f"{len(vectors)} + number of dead neurons" if dead and vectors else
                        "number of dead neurons" if dead else str(len(vectors)),
        "compact": not (vectors or one_sided),
        "convex": True if convex else None,
        "cone": cone and "x" in names,
        "verified": _fibre_verified(block, form, vectors),
    }  # fmt: skip


def _fibre_verified(block: Lagrangian, form: SymbolicLagrangian, vectors: list[sp.Expr]) -> str | None:
    """How it is known that g is constant along the collective directions: at finite distances, not only to first order."""
    if not vectors or any(v not in (1, X) for v in vectors):
        return None
    size = min(block.size, 3)
    fields = sp.symbols(f"x1:{size + 1}", real=True)
    scale, shift = sp.Symbol("a", positive=True), sp.Symbol("s", real=True)
    moved = {v: (scale * v if X in vectors else v) + (shift if sp.Integer(1) in vectors else 0) for v in fields}
    if not form.minimised:
        activation = form.activation(fields)
        if all(sp.simplify(g.subs(moved, simultaneous=True) - g) == 0 for g in activation):
            return "symbolically"
    x = _draws(block)
    a = np.abs(x[..., :1]) + 0.5 if X in vectors else 1.0
    s = x[..., -1:] if sp.Integer(1) in vectors else 0.0
    difference = np.abs(block.activation(a * x + s) - block.activation(x)).max()
    return "numerically" if difference < 1e-10 else None


def _conserved(form: SymbolicLagrangian, vectors: list[sp.Expr]) -> list[str]:
    """Sums of g and of its square that have the same value at every state."""
    if not vectors:
        return []
    if form.minimised:
        constant, summand, _, _ = form.tilt
        slope = sp.diff(form.rewritten(lambda e: e).totals[0].summand, X)
        total = sp.simplify(constant) if sp.simplify(slope + sp.diff(form.totals[0].summand, T)) == 0 else None
        return [f"sum of g = {total}"] if total is not None else []
    slopes = [sp.diff(form.outer, c.symbol) * c.slope for c in form.totals]
    activation = sp.Add(*slopes)
    found = []
    for words, summand in (("sum of g", activation), ("sum of g^2", activation**2)):
        total = sp.simplify(form._summed(summand))
        symbols = total.free_symbols - {D} - set(form.parameters)
        if not symbols and X not in total.free_symbols and WEIGHT not in total.free_symbols:
            found.append(f"{words} = {sp.factor(total)}")
    return found


def _not_negative(cell: Cell) -> bool:
    p = sp.Symbol("p", positive=True)
    if cell.low == -sp.oo:
        field = sp.Symbol("r", real=True) if cell.high == sp.oo else cell.high - p
    else:
        field = cell.low + p
    return bool(sp.simplify(cell.slope.xreplace({X: field})).is_nonnegative)


def _definite(form: SymbolicLagrangian) -> bool:
    """Whether d ≥ 0 and the k × k matrix 1 + C G has no negative eigenvalue: then neither has H.

    What stands under a root is positive where L is real.
    """
    known: dict[sp.Expr, sp.Expr] = {
        c.symbol: sp.Dummy(positive=True) for c in form.totals if not c.logarithmic and c.summand.is_nonnegative
    }
    for power in form.outer.atoms(sp.Pow):
        linear = [c.symbol for c in form.totals if sp.diff(power.base, c.symbol, 2) == 0 and power.base.has(c.symbol)]
        if not power.exp.is_integer and len(form.totals) > 1 and linear:
            known[linear[-1]] = sp.solve(power.base - sp.Dummy(positive=True), linear[-1])[0]
    signs = [form.curvature.diagonal, *form.decided.eigenvals()]
    return all(sp.simplify(e.xreplace(known)).is_nonnegative for e in signs)


def _draws(block: Lagrangian) -> np.ndarray:
    rng = np.random.default_rng(np.random.SeedSequence([block.size, _DRAWS]))
    return rng.normal(size=(_DRAWS, block.size)) * rng.choice([0.3, 1.0, 3.0], size=(_DRAWS, 1))


def _sampled(block: Lagrangian) -> dict[str, Any]:
    """Rank and null space of a Lagrangian of unknown structure: symbolically where SymPy can, else at random states."""
    form = block.symbolic
    fields = form.fields  # type: ignore[union-attr]
    H = form.hessian(fields)
    constant: list[list[Any]] = []
    decided = "numerically, at random states"
    if not H.has(sp.Piecewise):
        try:
            null = [v.applyfunc(sp.simplify) for v in H.nullspace(simplify=True)]
            constant, decided = [[_number(e) for e in v] for v in null], "symbolically"
        except (NotImplementedError, ValueError, RecursionError):
            pass
    values = np.linalg.eigvalsh(block.hessian(_draws(block)))
    scale = np.abs(values).max(-1, keepdims=True)
    ranks = (np.abs(values) > 1e-10 * np.maximum(scale, 1e-300)).sum(-1)
    rank = int(ranks.max()) if decided != "symbolically" else block.size - len(constant)
    return {
        "convex": convexity(block)[0],
        "decided": decided,
        "rank": rank,
        "rank_is": str(rank) if ranks.min() == ranks.max() == rank else
                   f"between {ranks.min()} and {ranks.max()} at {_DRAWS} random states",
        "null_space": constant,
        "dead": {"condition": None, "neuron": [], "collective": [str(v) for v in constant],
                 "why": "SymPy was not asked to take L apart; a state's own null space is numerical"},
        "flat": {"geometry": None, "dimension": block.size - rank, "compact": None, "convex": None,
                 "why": "not decided symbolically"},
        "conserved": [],
        "lost": [],
        "kinks": [],
        "singular": [],
    }  # fmt: skip


def _number(e: sp.Expr) -> float | str:
    return float(e) if e.is_number else str(e)
