"""Python source for a system of equations: averages are lowered to quadrature first, common subexpressions afterwards.

The order matters: common-subexpression elimination that sees an average takes its integrand out of it.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from itertools import count

import sympy as sp
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.pycode import MpmathPrinter

from dammech.derive.averages import Average, _linear, averages, log2cosh, sech2
from dammech.equations.systems import System

#: part of the key of every generated module
PRINTER_VERSION = 1


class _NumPy(SciPyPrinter):
    def _print_log2cosh(self, e: sp.Expr) -> str:
        x = self._print(e.args[0])
        return f"numpy.logaddexp({x}, -({x}))"

    def _print_Pow(self, e: sp.Pow, rational: bool = False) -> str:
        if e.exp.is_Integer and 2 <= e.exp <= 6 and e.base.is_Symbol:
            return "(" + "*".join([self._print(e.base)] * int(e.exp)) + ")"
        return str(super()._print_Pow(e, rational=rational))


class _Mpmath(MpmathPrinter):
    def _print_log2cosh(self, e: sp.Expr) -> str:
        return f"log2cosh({self._print(e.args[0])})"

    def _print_sech2(self, e: sp.Expr) -> str:
        return f"mpmath.sech({self._print(e.args[0])})**2"

    def _print_GaussianAverage(self, e: Average) -> str:
        lines = ", ".join(f"({self._print(a)}, {self._print(b)})" for a, b in _steep(e))
        return f"gaussian_average(lambda {self._print(e.variable)}: {self._print(e.integrand)}, [{lines}])"


def _safe(symbol: sp.Symbol) -> str:
    name = re.sub(r"\W", "_", symbol.name)
    return name + "_" if keyword.iskeyword(name) or not name.isidentifier() else name


def _steep(average: Average) -> list[tuple[sp.Expr, sp.Expr]]:
    """(a, b) of every argument a + b z of a function in the integrand, each once up to its sign."""
    z = average.variable
    found: dict[tuple[sp.Expr, sp.Expr], None] = {}
    for f in sorted(
        average.integrand.atoms(sp.tanh, log2cosh, sech2, sp.erf, sp.sign, sp.Abs), key=sp.default_sort_key
    ):
        line = _linear(f.args[0], z) if f.has(z) else None
        if line is not None:
            a, b = line
            if b.could_extract_minus_sign():
                a, b = -a, -b
            if not any(s.name.startswith("z_") and s != z for s in (a.free_symbols | b.free_symbols) & _inner(average)):
                found[(a, b)] = None
    return list(found)


def _inner(average: Average) -> set[sp.Symbol]:
    return {a.variable for a in average.integrand.atoms(Average)}


class _Writer:
    """Collects the lines of one function."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.printer = _NumPy({"fully_qualified_modules": True})
        self._names = {letter: count() for letter in "xEtszw"}

    def new(self, letter: str) -> sp.Symbol:
        return sp.Symbol(f"{letter}{next(self._names[letter])}")

    def assign(self, name: sp.Symbol, code: str) -> None:
        self.lines.append(f"    {name} = {code}")

    def block(self, expressions: Sequence[sp.Expr]) -> list[str]:
        """Code of each expression, after the lines that it needs."""
        groups: dict[tuple, list[Average]] = {}
        for e in expressions:
            for a in averages(e):
                members = groups.setdefault(tuple(_steep(a)), [])
                if a not in members:
                    members.append(a)
        values: dict[sp.Expr, sp.Expr] = {}
        for lines, members in groups.items():
            values.update(self._averages(lines, members))
        flat = [e.xreplace(values) for e in expressions]
        flat = self._hyperbolic(flat)
        shared, reduced = sp.cse(flat, symbols=iter(lambda: self.new("x"), None), order="none")
        for name, e in shared:
            self.assign(name, self.printer.doprint(e))
        return [self.printer.doprint(e) for e in reduced]

    def _hyperbolic(self, expressions: list[sp.Expr]) -> list[sp.Expr]:
        """One tanh for each argument; sech² is 1 − tanh² of it."""
        arguments = {
            f.args[0]: None for e in expressions for f in sorted(e.atoms(sp.tanh, sech2), key=sp.default_sort_key)
        }
        rule: dict[sp.Expr, sp.Expr] = {}
        for x in arguments:
            t = self.new("t")
            self.assign(t, f"numpy.tanh({self.printer.doprint(x)})")
            rule[sp.tanh(x)] = t
            if any(e.has(sech2(x)) for e in expressions):
                s = self.new("s")
                self.assign(s, f"1 - {t}*{t}")
                rule[sech2(x)] = s
        return [e.xreplace(rule) for e in expressions]

    def _averages(self, lines: tuple, members: list[Average]) -> dict[sp.Expr, sp.Expr]:
        z, w = self.new("z"), self.new("w")
        flat = [part for line in lines for part in line]
        pairs = iter(self.block(flat)) if flat else iter(())
        steep = ", ".join(f"({a}, {b})" for a, b in zip(pairs, pairs))
        self.lines.append(f"    {z}, {w} = nodes([{steep}], order)")
        outer = sorted({s for a in members for s in a.free_symbols}, key=lambda s: s.name)
        inside = {s: self.new("x") for s in outer}
        for s, name in inside.items():
            self.assign(name, f"{self.printer.doprint(s)}[..., None]")
        integrands = [a.integrand.xreplace({**inside, a.variable: z}) for a in members]
        codes = self.block(integrands)
        result: dict[sp.Expr, sp.Expr] = {}
        for a, code in zip(members, codes):
            name = self.new("E")
            self.assign(name, f"({w} * ({code})).sum(axis=-1)")
            result[a] = name
        return result


def _function(name: str, system: System, shape: tuple[int, ...], expressions: Sequence[sp.Expr], doc: str) -> list[str]:
    symbols = {s: sp.Symbol(_safe(s)) for s in (*system.unknowns, *system.parameters)}
    writer = _Writer()
    codes = writer.block([e.xreplace(symbols) for e in expressions])
    unpack = [
        f"    {', '.join(str(symbols[s]) for s in group)}, = {source}"
        for group, source in ((system.unknowns, "u"), (system.parameters, "p"))
        if group
    ]
    body = [
        *unpack,
        *writer.lines,
        f"    out = numpy.empty(({', '.join(map(str, shape))}, *numpy.shape(p)[1:]))" if shape else "",
    ]
    flat = iter(codes)
    if len(shape) == 1:
        body += [f"    out[{i}] = {next(flat)}" for i in range(shape[0])]
    else:
        body += [f"    out[{i}, {j}] = {next(flat)}" for i in range(shape[0]) for j in range(shape[1])]
    return [f"def {name}(u, p, order=ORDER):", f'    """{doc}"""', *body, "    return out", ""]


def numpy_source(system: System, title: str) -> str:
    """The module for a system: ``residual``, ``jacobian``, ``outputs`` and ``domain`` of arrays u (unknowns × points) and
    p (parameters × points)."""
    jacobian = system.jacobian()
    size = len(system.equations)
    width = len(system.unknowns) + len(system.parameters)
    lines = [
        f'"""{title}. Generated; do not edit."""',
        "",
        "import numpy",
        "import scipy.special",
        "",
        "from dammech.equations.quadrature import ORDER, nodes",
        "",
        f"UNKNOWNS = {[s.name for s in system.unknowns]!r}",
        f"PARAMETERS = {[s.name for s in system.parameters]!r}",
        f"OUTPUTS = {list(system.outputs)!r}",
        "",
        "",
        *_function("residual", system, (size,), system.equations, "Left-hand sides of the equations."),
        "",
        *_function(
            "jacobian",
            system,
            (size, width),
            [e for row in jacobian for e in row],
            "Derivatives of the residual in the unknowns, then in the parameters.",
        ),
        "",
        *_function("outputs", system, (len(system.outputs),), list(system.outputs.values()), "Quantities in OUTPUTS."),
        "",
        *_function("domain", system, (len(system.domain),), system.domain, "Must be positive."),
    ]
    return "\n".join(lines) + "\n"


def mpmath_source(system: System, title: str) -> str:
    """The same functions of single points in mpmath, for reference values; no common subexpressions, other quadrature."""
    printer = _Mpmath({"fully_qualified_modules": True})
    symbols = {s: sp.Symbol(_safe(s)) for s in (*system.unknowns, *system.parameters)}

    def function(name: str, expressions: Sequence[sp.Expr]) -> list[str]:
        unpack = [
            f"    {', '.join(str(symbols[s]) for s in group)}, = {source}"
            for group, source in ((system.unknowns, "u"), (system.parameters, "p"))
            if group
        ]
        values = [f"        {printer.doprint(e.xreplace(symbols))}," for e in expressions]
        return [f"def {name}(u, p):", *unpack, "    return [", *values, "    ]", "", ""]

    lines = [
        f'"""{title}, in mpmath. Generated; do not edit."""',
        "",
        "import mpmath",
        "",
        "from dammech.equations.reference import gaussian_average, log2cosh",
        "",
        "",
        *function("residual", system.equations),
        *function("jacobian", [e for row in system.jacobian() for e in row]),
        *function("outputs", list(system.outputs.values())),
    ]
    return "\n".join(lines).rstrip() + "\n"
