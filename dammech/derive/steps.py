"""A derivation: an ordered list of steps, each with a check that takes another route than the one that made it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import mpmath as mp
import sympy as sp

from dammech.derive.evaluate import Evaluator
from dammech.derive.free_energy import FreeEnergy
from dammech.derive.letters import components, has_letters
from dammech.errors import InputError

Point = Mapping[sp.Symbol, Any]


@dataclass(frozen=True)
class Hypothesis:
    """What a statement needs, with counter-examples: points where only this is violated and the statement is wrong.

    Attributes
    ----------
    statement : str
    points : sequence of mappings
        At every one of them the claim and the true value must be finite numbers that differ.
    oracle : callable, optional
        The true values there; where none is given, the step's own oracle.
    """

    statement: str
    points: Sequence[Point]
    oracle: Callable[[Any], Sequence[Any]] | None = None


@dataclass
class Step:
    """One statement of a derivation.

    Attributes
    ----------
    title : str
    left : sequence of str
        LaTeX of the left-hand sides, one for each expression.
    expressions : tuple of SymPy expressions
        What is claimed. Where it is given in matrices with `Letter`, these are kept as ``matrices`` to be printed, and
        the left-hand sides and expressions become those of the entries.
    how : str
        The rule that made it.
    points : sequence of mappings
        Where the check evaluates the claim.
    oracle : callable
        Value of each expression at a point by an independent route.
    check : str
        That route, in words.
    digits : int
        Precision of the evaluation; the tolerance is ``tolerance`` or 10^(5−digits).
    hypotheses : tuple of Hypothesis
        Each has to be needed: where it alone is dropped, the claim must fail.
    matrices : tuple of (str, expression)
        The equations between matrices that the expressions are the entries of.
    """

    title: str
    left: Sequence[str]
    expressions: tuple[sp.Expr, ...]
    how: str
    check: str
    points: Sequence[Point]
    oracle: Callable[[Any], Sequence[Any]]
    assumption: str = ""
    source: str = ""
    digits: int = 30
    tolerance: float | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    matrices: tuple[tuple[str, sp.Expr], ...] = ()
    _values: list[Sequence[Any]] = field(default_factory=list, repr=False)
    _evaluators: dict[tuple[int, int], Evaluator] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if has_letters(*self.expressions):
            self.matrices = tuple(zip(self.left, self.expressions, strict=True))
            self.left, self.expressions = zip(*[entry for line in self.matrices for entry in components(*line)])

    @property
    def equations(self) -> list[tuple[str, sp.Expr]]:
        """What is printed: left-hand sides and expressions."""
        return list(self.matrices or zip(self.left, self.expressions))

    def expected(self) -> list[Sequence[Any]]:
        """The oracle's values at all points (computed once)."""
        if not self._values:
            with mp.workdps(self.digits + 10):
                self._values = [tuple(self.oracle(p)) for p in self.points]
        return self._values

    def passes(self, expressions: Sequence[sp.Expr] | None = None) -> bool:
        """Whether the claim, or another in its place, agrees with the oracle at every point."""
        claim = self.expressions if expressions is None else tuple(expressions)
        return len(claim) == len(self.expressions) and all(self.accepts(k, e) for k, e in enumerate(claim))

    def accepts(self, k: int, expression: sp.Expr) -> bool:
        """Whether ``expression``, in place of the k-th one claimed, agrees with the oracle at every point.

        Double precision first: only what survives it is worth 30 digits.
        """
        least = self.tolerance or 0.0
        return self._agrees(k, expression, 15, max(1e-6, least)) and self._agrees(
            k, expression, self.digits, max(float(mp.mpf(10) ** (5 - self.digits)), least))

    def needs(self, hypothesis: Hypothesis) -> bool:
        """Whether the claim is definitely wrong (finite, and not the finite true value) wherever this is dropped."""
        oracle = hypothesis.oracle or self.oracle
        return len(hypothesis.points) > 0 and all(self._fails_at(p, oracle) for p in hypothesis.points)

    def _fails_at(self, point: Point, oracle: Callable[[Any], Sequence[Any]]) -> bool:
        with mp.workdps(self.digits + 10):
            truth = tuple(oracle(point))
        evaluator = Evaluator(point, self.digits)
        differ = False
        for expression, true in zip(self.expressions, truth, strict=True):
            claimed = evaluator.value(expression)
            with mp.workdps(self.digits + 10):
                if isinstance(claimed, mp.mpc | complex) or not (mp.isfinite(claimed) and mp.isfinite(true)):
                    return False
                differ = differ or abs(claimed - true) > max(1e-6, 100 * (self.tolerance or 0)) * (1 + abs(true))
        return differ

    def _agrees(self, k: int, expression: sp.Expr, digits: int, tolerance: float) -> bool:
        for where, values in enumerate(self.expected()):
            try:
                got = self._evaluator(where, digits).value(expression)
            except (ZeroDivisionError, OverflowError):
                return False
            with mp.workdps(self.digits + 10):
                if isinstance(got, mp.mpc | complex) or not mp.isfinite(got):
                    return False
                if not mp.isfinite(values[k]) or abs(got - values[k]) > tolerance * (1 + abs(values[k])):
                    return False
        return True

    def _evaluator(self, where: int, digits: int) -> Evaluator:
        """The point's evaluator, which knows the parts of what was claimed."""
        if (where, digits) not in self._evaluators:
            evaluator = self._evaluators[where, digits] = Evaluator(self.points[where], digits)
            for e in self.expressions:
                evaluator.value(e, remember=True)
        return self._evaluators[where, digits]


class Deferred(Sequence[Step]):
    """Steps that are made when one is first looked at: who solves the equations does not wait for them.

    Parameters
    ----------
    make : callable
        Returns the list of steps.
    """

    def __init__(self, make: Callable[[], list[Step]]) -> None:
        self._make = make
        self._made: list[Step] | None = None

    @property
    def _steps(self) -> list[Step]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, k: Any) -> Any:
        return self._steps[k]


class Proof:
    """What every derivation is: a name, an ordered list of checked steps, and the sources behind them.

    `Derivation` is the one that ends in a free energy.
    """

    name: str
    steps: Sequence[Step]
    sources: tuple[str, ...]
    #: writes it down in a form; `dammech.derive.render` is put here
    written: ClassVar[staticmethod[[Any, str], str]]

    def source(self) -> str:
        """The numeric code generated from what was derived."""
        raise InputError(f"format 'source': {self.name} has no generated code; known forms are text, md, latex, html and json")

    def render(self, form: str = "text") -> str:
        """The derivation as ``text``, ``md``, ``latex``, ``html``, ``source`` or ``json``."""
        return self.source() if form == "source" else self.written(self, form)

    def to_json(self) -> dict[str, Any]:
        """The derivation as a plain document: steps with their LaTeX, rule, assumption, hypotheses, check and source."""
        return {"name": self.name, "steps": [step_record(s) for s in self.steps], "sources": list(self.sources)}

    def _repr_markdown_(self) -> str:
        return self.render("md")


def step_record(step: Step) -> dict[str, Any]:
    """A step as a plain document."""
    return {
        "title": step.title,
        "equations": [
            {"left": left, "latex": sp.latex(e), "expression": str(e)} for left, e in zip(step.left, step.expressions)
        ],
        "how": step.how,
        "assumption": step.assumption or None,
        "hypotheses": [h.statement for h in step.hypotheses],
        "check": step.check,
        "source": step.source or None,
    }


@dataclass
class Derivation(Proof):
    """The derivation of a free energy from a Hamiltonian, with everything that was derived from it.

    Attributes
    ----------
    name : str
    model : the Hamiltonian's dataclass
    ansatz : str
    steps : sequence of Step
    free_energy : FreeEnergy
        At finite temperature.
    zero_temperature : FreeEnergy or None
        At T = 0, in the order parameters m and C = β(1−q).
    cold : FreeEnergy or None
        At finite temperature, in m and C.
    planted : FreeEnergy or None
        The state that a glass configuration would be, in its order parameter q (p ≥ 3).
    mixture : int
        Number of condensed patterns.
    sources : tuple of str
        Bib keys.
    functional : Replicated or None
        What its free energy follows from.
    """

    name: str
    model: Any
    ansatz: str
    steps: Sequence[Step]
    free_energy: FreeEnergy
    zero_temperature: FreeEnergy | None = None
    planted: FreeEnergy | None = None
    cold: FreeEnergy | None = None
    mixture: int = 1
    sources: tuple[str, ...] = ()
    functional: Any = None

    @property
    def saddle_equations(self) -> tuple[sp.Expr, ...]:
        """Expressions that vanish at a saddle point (finite temperature)."""
        return self.free_energy.saddle_equations

    def source(self) -> str:
        """The generated numeric code of the saddle equations, Jacobian, free energy and replicon."""
        from importlib import import_module

        return str(import_module("dammech.equations").source(self))

    def to_json(self) -> dict[str, Any]:
        """The derivation as a plain document, with the names of the order parameters and parameters of its free energy."""
        document = super().to_json()
        return {
            "name": document["name"],
            "ansatz": self.ansatz,
            "steps": document["steps"],
            "order_parameters": [x.name for x in self.free_energy.order_parameters],
            "parameters": [x.name for x in self.free_energy.parameters],
            "sources": document["sources"],
        }


def run_checks(derivation: Proof) -> list[dict[str, Any]]:
    """Run every step's check; one record {title, check, passed, seconds, hypotheses: [{statement, needed}]} a step.

    A step has not passed where one of its hypotheses turns out not to be needed.
    """
    records = []
    for step in derivation.steps:
        start = time.perf_counter()
        hypotheses = [{"statement": h.statement, "needed": step.needs(h)} for h in step.hypotheses]
        passed = step.passes() and all(h["needed"] for h in hypotheses)
        records.append({
            "title": step.title, "check": step.check, "passed": passed, "seconds": time.perf_counter() - start,
            "hypotheses": hypotheses,
        })
    return records
