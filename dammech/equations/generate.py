"""Python source for a system of equations: averages are lowered to quadrature first, common subexpressions afterwards.

The order matters: common-subexpression elimination that sees an average takes its integrand out of it.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from functools import reduce
from itertools import count

import sympy as sp
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.pycode import MpmathPrinter

from dammech.derive.ages import AgeAverage, integral_of_power
from dammech.derive.averages import Average, Bound, GaussianAverage, averages, sech2
from dammech.derive.cold import spin, spin_entropy, written_out
from dammech.derive.plane import PlaneAverage
from dammech.derive.tilted import LogMeanExp, TiltedAverage
from dammech.equations.scaled import near_one, safe
from dammech.equations.systems import System
from dammech.equations.turns import completed, growth, of_argument, saturates, steep, tilts, turns_of, watched

#: part of the key of every generated module
PRINTER_VERSION = 7


class _NumPy(SciPyPrinter):
    def _print_log2cosh(self, e: sp.Expr) -> str:
        x = self._print(e.args[0])
        return f"numpy.logaddexp({x}, -({x}))"

    def _print_sech2(self, e: sp.Expr) -> str:
        return f"(1 - numpy.tanh({self._print(e.args[0])})**2)"

    def _print_softplus(self, e: sp.Expr) -> str:
        return f"numpy.logaddexp(0, {self._print(e.args[0])})"

    def _print_logistic(self, e: sp.Expr) -> str:
        return f"scipy.special.expit({self._print(e.args[0])})"

    def _print_log_erfc(self, e: sp.Expr) -> str:
        return f"(scipy.special.log_ndtr(-numpy.sqrt(2)*({self._print(e.args[0])})) + numpy.log(2))"

    def _print_mills(self, e: sp.Expr) -> str:
        return f"(1/scipy.special.erfcx({self._print(e.args[0])}))"

    def _print_log_i0(self, e: sp.Expr) -> str:
        x = f"numpy.abs({self._print(e.args[0])})"
        return f"({x} + numpy.log(scipy.special.i0e({x})))"

    def _print_phase_mean(self, e: sp.Expr) -> str:
        x = self._print(e.args[0])
        return f"(scipy.special.i1e({x})/scipy.special.i0e({x}))"

    def _print_hypergeometric(self, e: sp.Expr) -> str:
        return f"scipy.special.hyp2f1({', '.join(map(self._print, e.args))})"

    def _print_absolute(self, e: sp.Expr) -> str:
        return f"numpy.abs({self._print(e.args[0])})"

    def _print_signum(self, e: sp.Expr) -> str:
        return f"numpy.sign({self._print(e.args[0])})"

    def _print_largest(self, e: sp.Expr) -> str:
        first, *others = map(self._print, e.args)
        return reduce(lambda a, b: f"numpy.maximum({a}, {b})", others, first)

    _print_Max = _print_largest

    def _print_Min(self, e: sp.Expr) -> str:
        first, *others = map(self._print, e.args)
        return reduce(lambda a, b: f"numpy.minimum({a}, {b})", others, first)

    def _print_gate(self, e: sp.Expr) -> str:
        return f"numpy.where({self._print(e.args[0])} > 0, {self._print(e.args[1])}, 0.0)"

    def _print_parabola(self, e: sp.Expr) -> str:
        return f"parabola({', '.join(map(self._print, e.args))})"

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
        return f"(mpmath.sech({self._print(e.args[0])})**2)"

    def _print_softplus(self, e: sp.Expr) -> str:
        return f"mpmath.log1p(mpmath.exp({self._print(e.args[0])}))"

    def _print_logistic(self, e: sp.Expr) -> str:
        return f"(1/(1 + mpmath.exp(-({self._print(e.args[0])}))))"

    def _print_log_erfc(self, e: sp.Expr) -> str:
        return f"mpmath.log(mpmath.erfc({self._print(e.args[0])}))"

    def _print_mills(self, e: sp.Expr) -> str:
        x = self._print(e.args[0])
        return f"(mpmath.exp(-({x})**2)/mpmath.erfc({x}))"

    def _print_log_i0(self, e: sp.Expr) -> str:
        return f"mpmath.log(mpmath.besseli(0, {self._print(e.args[0])}))"

    def _print_phase_mean(self, e: sp.Expr) -> str:
        x = self._print(e.args[0])
        return f"(mpmath.besseli(1, {x})/mpmath.besseli(0, {x}))"

    def _print_hypergeometric(self, e: sp.Expr) -> str:
        return f"mpmath.hyp2f1({', '.join(map(self._print, e.args))})"

    def _print_absolute(self, e: sp.Expr) -> str:
        return f"abs({self._print(e.args[0])})"

    def _print_signum(self, e: sp.Expr) -> str:
        return f"mpmath.sign({self._print(e.args[0])})"

    def _print_gate(self, e: sp.Expr) -> str:
        return f"({self._print(e.args[1])} if {self._print(e.args[0])} > 0 else mpmath.mpf(0))"

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

    def _print_PlaneAverage(self, e: PlaneAverage) -> str:
        function = f"lambda {self._print(e.variable)}: {self._print(e.integrand)}"
        return f"plane_average({function}, {', '.join(map(self._print, e.args[2:]))}, [{', '.join(map(self._print, e.slopes))}])"

    def _call(self, function: str, e: Average) -> str:
        turns = steep(e) if saturates(e) else turns_of(e)
        lines = ", ".join(f"({', '.join(self._print(part) for part in turn)})" for turn in turns)
        parts = [f"lambda {self._print(e.variable)}: {self._print(part)}" for part in e.parts]
        return f"{function}({', '.join(parts)}, [{lines}])"


def _named(system: System) -> dict[sp.Symbol, sp.Symbol]:
    """A symbol with a name of its own in the code for each unknown and parameter."""
    found: dict[sp.Symbol, sp.Symbol] = {}
    taken = {"u", "p", "order", "out", "numpy", "scipy", "mpmath", "ORDER", "nodes", "ages", "moduli", "refined", "arguments",
             "parabola",
             "thermal", "gaussian_average", "age_average", "plane_average", "log_mean_exp", "tilted_average", "log2cosh", "abs"}
    for symbol in (*system.unknowns, *system.parameters):
        name = re.sub(r"\W", "_", symbol.name)
        if keyword.iskeyword(name) or not name.isidentifier() or re.fullmatch(r"[a-zA-Z]\d+|[adz]_?\d+_?", name):
            name += "_"
        while name in taken:
            name += "_"
        taken.add(name)
        found[symbol] = sp.Symbol(name, real=True)
    return found


class _thermal(sp.Function):
    """Printed as a call of ``thermal`` of k, tanh x, z and b."""


class _entropy(sp.Function):
    """Printed as a call of ``spin_entropy`` of k, x, z and b."""


def _called(e: sp.Expr, z: sp.Symbol, b: sp.Symbol) -> sp.Expr:
    """Derivatives of one spin's functions as calls that need the nodes' z and b."""
    e = e.replace(spin, lambda x, k: _thermal(k, sp.tanh(x), z, b) if k > 2 else spin(x, k).written_out())
    return e.replace(spin_entropy, lambda x, k: _entropy(k, x, z, b))


class _Writer:
    """Collects the lines of one function."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.printer = _NumPy({"fully_qualified_modules": True})
        self._names = {letter: count() for letter in "xEtszwdf"}

    def new(self, letter: str) -> sp.Symbol:
        return sp.Symbol(f"{letter}{next(self._names[letter])}", real=True)

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
                elif isinstance(a, PlaneAverage):
                    group = (type(a), *a.args[2:], *a.slopes)
                elif not isinstance(a, GaussianAverage):
                    group = (weight.xreplace({a.variable: _ANY}),)
                else:
                    group = tuple(steep(a) if saturates(a) else turns_of(a))
                members = groups.setdefault(group, [])
                if a not in members:
                    members.append(a)
        values: dict[sp.Expr, sp.Expr] = {}
        for members in groups.values():
            if isinstance(members[0], AgeAverage):
                values.update(self._over_ages(members))
            elif isinstance(members[0], PlaneAverage):
                values.update(self._over_plane(members))
            else:
                values.update(self._averages(members) if all(map(saturates, members)) else self._refined(members))
        flat = [safe(e.xreplace(values)) for e in expressions]
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
        moment = float(integral_of_power(kernel))
        self.lines.append(f"    {z}, {w} = ages({kernel.name!r}, {kernel.exponent!r}, {moment!r}, order)")
        return self._at_nodes(members, z, w)

    def _over_plane(self, members: list[PlaneAverage]) -> dict[sp.Expr, sp.Expr]:
        """Values of averages over one field in the plane, under one harmonic."""
        z, w = self.new("z"), self.new("w")
        mean, variance, *slopes = self.block([*members[0].args[3:], *members[0].slopes])
        self.lines.append(f"    {z}, {w} = moduli({members[0].args[2]}, {mean}, {variance}, [{', '.join(slopes)}], order)")
        return self._at_nodes(members, z, w)

    def _at_nodes(self, members: Sequence[Average], z: sp.Symbol, w: sp.Symbol) -> dict[sp.Expr, sp.Expr]:
        """Values of averages that share known nodes and weights."""
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
        lines = list(dict.fromkeys(line for a in members for line in steep(a)))
        shifts = [e.xreplace({a.variable: z}) for a in members for e in tilts(a)] if exponent is None else [exponent]
        tilt = [sp.Add(*[growth(e, z) for e in dict.fromkeys(shifts)])] if shifts else []
        flat = self.block([*[part for line in lines for part in line], *tilt])
        pairs = iter(flat)
        around = ", ".join(f"({a}, {b})" for a, b, _ in zip(pairs, pairs, lines))
        plain = None if shifts or len(lines) != 1 else [of_argument(a, *lines[0], z) for a in members]
        if plain and not any(e.has(Bound) for e in plain):
            gauss, slope = self.new("z"), self.new("z")
            plain = [_called(e, gauss, slope) for e in plain]
            self.lines.append(f"    {z}, {w}, {gauss}, {slope} = arguments({flat[0]}, {flat[1]}, order)")
        else:
            plain = [written_out(a.integrand.xreplace({a.variable: z})) for a in members]
            # a weight without its own turns lies wherever it shifts the Gaussian
            points = "order + 8" if shifts and exponent is None else "order"
            self.lines.append(f"    {z}, {w} = nodes([{around}], {points}{f', {flat[-1]}' if tilt else ''})")
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
        turns = list(dict.fromkeys(turn for a in members for turn in turns_of(a)))
        flat = iter(self.block([part for turn in turns for part in turn[:4]]))
        lines = ", ".join(f"({c}, {b}, {k}, {d}, {turn[4]})" for c, b, k, d, turn in zip(flat, flat, flat, flat, turns))
        inside = {}
        for s in sorted({s for a in members for s in a.free_symbols}, key=lambda s: s.name):
            inside[s] = self.new("x")
            self.assign(inside[s], f"{self.printer.doprint(s)}[..., None]")
        z, f = self.new("z"), self.new("f")
        means = [a for a in members if not isinstance(a, LogMeanExp)]
        integrands = [(a.integrand, a.variable) for a in means]
        if weighted:
            integrands.insert(0, (weighted[0].parts[-1], weighted[0].variable))
        integrands = [(written_out(e.xreplace(completed(e, variable))), variable) for e, variable in integrands]
        outer, self.lines = self.lines, []
        others = list(dict.fromkeys((e.xreplace({a.variable: z}), scale) for a in members for e, scale in watched(a)))
        every = [*(e.xreplace({variable: z}) for e, variable in integrands), *(written_out(e) for e, _ in others)]
        codes = self.block([e.xreplace(inside) for e in every])
        body, self.lines = self.lines, outer
        values, arguments = ", ".join(codes[: len(integrands)]), ", ".join(codes[len(integrands) :])
        self.lines += [f"    def {f}({z}):", *(f"    {line}" for line in body), f"        return [{values}], [{arguments}]"]
        names = [self.new("E") for _ in integrands]
        found, scales = ", ".join(map(str, names)), [float(scale) for _, scale in others]
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
    symbols = _named(system)
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


_QUADRATURE = "from dammech.equations.quadrature import ORDER, ages, arguments, moduli, nodes, parabola, refined"
_SPECIAL = "from dammech.equations.special import arc_integral, spin_entropy, thermal"
_REFERENCE = (
    "from dammech.equations.reference import age_average, arc_integral, gaussian_average, log2cosh, log_mean_exp",
    "from dammech.equations.reference import plane_average, tilted_average",
)


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
        _QUADRATURE,
        _SPECIAL,
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
        "",
        *_function("start", system, (len(system.start),), system.start, "Where a search may begin."),
    ]
    return "\n".join(lines) + "\n"


def mpmath_source(system: System, title: str) -> str:
    """The same functions of single points in mpmath, for reference values; no common subexpressions, other quadrature."""
    lines = [
        f'"""{title}, in mpmath. Generated; do not edit."""',
        "",
        "import mpmath",
        "",
        *_REFERENCE,
        "",
        "",
        *_exactly("residual", system, system.equations),
        *_exactly("jacobian", system, [e for row in system.jacobian() for e in row]),
        *_exactly("outputs", system, list(system.outputs.values())),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _exactly(name: str, system: System, expressions: Sequence[sp.Expr], *first: str) -> list[str]:
    printer = _Mpmath({"fully_qualified_modules": True})
    symbols = _named(system)
    unpack = [
        f"    {', '.join(str(symbols[s]) for s in group)}, = {source}"
        for group, source in ((system.unknowns, "u"), (system.parameters, "p"))
        if group
    ]
    own = {s: sp.Symbol(f"d_{k}_", real=True) for k, s in enumerate(system.definitions)}
    unpack += [f"    {own[s]} = {printer.doprint(e.xreplace(symbols))}" for s, e in system.definitions.items()]
    named = [written_out(e).xreplace({**symbols, **own}) for e in expressions]
    known = {a: sp.Symbol(f"a{k}_") for k, a in enumerate(_free_ages(named))}
    unpack += [f"    {name} = {printer.doprint(a)}" for a, name in known.items()]
    values = [f"        {printer.doprint(e.xreplace(known))}," for e in named]
    return [f"def {name}(u, p):", *first, *unpack, "    return [", *values, "    ]", "", ""]


def law_source(expressions: Sequence[sp.Expr], title: str) -> str:
    """The module for expressions: ``values`` of arrays, and ``exact`` of single points in mpmath."""
    parameters = sorted({s for e in expressions for s in e.free_symbols}, key=lambda s: s.name)
    system = System((), (), tuple(parameters))
    lines = [
        f'"""{title}. Generated; do not edit."""',
        "",
        "import numpy",
        "import scipy.special",
        "",
        _QUADRATURE,
        _SPECIAL,
        "",
        f"NAMES = {[s.name for s in parameters]!r}",
        "",
        "",
        *_function("values", system, (len(expressions),), [near_one(e) for e in expressions], "What is claimed."),
        "",
        *_exactly("exact", system, expressions, "    import mpmath", "", *(f"    {line}" for line in _REFERENCE), ""),
    ]
    return "\n".join(lines).rstrip() + "\n"
