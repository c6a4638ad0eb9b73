"""Python source for a system of equations: averages are lowered to quadrature first, common subexpressions afterwards.

The order matters: common-subexpression elimination that sees an average takes its integrand out of it.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from itertools import combinations, count
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.pycode import MpmathPrinter

from dammech.derive.ages import AgeAverage
from dammech.derive.averages import Average, Bound, GaussianAverage, _linear, averages, log2cosh, sech2
from dammech.derive.cold import spin, spin_entropy, written_out
from dammech.derive.tilted import LogMeanExp, TiltedAverage
from dammech.equations.systems import System

#: part of the key of every generated module
PRINTER_VERSION = 4


class _NumPy(SciPyPrinter):
    def _print_log2cosh(self, e: sp.Expr) -> str:
        x = self._print(e.args[0])
        return f"numpy.logaddexp({x}, -({x}))"

    def _print_sech2(self, e: sp.Expr) -> str:
        return f"(1 - numpy.tanh({self._print(e.args[0])})**2)"

    def _print_ring_sum(self, e: sp.Expr) -> str:
        y = self._print(e.args[0])
        return f"(numpy.log1p(-({y})) + {y})"

    def _print__thermal(self, e: sp.Expr) -> str:
        return f"thermal({', '.join(map(self._print, e.args))})"

    def _print__entropy(self, e: sp.Expr) -> str:
        return f"spin_entropy({', '.join(map(self._print, e.args))})"

    def _print_arc_integral(self, e: sp.Expr) -> str:
        return f"arc_integral({self._print(e.args[0])}, {e.args[1]})"

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
        return self._call("gaussian_average", e)

    def _print_LogMeanExp(self, e: Average) -> str:
        return self._call("log_mean_exp", e)

    def _print_TiltedAverage(self, e: Average) -> str:
        return self._call("tilted_average", e)

    def _print_ring_sum(self, e: sp.Expr) -> str:
        y = self._print(e.args[0])
        return f"(mpmath.log(1 - ({y})) + {y})"

    _print_arc_integral = _NumPy._print_arc_integral

    def _print_AgeAverage(self, e: AgeAverage) -> str:
        function = f"lambda {self._print(e.variable)}: {self._print(e.integrand)}"
        return f"age_average({function}, {e.kernel.name!r}, {e.kernel.exponent!r})"

    def _call(self, function: str, e: Average) -> str:
        turns = _steep(e) if _saturates(e) else _turns(e)
        lines = ", ".join(f"({', '.join(self._print(part) for part in turn)})" for turn in turns)
        parts = [f"lambda {self._print(e.variable)}: {self._print(part)}" for part in e.parts]
        return f"{function}({', '.join(parts)}, [{lines}])"


def _safe(symbol: sp.Symbol) -> str:
    name = re.sub(r"\W", "_", symbol.name)
    return name + "_" if keyword.iskeyword(name) or not name.isidentifier() else name


def _steep(average: Average) -> list[tuple[sp.Expr, sp.Expr]]:
    """(a, b) of every argument a + b z of a function in the average, each once up to its sign.

    Functions under averages inside are smoothed by the other variables of their argument, and sharpened again by a tilt
    of theirs: a and b are in units of the width that this leaves.
    """
    z = average.variable
    found: dict[tuple[sp.Expr, sp.Expr], None] = {}
    for part in average.parts:
        for f, tilt in _steep_functions(part, z):
            line = _linear(f.args[0], z)
            if line is None:
                continue
            a, b = line
            if b.could_extract_minus_sign():
                a, b = -a, -b
            inner = sorted((s for s in a.free_symbols if isinstance(s, Bound)), key=lambda s: s.index)
            inner = [s for s in inner if s.index < z.index]
            if inner:
                smooth = sp.Add(*[sp.diff(a, s) ** 2 for s in inner], 0 if isinstance(f, sp.sign | sp.Abs) else 1)
                sharp = sp.sqrt(1 / smooth + tilt**2)
                a, b = a.xreplace({s: sp.Integer(0) for s in inner}) * sharp, b * sharp
            found[(a, b)] = None
    return list(found)


def _of_argument(average: Average, a: sp.Expr, b: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The integrand with x in place of the argument a + b z of its steep functions."""
    z = average.variable

    def moved(f: sp.Expr) -> sp.Expr:
        line = _linear(f.args[0], z)
        sign = 1 if line == (a, b) else -1 if line == (-a, -b) else 0
        return f.func(sign * x, *f.args[1:]) if sign else f

    return average.integrand.replace(lambda e: isinstance(e, _STEEP) and e.has(z), moved)


class _thermal(sp.Function):
    """Printed as a call of ``thermal`` of k, tanh x, z and b."""


class _entropy(sp.Function):
    """Printed as a call of ``spin_entropy`` of k, x, z and b."""


def _called(e: sp.Expr, z: sp.Symbol, b: sp.Symbol) -> sp.Expr:
    """Derivatives of one spin's functions as calls that need the nodes' z and b."""
    e = e.replace(spin, lambda x, k: _thermal(k, sp.tanh(x), z, b) if k > 2 else spin(x, k).written_out())
    return e.replace(spin_entropy, lambda x, k: _entropy(k, x, z, b))


def _steep_functions(
    e: sp.Expr, z: sp.Symbol, tilt: sp.Expr = sp.S.Zero
) -> list[tuple[sp.Expr, sp.Expr]]:
    """Steep functions of z in an expression, each with the tilt of the average that it stands under, if any."""
    found: dict[tuple[sp.Expr, sp.Expr], None] = {}
    if isinstance(e, _STEEP) and e.has(z):
        found[(e, tilt)] = None
    elif isinstance(e, Average):
        exponent = e.exponent if isinstance(e, TiltedAverage) else e.integrand if isinstance(e, LogMeanExp) else None
        strength = sp.Add(*[exponent.coeff(f) for f in exponent.atoms(log2cosh, sp.Abs)]) if exponent is not None else 0
        # what is averaged has the width of its weight; the weight says all there is to say
        for part in e.parts if exponent is None else (exponent,):
            found.update(dict.fromkeys(_steep_functions(part, z, strength or tilt)))
    else:
        for a in e.args:
            found.update(dict.fromkeys(_steep_functions(a, z, tilt)))
    return sorted(found, key=lambda pair: sp.default_sort_key(sp.Tuple(*pair)))


def _growth(exponent: sp.Expr, z: sp.Symbol) -> sp.Expr:
    """Largest slope of an exponent in z: by so much the weight shifts the Gaussian."""
    total = sp.S.Zero
    for term in sp.Add.make_args(exponent):
        for f in sp.Mul.make_args(term):
            line = _linear(f.args[0], z) if isinstance(f, log2cosh | sp.Abs) and f.has(z) else None
            if line is not None:
                total += sp.Abs(term / f * line[1])
            elif isinstance(f, LogMeanExp) and f.has(z):
                total += sp.Abs(term / f) * _growth(f.integrand, z)
    return total


_STEEP = (sp.tanh, log2cosh, sech2, spin, spin_entropy, sp.erf, sp.sign, sp.Abs)


def _saturates(average: Average) -> bool:
    """Whether an average holds sums and products of steep functions of affine arguments only: then its nodes are known."""

    def plain(e: sp.Expr, z: sp.Symbol) -> bool:
        if e == z or not e.has(z):
            return True
        if isinstance(e, _STEEP):
            return _linear(e.args[0], z) is not None
        if isinstance(e, Average):
            return all(plain(part, z) and plain(part, e.variable) for part in e.parts)
        if isinstance(e, sp.exp) and e.has(LogMeanExp):  # the density of a field, which turns where its average does
            return all(plain(part, z) for a in averages(e) for part in a.parts)
        whole = e.is_Pow and e.exp.is_Integer and e.exp > 0
        return (e.is_Add or e.is_Mul or whole) and all(plain(a, z) for a in e.args)

    return all(plain(part, average.variable) for part in average.parts)


def _turns(average: Average) -> list[tuple[sp.Expr, sp.Expr, sp.Expr, sp.Expr]]:
    """(v, b, k, s) of every argument of a function in the average that is affine or quadratic in its variable z.

    The argument is v + b z or, for k ≠ 0, v + k (z + b/2k)²; the function turns where it is 0 or ±i s. As in ``_steep``,
    other variables of integration smooth what stands under their averages.
    """
    z = average.variable
    found: dict[tuple[sp.Expr, ...], None] = {}
    for argument, scale in _arguments(average, z):
        if _bent(argument, z):
            continue
        slope = sp.diff(argument, z)
        curvature = sp.diff(slope, z) / 2
        start = slope.xreplace({z: sp.Integer(0)})
        value = argument.xreplace({z: sp.Integer(0) if curvature == 0 else -start / (2 * curvature)})
        turn = [value, start, curvature]
        inner = {s for e in turn for s in e.free_symbols if isinstance(s, Bound) and s.index < z.index}
        if inner:
            if curvature == 0:
                smooth = sp.Add(scale, *[sp.diff(value, s) ** 2 for s in sorted(inner, key=lambda s: s.index)])
                turn, scale = [e / sp.sqrt(smooth) for e in turn], 1
            turn = [e.xreplace(dict.fromkeys(inner, sp.Integer(0))) for e in turn]
        if turn[1].could_extract_minus_sign():
            turn = [-e for e in turn]
        found[(turn[0], turn[1], turn[2], scale)] = None
    return [turn for k, turn in enumerate(found) if not any(_beside(turn, other) for other in list(found)[:k])]


def _watched(average: Average) -> list[tuple[sp.Expr, sp.Expr]]:
    """The other arguments, with s, but for sums of exponentials, which turn where these rival.

    Those that hold further variables of integration are smoothed by them.
    """
    z = average.variable
    found = [(e, s) for e, s in _arguments(average, z) if _bent(e, z) and not (e.is_Add and _logarithms(e, z)[1:])]
    return [(e, s) for e, s in found if not any(isinstance(x, Bound) for x in e.free_symbols - {z})]


def _bent(argument: sp.Expr, z: sp.Symbol) -> bool:
    """Whether an argument is neither affine nor quadratic."""
    return not (argument.is_polynomial(z) and sp.diff(argument, z, 3) == 0)


def _beside(turn: tuple[sp.Expr, ...], other: tuple[sp.Expr, ...]) -> bool:
    """Whether two arguments without a square turn within a few of their widths from each other."""
    if turn[2] != 0 or other[2] != 0 or turn[3] != other[3]:
        return False
    ratio = turn[1] / other[1]
    if not ratio.is_number or not sp.Rational(1, 5) <= abs(ratio) <= 5:
        return False
    shift = sp.expand_mul(turn[0] - ratio * other[0])
    return bool(shift.is_number and abs(shift) <= 5)


def _arguments(e: sp.Basic, z: sp.Symbol) -> list[tuple[sp.Expr, sp.Expr]]:
    """Functions of z at whose zeros an expression turns, each with 1 if it does so over the width of 1 and 0 if sharply.

    They are arguments of functions, what stands under roots and in denominators, and differences of what rivals in a sum
    of exponentials or a maximum.
    """
    if isinstance(e, Average) and e.variable == z:
        return sorted({p for part in e.parts for p in _arguments(part, z)}, key=lambda p: sp.default_sort_key(sp.Tuple(*p)))
    if not e.has(z) or e == z:
        return []
    found: list[tuple[sp.Expr, Any]] = []
    if isinstance(e, sp.Max | sp.Min):
        found = [(a - b, 0) for a, b in combinations(e.args, 2)]
    elif isinstance(e, Relational):
        found = [(e.lhs - e.rhs, 0)]
    elif isinstance(e, sp.log | sp.Abs | sp.sign | sp.Heaviside):
        found = [(e.args[0], 0)]
    elif isinstance(e, sp.Function | sp.exp):
        found = [(a, 1) for a in e.args if isinstance(a, sp.Expr)]
    elif e.is_Pow:
        found = [(e.exp, 1), *([] if e.exp.is_Integer and e.exp > 0 else [(e.base, 0)])]
    elif e.is_Add:
        found = [(a - b, 1) for a, b in combinations(_logarithms(e, z), 2)]
    found = [(argument, sp.Integer(scale)) for argument, scale in found if argument.has(z)]
    return found + [pair for a in (e.parts if isinstance(e, Average) else e.args) for pair in _arguments(a, z)]


def _logarithms(total: sp.Add, z: sp.Symbol) -> list[sp.Expr]:
    """Logarithms of the sizes of a sum's terms, where these are constants times exponentials and one is not constant."""
    constant, varying = total.as_independent(z, as_Add=True)
    found = []
    for term in (constant, *sp.Add.make_args(varying)):
        factors = sp.Mul.make_args(term)
        exponents = [f.args[0] for f in factors if isinstance(f, sp.exp)]
        size = sp.log(sp.Abs(sp.Mul(*[f for f in factors if not (isinstance(f, sp.exp) or f.has(z))])))
        if term != 0 and (exponents or term is constant):
            found.append(sp.Add(size.evalf() if size.is_number else size, *exponents))
    return found


class _Writer:
    """Collects the lines of one function."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.printer = _NumPy({"fully_qualified_modules": True})
        self._names = {letter: count() for letter in "xEtszwdf"}

    def new(self, letter: str) -> sp.Symbol:
        return sp.Symbol(f"{letter}{next(self._names[letter])}")

    def assign(self, name: sp.Symbol, code: str) -> None:
        self.lines.append(f"    {name} = {code}")

    def block(self, expressions: Sequence[sp.Expr]) -> list[str]:
        """Code of each expression, after the lines that it needs."""
        groups: dict[tuple, list[Average]] = {}
        for e in expressions:
            for a in averages(e):
                weight = a.exponent if isinstance(a, TiltedAverage) else a.integrand
                group: tuple
                if isinstance(a, AgeAverage):
                    group = (type(a),)
                elif not isinstance(a, GaussianAverage):
                    group = (weight.xreplace({a.variable: _ANY}),)
                else:
                    group = tuple(_steep(a) if _saturates(a) else _turns(a))
                members = groups.setdefault(group, [])
                if a not in members:
                    members.append(a)
        values: dict[sp.Expr, sp.Expr] = {}
        for members in groups.values():
            if isinstance(members[0], AgeAverage):
                values.update(self._over_ages(members))
            else:
                values.update(self._averages(members) if all(map(_saturates, members)) else self._refined(members))
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

    def over_ages(self, nodes: Sequence[AgeAverage]) -> dict[sp.Expr, sp.Expr]:
        """Values of averages over ages, once for everything that holds them."""
        groups: dict[type, list[Average]] = {}
        for a in nodes:
            groups.setdefault(type(a), []).append(a)
        return {a: value for members in groups.values() for a, value in self._over_ages(members).items()}

    def _over_ages(self, members: list[Average]) -> dict[sp.Expr, sp.Expr]:
        """Values of averages over the ages of one stream, whose nodes are constants."""
        z, w = self.new("z"), self.new("w")
        kernel = members[0].kernel
        self.lines.append(f"    {z}, {w} = ages({kernel.name!r}, {kernel.exponent!r}, order)")
        outer = sorted({s for a in members for s in a.free_symbols}, key=lambda s: s.name)
        inside = {s: self.new("x") for s in outer}
        for s, name in inside.items():
            self.assign(name, f"{self.printer.doprint(s)}[..., None]")
        result: dict[sp.Expr, sp.Expr] = {}
        for a, code in zip(members, self.block([a.integrand.xreplace({**inside, a.variable: z}) for a in members])):
            result[a] = self.new("E")
            self.assign(result[a], f"({w} * ({code})).sum(axis=-1)")
        return result

    def _averages(self, members: list[Average]) -> dict[sp.Expr, sp.Expr]:
        """Values of averages that share their nodes, and their weight if they have one."""
        z, w = self.new("z"), self.new("w")
        weighted = [a for a in members if not isinstance(a, GaussianAverage)]
        weight = weighted[0] if weighted else None
        exponent = None if weight is None else weight.parts[-1].xreplace({weight.variable: z})
        lines = list(dict.fromkeys(line for a in members for line in _steep(a)))
        tilt = [] if exponent is None else [_growth(exponent, z)]
        flat = self.block([*[part for line in lines for part in line], *tilt])
        pairs = iter(flat)
        steep = ", ".join(f"({a}, {b})" for a, b, _ in zip(pairs, pairs, lines))
        plain = None if weighted or len(lines) != 1 else [_of_argument(a, *lines[0], z) for a in members]
        if plain and not any(e.has(Bound) for e in plain):
            gauss, slope = self.new("z"), self.new("z")
            plain = [_called(e, gauss, slope) for e in plain]
            self.lines.append(f"    {z}, {w}, {gauss}, {slope} = arguments({flat[0]}, {flat[1]}, order)")
        else:
            plain = [written_out(a.integrand.xreplace({a.variable: z})) for a in members]
            self.lines.append(f"    {z}, {w} = nodes([{steep}], order{f', {flat[-1]}' if tilt else ''})")
        outer = sorted({s for a in members for s in a.free_symbols}, key=lambda s: s.name)
        inside = {s: self.new("x") for s in outer}
        for s, name in inside.items():
            self.assign(name, f"{self.printer.doprint(s)}[..., None]")
        integrands = [e.xreplace(inside) for e in plain]
        result: dict[sp.Expr, sp.Expr] = {}
        if exponent is None:
            codes = self.block(integrands)
        else:
            integrands = [e for a, e in zip(members, integrands) if isinstance(a, TiltedAverage)]
            first, *codes = self.block([exponent.xreplace(inside), *integrands])
            top, total = self.new("x"), self.new("x")
            e = self.new("x")
            self.assign(e, first)
            self.assign(top, f"{e}.max(axis=-1, keepdims=True)")
            self.assign(w, f"{w} * numpy.exp({e} - {top})")
            self.assign(total, f"{w}.sum(axis=-1)")
            self.assign(w, f"{w} / {total}[..., None]")
        values = iter(codes)
        for a in members:
            name = self.new("E")
            if isinstance(a, LogMeanExp):
                self.assign(name, f"numpy.log({total}) + {top}[..., 0]")
            else:
                self.assign(name, f"({w} * ({next(values)})).sum(axis=-1)")
            result[a] = name
        return result

    def _refined(self, members: list[Average]) -> dict[sp.Expr, sp.Expr]:
        """Values of averages that share their panels, of any functions: they are written as a function of z and handed on."""
        weighted = [a for a in members if not isinstance(a, GaussianAverage)]
        turns = list(dict.fromkeys(turn for a in members for turn in _turns(a)))
        flat = iter(self.block([part for turn in turns for part in turn[:3]]))
        lines = ", ".join(f"({v}, {b}, {k}, {turn[3]})" for v, b, k, turn in zip(flat, flat, flat, turns))
        inside = {}
        for s in sorted({s for a in members for s in a.free_symbols}, key=lambda s: s.name):
            inside[s] = self.new("x")
            self.assign(inside[s], f"{self.printer.doprint(s)}[..., None]")
        z, f = self.new("z"), self.new("f")
        means = [a for a in members if not isinstance(a, LogMeanExp)]
        integrands = [(a.integrand, a.variable) for a in means]
        if weighted:
            integrands.insert(0, (weighted[0].parts[-1], weighted[0].variable))
        outer, self.lines = self.lines, []
        watched = list(dict.fromkeys((e.xreplace({a.variable: z}), scale) for a in members for e, scale in _watched(a)))
        every = [*(e.xreplace({variable: z}) for e, variable in integrands), *(e for e, _ in watched)]
        codes = self.block([e.xreplace(inside) for e in every])
        body, self.lines = self.lines, outer
        values, arguments = ", ".join(codes[: len(integrands)]), ", ".join(codes[len(integrands) :])
        self.lines += [f"    def {f}({z}):", *(f"    {line}" for line in body), f"        return [{values}], [{arguments}]"]
        names = [self.new("E") for _ in integrands]
        found, scales = ", ".join(map(str, names)), [float(scale) for _, scale in watched]
        self.lines.append(f"    {found}, = refined({f}, [{lines}], order, {scales}{', True' if weighted else ''})")
        result = dict(zip(means, names[1:] if weighted else names))
        return result | {a: names[0] for a in members if isinstance(a, LogMeanExp)}


def _free_ages(expressions: Sequence[sp.Expr]) -> list[AgeAverage]:
    """Averages over ages that depend on no other variable of integration."""
    found = {a for e in expressions for a in e.atoms(AgeAverage) if not any(isinstance(s, Bound) for s in a.free_symbols)}
    return sorted(found, key=sp.default_sort_key)


#: stands for the bound variable where weights are compared
_ANY = sp.Dummy("z", real=True)


def _function(name: str, system: System, shape: tuple[int, ...], expressions: Sequence[sp.Expr], doc: str) -> list[str]:
    symbols = {s: sp.Symbol(_safe(s)) for s in (*system.unknowns, *system.parameters)}
    writer = _Writer()
    needed = {s for e in expressions for s in e.free_symbols}
    for s, e in system.definitions.items():
        if s in needed:
            symbols[s] = writer.new("d")
            (code,) = writer.block([e.xreplace(symbols)])
            writer.assign(symbols[s], code)
    named = [e.xreplace(symbols) for e in expressions]
    known = writer.over_ages(_free_ages(named))
    codes = writer.block([e.xreplace(known) for e in named])
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
        "from dammech.equations.quadrature import ORDER, ages, arguments, nodes, refined",
        "from dammech.equations.special import arc_integral, spin_entropy, thermal",
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
        own = {s: sp.Symbol(f"d_{_safe(s)}") for s in system.definitions}
        unpack += [f"    {own[s]} = {printer.doprint(e.xreplace(symbols))}" for s, e in system.definitions.items()]
        named = [written_out(e).xreplace({**symbols, **own}) for e in expressions]
        known = {a: sp.Symbol(f"a{k}_") for k, a in enumerate(_free_ages(named))}
        unpack += [f"    {name} = {printer.doprint(a)}" for a, name in known.items()]
        values = [f"        {printer.doprint(e.xreplace(known))}," for e in named]
        return [f"def {name}(u, p):", *unpack, "    return [", *values, "    ]", "", ""]

    lines = [
        f'"""{title}, in mpmath. Generated; do not edit."""',
        "",
        "import mpmath",
        "",
        "from dammech.equations.reference import age_average, arc_integral, gaussian_average, log2cosh, log_mean_exp",
        "from dammech.equations.reference import tilted_average",
        "",
        "",
        *function("residual", system.equations),
        *function("jacobian", [e for row in system.jacobian() for e in row]),
        *function("outputs", list(system.outputs.values())),
    ]
    return "\n".join(lines).rstrip() + "\n"
