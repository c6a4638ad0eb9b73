"""Mutation: every node of every step is changed in generic ways, and a check that does not notice is a failure.

The operators know nothing of any derivation. What survives is either proven to say the same as the original, by a named
symmetry, or listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from dammech.derive.averages import Average, Bound, normal
from dammech.derive.plane import PlaneAverage, log_i0, phase_mean
from dammech.derive.steps import Proof, Step
from dammech.derive.tilted import TiltedAverage


@dataclass
class Mutation:
    """Outcome of changing every node: counts, and the mutants that no check noticed.

    Attributes
    ----------
    mutants, caught : int
    equivalent, survived : list of dict
        ``{derivation, step, equation, mutation, reason}``; a survivor has no reason.
    """

    mutants: int = 0
    caught: int = 0
    equivalent: list[dict[str, Any]] = field(default_factory=list)
    survived: list[dict[str, Any]] = field(default_factory=list)


def mutate(derivation: Proof) -> Mutation:
    """Try every mutant of every step of a derivation against the step's check."""
    outcome = Mutation()
    for step in derivation.steps:
        for k, original in enumerate(step.expressions):
            for mutant, what in mutants(original, _symbols(step)):
                outcome.mutants += 1
                if not step.accepts(k, mutant):
                    outcome.caught += 1
                    continue
                reason = proof_of_equivalence(original, mutant)
                record = {
                    "derivation": derivation.name, "step": step.title, "equation": step.left[k], "mutation": what,
                    "reason": reason,
                }
                (outcome.survived if reason is None else outcome.equivalent).append(record)
    return outcome


def mutants(expression: sp.Expr, symbols: tuple[sp.Symbol, ...] = ()) -> Iterator[tuple[sp.Expr, str]]:
    """All different expressions that one change at one node makes, each with a description.

    Changes: sign, coefficient (times two; a number plus one), exponent (plus one; a bare node squared), dropped (a
    term, a factor, a function, an average, a weight, an exponent), and a symbol swapped for another. Mutants equal to the
    original are left out.
    """
    seen = {expression}
    for path, node, bound in _nodes(expression):
        for change, kind in _changes(node, path, expression, (*symbols, *bound)):
            mutant = _replaced(expression, path, change)
            if mutant not in seen:
                seen.add(mutant)
                yield mutant, f"{kind} of {_short(node)} at {'.'.join(map(str, path)) or 'the root'}"


def proof_of_equivalence(original: sp.Expr, mutant: sp.Expr) -> str | None:
    """The symmetry by which two expressions have equal values everywhere, or None where none is found."""
    if _vanishes(original - mutant):
        return "algebraic identity"
    if _vanishes(_mirrored(original) - _mirrored(mutant)):
        return "z → −z under a Gaussian average"
    if _vanishes(_turned(original) - _turned(mutant)):
        return "h → −h under an average over the plane; log I₀ is even and its derivative odd"
    if _vanishes(normal(original) - normal(mutant)):
        return "linearity, Stein's lemma and the table of averages"
    if _vanishes(_mirrored(_unscaled(original)) - _mirrored(_unscaled(mutant))):
        return "sign(c x) = sign(c) sign(x)"
    return None


def _symbols(step: Step) -> tuple[sp.Symbol, ...]:
    found = {s for e in step.expressions for s in e.free_symbols}
    return tuple(sorted(found, key=sp.default_sort_key))


def _nodes(
    e: sp.Expr, path: tuple[int, ...] = (), bound: tuple[Bound, ...] = ()
) -> Iterator[tuple[tuple[int, ...], sp.Expr, tuple[Bound, ...]]]:
    """Every node with its place and the variables that are bound there."""
    yield path, e, bound
    if isinstance(e, Average):
        for k, part in enumerate(e.args):
            if k != 1:  # the bound variable is no node of its own
                yield from _nodes(part, (*path, k), bound if k in e.outside else (*bound, e.variable))
    else:
        for k, a in enumerate(e.args):
            yield from _nodes(a, (*path, k), bound)


def _changes(
    node: sp.Expr, path: tuple[int, ...], expression: sp.Expr, symbols: tuple[sp.Symbol, ...]
) -> Iterator[tuple[sp.Expr, str]]:
    yield -node, "sign"
    yield (node + 1 if node.is_Number else 2 * node), "coefficient"
    yield (sp.Pow(node.base, node.exp + 1) if node.is_Pow else node**2), "exponent"
    if node.is_Pow:
        yield node.base, "dropped exponent"
    if isinstance(node, Average):
        yield node.integrand.xreplace({node.variable: sp.Integer(0)}), "dropped average"
    elif isinstance(node, sp.Function | sp.exp):
        yield node.args[0], "dropped function"
    if path:
        parent = expression
        for k in path[:-1]:
            parent = parent.args[k]
        if parent.is_Add:
            yield sp.Integer(0), "dropped term"
        if parent.is_Mul:
            yield sp.Integer(1), "dropped factor"
        if isinstance(parent, TiltedAverage) and path[-1] == 2:
            yield sp.Integer(0), "dropped weight"
    if node.is_Symbol:
        for other in symbols:
            yield other, f"swap for {other}"


def _replaced(e: sp.Expr, path: tuple[int, ...], change: sp.Expr) -> sp.Expr:
    if not path:
        return change
    args = list(e.args)
    args[path[0]] = _replaced(args[path[0]], path[1:], change)
    return e.func(*args)


def _short(node: sp.Expr) -> str:
    text = str(node)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _signs_out(e: sp.Expr) -> sp.Expr:
    """Integer powers of sums with the sign of the sum taken out."""
    return e.replace(
        lambda p: p.is_Pow and p.base.is_Add and p.exp.is_Integer and p.base.could_extract_minus_sign(),
        lambda p: (-1) ** p.exp * (-p.base) ** p.exp,
    )


def _unscaled(e: sp.Expr) -> sp.Expr:
    """Signs of sums without common factors."""

    def bare(f: sp.Expr) -> sp.Expr:
        content, rest = f.args[0].as_content_primitive()
        return sp.sign(content) * (-sp.sign(-rest) if rest.could_extract_minus_sign() else sp.sign(rest))

    return normal(e.replace(lambda f: isinstance(f, sp.sign), bare))


def _vanishes(difference: sp.Expr) -> bool:
    if difference == 0:
        return True
    expanded = sp.expand(difference)
    return expanded == 0 or (not expanded.atoms(Average) and sp.simplify(expanded) == 0)


def _turned(e: sp.Expr) -> sp.Expr:
    """Means of fields in the plane, and arguments of functions of a phase, with the sign that is not extracted."""
    e = e.replace(
        lambda x: isinstance(x, log_i0 | phase_mean) and x.args[0].could_extract_minus_sign(),
        lambda x: log_i0(-x.args[0]) if isinstance(x, log_i0) else -phase_mean(-x.args[0]),
    )
    return e.replace(
        lambda x: isinstance(x, PlaneAverage) and x.args[3].could_extract_minus_sign(),
        lambda x: (-1) ** x.args[2] * PlaneAverage(x.integrand, x.variable, x.args[2], -x.args[3], x.args[4]),
    )


def _mirrored(e: sp.Expr) -> sp.Expr:
    """Of each Gaussian average and its mirror image z → −z, in all that its variable is bound in, the one that comes first."""
    if isinstance(e, Average):
        z = e.variable
        images = [tuple(sp.expand(_signs_out(_mirrored(part.xreplace({z: sign * z})))) for part in e.parts)
                  for sign in (1, -1)]
        first = min(images, key=lambda parts: sp.default_sort_key(sp.Tuple(*parts)))
        return e.func(first[0], z, *first[1:])
    return e.func(*map(_mirrored, e.args)) if e.args else e
