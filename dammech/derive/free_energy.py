"""The seam of the theory arm: a free energy, its order parameters, and everything that follows by differentiation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.functions.elementary.hyperbolic import HyperbolicFunction
from sympy.functions.elementary.trigonometric import TrigonometricFunction
from sympy.logic.boolalg import Boolean

from dammech.declared.states import Crossing, LineKind, Zero
from dammech.derive.ages import is_age_average
from dammech.derive.averages import MOST_TERMS, Average, averages, normal
from dammech.derive.functions import terms_of_expansion, without_deltas
from dammech.derive.reading import read
from dammech.derive.zero_temperature import cold_spins, leading_term, slope_in_temperature
from dammech.errors import InputError, one_of, shown

#: names under which the API and the command line know the symbols of our own models
ALIASES = {"load": "alpha", "temperature": "T"}

#: operations in a quotient of coefficients that is still brought to lowest terms
_LARGEST_RATIO = 200


class FreeEnergy:
    """A free energy per spin f(order parameters; parameters), in units k_B = 1.

    Saddle equations, stability, entropy and energy are derived from ``expression``; the numeric room knows nothing
    else.

    Parameters
    ----------
    expression : SymPy expression
        f, with averages (`GaussianAverage`) where the disorder is averaged.
    order_parameters : sequence of Symbol
        The unknowns of ∂f = 0, the first one being the one whose landscape f(m) is physical (others eliminated).
    parameters : sequence of Symbol
        Everything else that is free in ``expression``. A parameter called ``T`` or ``temperature`` is the temperature.
    equations : sequence of expressions, optional
        Saddle equations, where f does not determine them (at T = 0, an order parameter can drop out of f).
    replicon : expression, optional
        Positive where the replica ansatz is stable.
    domain : sequence of expressions, optional
        Quantities that must be positive for f to be defined.
    observables : mapping, optional
        Further quantities to report, by name.
    conditions : mapping, optional
        Expressions in the parameters alone that vanish on a line with a name of its own.
    entropy : expression, optional
        Where it is not −∂f/∂T (at T = 0).
    branches : mapping, optional
        Conditions on the order parameters by the name of a phase, such as ``{"glass": sp.Eq(m, 0) & (q > 0)}``.
    lines : mapping, optional
        ``Fold``, ``Crossing``, ``Zero`` or ``Marginal`` of these branches, by the name of the line.
    definitions : mapping of Symbol to expression, optional
        Abbreviations that everything else may hold, such as widths of fields, in order parameters and parameters. Derivatives
        go through them by the chain rule, which keeps long theories short.
    cold : mapping, optional
        What order parameters become as T → 0 in terms of new symbols that stay finite, such as ``{q: 1 - C*T}``. The theory at
        T = 0 follows (`zero_temperature`), and the new order parameters are reported at every temperature. An empty one where
        all order parameters stay as they are.

    start : mapping, optional
        Values of all order parameters where searches begin, too, beside the usual places; they may depend on parameters.

    Raises
    ------
    InputError
        For a symbol that is neither an order parameter nor a parameter, or is both.

    Examples
    --------
    >>> from dammech.derive import GaussianAverage, log2cosh
    >>> m, T, s, z = sp.symbols("m T s z")
    >>> f = m**2 / 2 - T * GaussianAverage(log2cosh((m + s * z) / T), z)
    >>> FreeEnergy(f, [m], [T, s]).saddle_equations[0].has(sp.tanh)
    True
    """

    def __init__(
        self,
        expression: Any,
        order_parameters: Sequence[sp.Symbol],
        parameters: Sequence[sp.Symbol] = (),
        *,
        equations: Sequence[sp.Expr] | None = None,
        replicon: sp.Expr | None = None,
        domain: Iterable[sp.Expr] = (),
        observables: Mapping[str, sp.Expr] | None = None,
        conditions: Mapping[str, sp.Expr] | None = None,
        entropy: sp.Expr | None = None,
        branches: Mapping[str, Any] | None = None,
        lines: Mapping[str, LineKind] | None = None,
        definitions: Mapping[sp.Symbol, sp.Expr] | None = None,
        cold: Mapping[sp.Symbol, sp.Expr] | None = None,
        start: Mapping[sp.Symbol, sp.Expr | float] | None = None,
    ) -> None:
        for name, given in (("order_parameters", order_parameters), ("parameters", parameters)):
            if not isinstance(given, list | tuple) or not all(isinstance(symbol, sp.Symbol) for symbol in given):
                raise InputError(f"{name}={shown(given)}: must be a list of SymPy symbols")
        symbols = [*order_parameters, *parameters]
        if len({s.name for s in symbols}) != len(symbols):
            names = [s.name for s in symbols]
            raise InputError(f"order_parameters and parameters must have different names, got {names}")
        # a user's bare symbols are real; assumptions that were made are kept
        real = {s: s if s.is_real else sp.Symbol(s.name, real=True) for s in symbols}
        for name, listed in (("equations", () if equations is None else equations), ("domain", domain)):
            if not isinstance(listed, list | tuple):
                raise InputError(f"{name}={shown(listed)}: must be a list of SymPy expressions")
        for name, by_name, kind in (("observables", observables, str), ("conditions", conditions, str),
                                    ("definitions", definitions, sp.Symbol), ("cold", cold, sp.Symbol),
                                    ("start", start, sp.Symbol)):  # fmt: skip
            if not (by_name is None or (isinstance(by_name, Mapping) and all(isinstance(k, kind) for k in by_name))):
                raise InputError(f"{name}={shown(by_name)}: must give expressions by {kind.__name__.lower()}")
        allowed = {*real.values(), *(definitions or {})}

        def taken(name: str, value: Any) -> sp.Expr:
            e = read(value, name).xreplace(real)
            unknown = sorted(s.name for s in e.free_symbols - allowed)
            if unknown:
                raise InputError(f"{name} has free symbols {unknown} that are neither order parameters nor parameters")
            return e

        self.expression: sp.Expr = normal(taken("expression", expression))
        self.definitions = {k: taken("definitions", v) for k, v in (definitions or {}).items()}
        self.order_parameters = tuple(real[s] for s in order_parameters)
        self.parameters = tuple(real[s] for s in parameters)
        self._equations = None if equations is None else tuple(normal(taken("equations", e)) for e in equations)
        if self._equations is not None and len(self._equations) != len(symbols) - len(self.parameters):
            raise InputError(f"equations: {len(self._equations)} are given for {len(self.order_parameters)} order parameters")
        self.replicon = None if replicon is None else normal(taken("replicon", replicon))
        self.domain = tuple(taken("domain", e) for e in domain)
        self.observables = {k: normal(taken("observables", v)) for k, v in (observables or {}).items()}
        self._entropy = None if entropy is None else taken("entropy", entropy)
        self.branches = _declared_branches(branches, real, self.order_parameters)
        self.cold = cold if cold is None else _declared_map(cold, real, self.order_parameters, self.temperature)
        places = {real.get(x, x): taken("start", v) for x, v in (start or {}).items()}
        if places and (set(places) != set(self.order_parameters) or any(v.free_symbols & places.keys() for v in places.values())):
            own = [x.name for x in self.order_parameters]
            raise InputError(f"start={shown(start)}: must give all of {own}, as numbers or by the parameters")
        self.start = places
        self.observables |= {c.name: inverse for _, c, inverse in (self.cold or {}).values()}
        thermal = ["energy", "entropy"] if self._entropy is not None or self.temperature is not None else []
        known = ["free_energy", *thermal, *(["replicon"] if self.replicon is not None else []), *self.observables]
        self.lines = _declared_lines(lines, self.branches, known)
        allowed.difference_update(self.order_parameters, self.definitions)
        self.conditions = {k: taken("conditions", v) for k, v in (conditions or {}).items()}

    def __repr__(self) -> str:
        names = ", ".join(s.name for s in self.order_parameters)
        given = ", ".join(s.name for s in self.parameters)
        return f"FreeEnergy({names}; {given})"

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle f = {sp.latex(self.expression)}$"

    @property
    def temperature(self) -> sp.Symbol | None:
        """The parameter that is the temperature, if any."""
        return next((s for s in self.parameters if s.name in ("T", "temperature")), None)

    def parameter(self, name: str) -> sp.Symbol:
        """The parameter called ``name`` (``load`` and ``temperature`` are understood)."""
        for s in self.parameters:
            if name in (s.name, next((k for k, v in ALIASES.items() if v == s.name), None)):
                return s
        raise InputError(f"parameter {name!r} is unknown; this free energy has {[s.name for s in self.parameters]}")

    @cached_property
    def gradient(self) -> tuple[sp.Expr, ...]:
        """∂f with respect to each order parameter, in normal form (Stein's lemma applied, no singular √ left)."""
        return tuple(self.derivative(self.expression, x) for x in self.order_parameters)

    def derivative(self, expression: sp.Expr, x: sp.Symbol) -> sp.Expr:
        """d/dx of an expression, through the definitions, in normal form."""
        return total_derivative(expression, x, self.definitions)

    @cached_property
    def _reduced(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        return tuple(reduce_equation(g, x, self.order_parameters) for g, x in zip(self.gradient, self.order_parameters))

    @property
    def saddle_equations(self) -> tuple[sp.Expr, ...]:
        """Expressions that vanish at a saddle point: the gradient less a common factor free of averages.

        The factor (see `dropped_factors`) comes from conjugate order parameters that were eliminated, and its zeros are
        not saddle points of the full functional.
        """
        if self._equations is not None:
            return self._equations
        return tuple(e for e, _ in self._reduced)

    @property
    def dropped_factors(self) -> tuple[sp.Expr, ...]:
        """gradient / saddle equation, for each order parameter."""
        if self._equations is not None:
            return tuple(sp.Integer(1) for _ in self._equations)
        return tuple(factor for _, factor in self._reduced)

    @cached_property
    def entropy(self) -> sp.Expr | None:
        """s = −∂f/∂T at the saddle point."""
        if self._entropy is not None or self.temperature is None:
            return self._entropy
        return -self.derivative(self.expression, self.temperature)

    @cached_property
    def energy(self) -> sp.Expr | None:
        """e = f + T s at the saddle point."""
        if self.entropy is None:
            return None
        if self.temperature is None:
            return self.expression
        total = self.expression + self.temperature * self.entropy
        return normal(sp.expand(total) if terms_of_expansion(total) <= MOST_TERMS else total)

    @cached_property
    def zero_temperature(self) -> FreeEnergy | None:
        """The theory at T = 0 in the finite order parameters of the declared map, if there is one.

        Its replicon is the leading coefficient in T, of the same sign.
        """
        T = self.temperature
        if self.cold is None or T is None:
            return None
        moved = {x: e for x, (e, _, _) in self.cold.items()}
        limits = {x: e.subs(T, 0) for x, e in moved.items()}
        new = {x: c for x, (_, c, _) in self.cold.items()}

        def limit(e: sp.Expr, leading: bool = False) -> sp.Expr:
            return leading_term(cold_spins(self._whole(e).xreplace(moved), T), T, leading=leading)

        observables: dict[str, sp.Expr] = {x.name: limits[x] for x in limits}
        for name, e in self.observables.items():
            with suppress(ValueError):  # it diverges
                observables |= {} if name in {c.name for c in new.values()} else {name: limit(e)}
        branches, first = {}, self.order_parameters[0]
        anywhere = sp.Ne(new.get(first, first), sp.oo, evaluate=False)
        for name, condition in self.branches.items():
            left = condition.xreplace(limits)
            branches[name] = anywhere if left is sp.true else left
        branches = {name: condition for name, condition in branches.items() if condition is not sp.false}
        try:
            ground = limit(self.expression)
            entropy = -slope_in_temperature(cold_spins(self._whole(self.expression).xreplace(moved), T), T)
            if entropy.has(sp.oo, -sp.oo):  # of continuous spins it falls like log T, and T s vanishes
                entropy, observables["energy"] = None, ground
            return FreeEnergy(
                ground, [new.get(x, x) for x in self.order_parameters], [x for x in self.parameters if x != T],
                equations=[  # of the sign of the new order parameter
                    limit(e if x not in moved or sp.diff(moved[x], new[x]).subs(T, 1) > 0 else -e, leading=True)
                    for x, e in zip(self.order_parameters, self.saddle_equations)
                ],
                replicon=None if self.replicon is None else limit(self.replicon * T**2, leading=True),
                domain=[limit(e, leading=True) for e in self.domain], observables=observables,
                conditions={k: v.subs(T, 0) for k, v in self.conditions.items()},
                entropy=entropy,
                branches=branches,
                start={new.get(x, x): v.subs(T, 0) for x, v in self.start.items()},
                lines={name: line for name, line in self.lines.items()
                       if {line.branch, getattr(line, "rival", line.branch)} <= set(branches)},
            )  # fmt: skip
        except ValueError as error:
            raise InputError(f"temperature=0: the limit of this free energy is not known: {error}") from None

    def cooled(self, cold: Mapping[sp.Symbol, sp.Expr]) -> FreeEnergy:
        """The same free energy with another map of its order parameters as T → 0."""
        return self._with(lambda e: e, cold=cold)

    def mapped(self, function: Callable[[sp.Expr], sp.Expr], without: Sequence[str] = ()) -> FreeEnergy:
        """The same free energy with a function applied to all its expressions, and without these observables or the replicon."""
        kept = {k: function(v) for k, v in self.observables.items() if k not in without}
        return self._with(function, observables=kept, **({"replicon": None} if "replicon" in without else {}))

    def averaged(self, parameter: sp.Symbol, law: Sequence[tuple[sp.Expr, sp.Expr]]) -> FreeEnergy:
        """The mean of all expressions over values of a parameter, given as (probability, value); what is linear in f alone."""

        def mean(e: sp.Expr) -> sp.Expr:
            rest, varying = e.as_independent(parameter, as_Add=True)
            return rest + sp.Add(*[share * varying.xreplace({parameter: at}) for share, at in law])

        return self._with(
            mean, observables={k: mean(v) for k, v in self.observables.items()},
            parameters=[x for x in self.parameters if x != parameter],
        )

    def _with(self, function: Callable[[sp.Expr], sp.Expr], **changes: Any) -> FreeEnergy:
        given: dict[str, Any] = {
            "equations": [function(e) for e in self.saddle_equations], "domain": [function(e) for e in self.domain],
            "replicon": None if self.replicon is None else function(self.replicon),
            "observables": self.observables, "conditions": {k: function(v) for k, v in self.conditions.items()},
            "entropy": None if self.entropy is None else function(self.entropy), "branches": self.branches, "lines": self.lines,
            "definitions": self.definitions, "start": self.start, "parameters": self.parameters,
        }  # fmt: skip
        return FreeEnergy(function(self.expression), self.order_parameters, **{**given, **changes})

    def _whole(self, e: sp.Expr) -> sp.Expr:
        """An expression without abbreviations."""
        return normal(e.xreplace(self.definitions))

    def restrict(self, values: Mapping[sp.Symbol, Any]) -> FreeEnergy:
        """The same free energy where some order parameters are fixed at a stationary value, or some parameters at any."""
        kept = [k for k, x in enumerate(self.order_parameters) if x not in values]
        whole, thermal = len(kept) == len(self.order_parameters), self.temperature not in values
        given = {k: sp.sympify(v) for k, v in values.items()}
        constant = {k: v.xreplace(given) for k, v in self.definitions.items() if v.xreplace(given).is_number}

        def fix(e: sp.Expr) -> sp.Expr:
            return normal(e.xreplace({**given, **constant}))

        return FreeEnergy(
            fix(self.expression),
            [self.order_parameters[k] for k in kept],
            [x for x in self.parameters if x not in values],
            equations=[fix(self.saddle_equations[k]) for k in kept],
            replicon=None if self.replicon is None else fix(self.replicon),
            domain=[fix(e) for e in self.domain],
            observables={k: fix(v) for k, v in self.observables.items()},
            conditions={k: v.xreplace(given) for k, v in self.conditions.items()},
            entropy=None if self.entropy is None else fix(self.entropy),
            branches=self.branches if whole else None,
            lines=self.lines if whole else None,
            cold={x: e for x, (e, _, _) in self.cold.items()} if self.cold is not None and whole and thermal else None,
            definitions={k: v.xreplace(given) for k, v in self.definitions.items()},
            start={x: v.xreplace(given) for x, v in self.start.items() if x not in values},
        )

    @cached_property
    def key(self) -> str:
        """Hash that identifies the free energy and all that it was given."""
        given = (
            self.expression, self.order_parameters, self.parameters, self._equations, self.replicon, self.domain,
            *self.observables.values(), *self.conditions.values(), self._entropy, *self.definitions.items(), *self.start.items(),
        )
        text = f"{list(self.observables)}|{list(self.conditions)}|{sp.srepr(given)}"  # a name is no expression to be read
        return hashlib.sha256(text.encode()).hexdigest()


def _declared_branches(
    given: Mapping[str, Any] | None, real: Mapping[sp.Symbol, sp.Symbol], order_parameters: Sequence[sp.Symbol]
) -> dict[str, Any]:
    if not (given is None or isinstance(given, Mapping)):
        raise InputError(f"branches={shown(given)}: must give conditions by name, such as m > 0")
    found = {}
    for name, condition in (given or {}).items():
        if not (isinstance(name, str) and name):
            raise InputError(f"branches: {shown(name)} must be a name")
        if not isinstance(condition, Boolean) or not condition.atoms(Relational):
            raise InputError(f"branches[{name!r}]={shown(condition)}: must be a condition on order parameters, such as m > 0")
        found[name] = condition.xreplace(dict(real))
        strangers = sorted(s.name for s in found[name].free_symbols - set(order_parameters))
        if strangers:
            raise InputError(f"branches[{name!r}] holds {strangers}, which are no order parameters")
    return found


def _declared_map(
    given: Mapping[sp.Symbol, Any] | None, real: Mapping[sp.Symbol, sp.Symbol], order_parameters: Sequence[sp.Symbol],
    temperature: sp.Symbol | None,
) -> dict[sp.Symbol, tuple[sp.Expr, sp.Symbol, sp.Expr]]:  # fmt: skip
    """By order parameter: what it becomes, the new symbol in that, and the new one in terms of the old."""
    if temperature is None:
        raise InputError("cold: one of the parameters must be the temperature T")
    found = {}
    for old, value in (given or {}).items():
        if real.get(old) not in order_parameters:
            raise InputError(f"cold: {shown(old)} must be an order parameter")
        moved = read(value, "cold").xreplace(dict(real))
        new = moved.free_symbols - {temperature}
        inverse = sp.solve(moved - real[old], *new) if len(new) == 1 else []
        if len(inverse) != 1 or new & set(real.values()) or moved.subs(temperature, 0).free_symbols:
            raise InputError(f"cold[{old}]={shown(value)}: must be a number at T = 0, with one new symbol, such as 1 - C*T")
        (symbol,) = new
        own = symbol if symbol.is_real else sp.Symbol(symbol.name, real=True)
        found[real[old]] = (moved.xreplace({symbol: own}), own, inverse[0].xreplace({symbol: own}))
    return found


def _declared_lines(
    given: Mapping[str, Any] | None, branches: Mapping[str, Any], quantities: Sequence[str]
) -> dict[str, LineKind]:
    if not (given is None or isinstance(given, Mapping)):
        raise InputError(f"lines={shown(given)}: must give Fold, Crossing, Zero or Marginal by name")
    for name, line in (given or {}).items():
        if not (isinstance(name, str) and name) or not isinstance(line, LineKind):
            raise InputError(f"lines[{shown(name)}]={shown(line)}: must be a Fold, Crossing, Zero or Marginal with a name")
        for branch in (line.branch, line.rival) if isinstance(line, Crossing) else (line.branch,):
            one_of(f"lines[{name!r}]: branch", branch, list(branches))
        if isinstance(line, Zero):
            one_of(f"lines[{name!r}]: quantity", line.quantity, quantities)
    return dict(given or {})


def total_derivative(expression: sp.Expr, x: sp.Symbol, definitions: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """d/dx of an expression that may hold defined abbreviations, in normal form."""
    through = [(s, sp.diff(v, x)) for s, v in definitions.items() if v.has(x) and expression.has(s)]
    return without_deltas(sp.Add(
        normal(sp.diff(expression, x)), *[normal(sp.diff(expression, s)) * slope for s, slope in through]
    ))


def reduce_equation(
    gradient: sp.Expr, unknown: sp.Symbol, order_parameters: Sequence[sp.Symbol]
) -> tuple[sp.Expr, sp.Expr]:
    """(equation, factor) with gradient = factor × equation and the factor free of averages.

    The gradient is linear in its averages. Where the ratios of its coefficients have no pole in the order parameters,
    the common factor is split off and the equation is given the sign of + ``unknown``; elsewhere the factor is 1.
    """
    # averages over ages are coefficients: known numbers as soon as the order parameters are
    ages = {a: sp.Dummy(f"R{k}", positive=True) for k, a in enumerate(a for a in averages(gradient) if is_age_average(a))}
    gradient = gradient.xreplace(ages)
    found = averages(gradient)
    dummies = {a: sp.Dummy(f"A{k}") for k, a in enumerate(found)}
    flat = gradient.xreplace(dummies)
    names = list(dummies.values())
    if terms_of_expansion(flat) > MOST_TERMS:
        return gradient.xreplace({d: a for a, d in ages.items()}), sp.Integer(1)
    flat = sp.expand(flat)
    if not names or any(flat.diff(a).has(*names) for a in names):
        return gradient.xreplace({d: a for a, d in ages.items()}), sp.Integer(1)
    coefficients = [flat.coeff(a) for a in names]
    rest = flat.xreplace({a: sp.Integer(0) for a in names})
    pivot = min(coefficients, key=sp.count_ops)
    ratios = [c / pivot for c in [rest, *coefficients]]
    # on trigonometric functions SymPy's simplification need not end
    if max(map(sp.count_ops, ratios)) > _LARGEST_RATIO or any(r.has(TrigonometricFunction, HyperbolicFunction) for r in ratios):
        return gradient.xreplace({d: a for a, d in ages.items()}), sp.Integer(1)
    ratios = [sp.simplify(sp.cancel(sp.together(c))) for c in ratios]
    for ratio in ratios:
        if sp.denom(sp.together(ratio)).has(*order_parameters, *ages.values()):
            return gradient.xreplace({d: a for a, d in ages.items()}), sp.Integer(1)
    back = {d: a for a, d in (*dummies.items(), *ages.items())}
    equation = sp.Add(ratios[0], *[r * a for r, a in zip(ratios[1:], names)]).xreplace(back)
    factor = pivot
    slope = sp.diff(ratios[0], unknown)
    if slope.is_negative:
        equation, factor = sp.Add(*[-t for t in sp.Add.make_args(equation)]), -factor
    return equation.xreplace(back), sp.factor(factor).xreplace(back)


def has_averages(expression: sp.Expr) -> bool:
    """Whether an average is left in the expression."""
    return bool(expression.atoms(Average))
