"""How equations are set: local fields by name, inverse temperature as β, T − 1 + q as T(1 − C), long sums broken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from dammech.derive.averages import Average, Bound, GaussianAverage, linear_in, log2cosh, sech2, spread_out
from dammech.derive.letters import LettersInLatex, LettersInText, defined, has_letters
from dammech.derive.shortest import length, shortest
from dammech.derive.shown import AgesInLatex, AgesInText, over_ages, with_plain_ages
from dammech.derive.tilted import TiltedAverage

_WIDTH = 64
_beta = sp.Symbol("beta", positive=True)


class Notation:
    """The names that a group of equations shares.

    Parameters
    ----------
    expressions : sequence of SymPy expressions
        The arguments of tanh, log 2cosh, sech², sign and |·| under their averages become h (or h₁, h₂ …), times β where the
        temperature is a symbol of theirs; the exponents of tilted averages become ε. Where averages are nested, their
        variables are z_l, with the l of the width s_l in front of them or counted from outside.
    """

    def __init__(self, expressions: Sequence[sp.Expr]) -> None:
        self.names: dict[sp.Expr, tuple[str, bool]] = {}
        self.weights: dict[sp.Expr, str] = {}
        self._eigenvalues = _eigenvalues(expressions)
        nodes = [sorted(self.prepared(e).atoms(Average), key=sp.default_sort_key) for e in expressions]
        self.depth = max((a.variable.index for group in nodes for a in group), default=0)
        groups: dict[sp.Expr, list[sp.Expr]] = {}
        for average in [a for group in nodes for a in group]:
            for head in sorted({f for part in average.parts for f in part.atoms(*_HEADS)}, key=sp.default_sort_key):
                x = head.args[0]
                if x.has(average.variable) and linear_in(x, average.variable) is not None:
                    members = groups.setdefault(self._shown(spread_out(sp.expand_mul(x))), [])
                    members += [x] if x not in members else []
        thermal = {key: _over_beta(key) for key in groups}
        letters = ["u" if any("hat" in s.name for s in key.free_symbols) else "h" for key in groups]
        names = letters if len(groups) == 1 else [f"{x}_{{{k}}}" for k, x in enumerate(letters, 1)]
        for name, (key, members) in zip(names, groups.items()):
            self.names.update({x: (name, thermal[key] is not None) for x in members})
        fields = [(name, key if thermal[key] is None else thermal[key]) for name, key in zip(names, groups)]
        eigenvalues = [(rf"\Delta_{{{d.name[6:]}}}", sp.expand(x)) for x, d in self._eigenvalues.items()]
        self.exponents = _long_exponents([self.prepared(e) for e in expressions])
        copies = [(name, e) for e, name in list(self.exponents.items())[:1]]
        weights = self._name_weights([a for group in nodes for a in group])
        self._definitions = [*defined(expressions).items(), *eigenvalues, *copies, *fields, *weights]

    def prepared(self, e: sp.Expr) -> sp.Expr:
        """An expression as it is set: in units of β, the eigenvalues of T − Q by name; matrices as they are."""
        if has_letters(e):
            return e
        e = with_plain_ages(e)
        e = e.xreplace({s: _AXES[s.name] for s in e.free_symbols if s.name in _AXES})
        named = e.replace(
            lambda x: x.is_Add and sp.expand(x) in self._eigenvalues, lambda x: self._eigenvalues[sp.expand(x)]
        ) if self._eigenvalues else e
        for _ in range(2):  # C appears in the first round, and shortens the second
            named = _cancelled(shortest(in_units_of_beta(shortest(named))))
        return _with_positive_response(min(named, _without_squares(named), key=length))

    def _name_weights(self, nodes: Sequence[Average]) -> list[tuple[str, sp.Expr]]:
        tilted = [a for a in nodes if isinstance(a, TiltedAverage)]
        found = {a.exponent: self.variable(a) for a in sorted(tilted, key=lambda a: a.variable.index)}
        levels = list(found.values())
        if len(set(levels)) < len(levels):
            return []
        for exponent, level in found.items():
            self.weights[exponent] = r"\varepsilon" if len(found) == 1 else r"\varepsilon" + level[1:]
        return [(name, exponent) for exponent, name in self.weights.items()]

    def variable(self, average: Average) -> str:
        """Name of the variable of an average."""
        if self.depth == 1:
            return "z"
        for part in average.parts:
            for head in sorted(part.atoms(*_HEADS), key=sp.default_sort_key):
                line = linear_in(head.args[0], average.variable)
                if line is not None and _level(line[1]) is not None:
                    return f"z_{{{_level(line[1])}}}"
        return f"z_{{{self.depth - average.variable.index}}}"

    def _shown(self, field: sp.Expr) -> sp.Expr:
        """A field with the names of its variables."""
        if self.depth == 1:
            return field
        found = {}
        for z in field.atoms(Bound):
            level = _level(sp.diff(field, z))
            found[z] = sp.Symbol(f"z_{self.depth - z.index if level is None else level}", real=True)
        return field.xreplace(found)

    def over_plane(self, e: Average) -> tuple[sp.Expr, sp.Expr]:
        """Integrand of an average over a field h in the plane, of its modulus, and h in terms of a complex Gaussian z."""
        _, m, v = e.args[2:]
        return e.integrand.xreplace({e.variable: sp.Symbol("|h|", positive=True)}), m + sp.sqrt(2 * v) * sp.Symbol("z")

    def definitions(self) -> list[tuple[str, sp.Expr]]:
        """(name, expression) of every local field and every weight met."""
        return [(name, e) for name, e in self._definitions if e is not None]


def _long_exponents(expressions: Sequence[sp.Expr]) -> dict[sp.Expr, str]:
    """A name for the log of the weight of one copy, where it is a sum."""
    found = {f for e in expressions for x in e.atoms(sp.exp) for f in x.args[0].args if x.args[0].is_Mul and f.is_Add}
    found = {x for x in found if x.has(log2cosh)}
    alike = len({_at_a_point(x) for x in found}) == 1
    return {x: r"\ell" for x in sorted(found, key=str)} if alike else {}


def _at_a_point(e: sp.Expr) -> str:
    """The value at some point, the same for every form of an expression."""
    at = {s: sp.Rational(1, 2) + sp.Rational(1, sp.prime(len(s.name)) + ord(s.name[-1])) for s in e.free_symbols - {_beta}}
    at[_beta] = 1 / at.get(next((s for s in at if s.name == "T"), _beta), sp.S.One)
    return str(e.replace(log2cosh, lambda x: sp.log(2 * sp.cosh(x))).xreplace(at).evalf(12))


#: letters of the axes that free energies of one's own name in words
_AXES = {"load": sp.Symbol("alpha", positive=True), "temperature": sp.Symbol("T", positive=True)}
_HEADS = (sp.tanh, log2cosh, sech2, sp.sign, sp.Abs)


def _level(coefficient: sp.Expr) -> int | None:
    """l of a width s_l (times a sign)."""
    found = re.fullmatch(r"-?s_(\d)", str(coefficient))
    return int(found[1]) if found else None


def _eigenvalues(expressions: Sequence[sp.Expr]) -> dict[sp.Expr, sp.Symbol]:
    """Δ_l for the eigenvalues of T − Q of hierarchical overlaps (of 1 − βQ at T = 0) where they are longer than T − 1 + q."""
    found: dict[sp.Expr, sp.Symbol] = {}
    for x in sorted({sp.expand(x) for e in expressions for x in e.atoms(sp.Add)}, key=sp.default_sort_key):
        names = {s.name for s in x.free_symbols}
        levels = [int(name[1:]) for name in names if re.fullmatch(r"q\d", name)]
        rest = names - {"T", "C"} - {name for name in names if re.fullmatch(r"q\d|theta\d?|y\d?", name)}
        constant = x.as_coefficients_dict()[sp.Integer(1)]
        if levels and not rest and (constant, "T" in names, "C" in names) in ((-1, True, False), (1, False, True)):
            found[x] = sp.Symbol(f"Delta_{min(levels)}", positive=True)
    return found if len(set(found.values())) == len(found) else {}


def in_units_of_beta(e: sp.Expr) -> sp.Expr:
    """The same with β for negative powers of T and C for β(1 − q)."""
    named = {s.name: s for s in e.free_symbols}
    T, q, C = named.get("T"), named.get("q"), named.get("C", sp.Symbol("C", positive=True))
    if T is None and q is not None and _beta in e.free_symbols:
        T = sp.Symbol("T", positive=True)
        e = e.xreplace({_beta: 1 / T})
    e = e.replace(lambda x: isinstance(x, sp.log), lambda x: sp.expand_log(x, force=True))
    if T is not None:
        if q is not None:
            e = e.replace(lambda x: x.is_Add and x.has(q), lambda x: _response(x, T, q))
        e = sp.Add(*[_distributed(t) for t in sp.Add.make_args(e)])
        e = e.replace(lambda x: x.is_Pow and x.base == T and x.exp.is_negative, lambda x: _beta ** (-x.exp))
    e = e.replace(lambda x: isinstance(x, sp.erf), lambda x: sp.erf(sp.factor(x.args[0])))
    return e.replace(
        lambda x: x.is_Pow and x.exp.is_Integer and sp.expand(x.base - (C - 1)) == 0,
        lambda x: (-1) ** x.exp * (1 - C) ** x.exp,
    ).replace(lambda x: isinstance(x, sp.erf), lambda x: sp.erf(x.args[0].replace(
        lambda y: y.is_Add and sp.expand(y - (C - 1)) == 0, lambda y: -sp.UnevaluatedExpr(1 - C))).doit())


def _without_squares(e: sp.Expr) -> sp.Expr:
    """βq² as q(β − C)."""
    q, C = (next((s for s in e.free_symbols if s.name == name), None) for name in ("q", "C"))
    return e if q is None or C is None else shortest(sp.expand_mul(e.xreplace({q**2: q * (1 - C / _beta)})))


def _cancelled(e: sp.Expr) -> sp.Expr:
    """Without products of T and β."""

    def whole(x: sp.Expr) -> sp.Expr:
        powers = {f: x.as_powers_dict()[f] for f in (T, _beta)}
        net = powers[T] - powers[_beta]
        return x * T ** -powers[T] * _beta ** -powers[_beta] * (T**net if net > 0 else _beta**-net)

    T = next((s for s in e.free_symbols if s.name == "T"), None)
    return e if T is None else e.replace(lambda x: x.is_Mul and {T, _beta} <= set(x.as_powers_dict()), whole)


def _response(x: sp.Expr, T: sp.Symbol, q: sp.Symbol) -> sp.Expr:
    """A sum cT − k(1 − q) as T(c − kC)."""
    n = next((s for s in x.free_symbols if s.name == "n"), sp.Dummy())
    copies = sp.diff(x, n)
    one = x - copies * n
    k, whole = sp.diff(one, q), one.subs(q, 1) / T
    if k.has(q, n) or copies.has(n) or not whole.is_Rational:
        return x
    return T * (whole - k * sp.Symbol("C", positive=True) + copies * n / T)


def _with_positive_response(e: sp.Expr) -> sp.Expr:
    """1 − C in place of C − 1."""
    C = sp.Symbol("C", positive=True)
    return e.replace(
        lambda x: x.is_Mul and C - 1 in x.args, lambda x: sp.Mul(-1, 1 - C, *[f for f in x.args if f != C - 1], evaluate=False)
    )


def _distributed(term: sp.Expr) -> sp.Expr:
    """A product with a sum of terms with averages or logarithms, multiplied out."""
    sums = [f for f in term.args if f.is_Add and f.has(Average, sp.log)] if term.is_Mul else []
    return sp.expand_mul(term, deep=False) if sums else term


def _over_beta(x: sp.Expr) -> sp.Expr | None:
    terms = [sp.powsimp(t / _beta) for t in sp.Add.make_args(x)]
    return None if any(t.has(_beta) for t in terms) else sp.Add(*terms)


def latex_lines(left: str, e: sp.Expr, notation: Notation) -> list[str]:
    """``left &= right`` in as many lines as it takes."""
    printer = _Latex(notation)
    e = e if left.startswith((r"\Delta_", r"\ell")) else notation.prepared(e)
    if left.startswith("0 = "):
        left, name = "0", left[4:]
        start = rf"0 = {name} &= "
    else:
        start = f"{left} &= "
    lines = [start]
    for k, term in enumerate(_terms(e, printer)):
        signed = f"- {term[1:].lstrip()}" if term.startswith("-") else f"+ {term}" if k and not term.startswith(_OPENED) else term
        if _width(lines[-1]) + _width(signed) > _WIDTH and lines[-1] not in (start,):
            lines.append(r"&\quad " + signed)
        else:
            lines[-1] += (" " if lines[-1] != start else "") + signed
    return lines


#: what stands before the further terms of a factor that is set over several lines
_OPENED = r"\,"


def _terms(e: sp.Expr, printer: Any) -> Iterator[str]:
    """The terms of a sum; those that are wider than a line in pieces."""
    for term in printer._as_ordered_terms(e) if e.is_Add and not has_letters(e) else [e]:
        text = printer.doprint(term)
        yield from [text] if _width(text) <= _WIDTH or has_letters(e) else _pieces(term, printer) or [text]


def _pieces(term: sp.Expr, printer: Any) -> list[str]:
    """A wide product with its longest sum over several lines; an average of a sum as a sum of averages."""
    factors = sp.Mul.make_args(term)
    means = [f for f in factors if isinstance(f, GaussianAverage | over_ages) and f.args[0].is_Add]
    if means:
        rest = term / means[0]
        each = [rest * means[0].func(t, *means[0].args[1:]) for t in means[0].args[0].args]
        return list(_terms(sp.Add(*each), printer))
    sums = [f for f in factors if f.is_Add]
    if not sums:
        return []
    above, below = sp.fraction(term)
    if _width(printer.doprint(below)) > _WIDTH / 2 and below.is_Add:
        return [*_in_brackets(above, printer), *_in_brackets(1 / below, printer)]
    return _in_brackets(term, printer)


def _in_brackets(term: sp.Expr, printer: Any) -> list[str]:
    """A product whose longest sum stands in brackets that may be torn; of a reciprocal sum the sum, behind a stroke."""
    if term.is_Pow and term.exp == -1:
        first, *rest = _in_brackets(term.base, printer)
        return [rf"{_OPENED} \Big/ {first.lstrip()}", *rest]
    longest = max((f for f in sp.Mul.make_args(term) if f.is_Add), key=lambda f: len(f.args))
    rest = term / longest
    sign, rest = ("- ", -rest) if rest.could_extract_minus_sign() else ("", rest)
    inside = [printer.doprint(t) for t in printer._as_ordered_terms(longest)]
    inside = [f"- {t[1:].lstrip()}" if t.startswith("-") else f"+ {t}" if k else t for k, t in enumerate(inside)]
    head = "" if rest == 1 else printer.doprint(rest)
    return [rf"{sign}{head} \Bigl({inside[0]}", *[_OPENED + t for t in inside[1:-1]], rf"{_OPENED}{inside[-1]}\Bigr)"]


def text_line(left: str, e: sp.Expr, notation: Notation) -> str:
    """``left = right`` in Unicode."""
    e = e if left.startswith((r"\Delta_", r"\ell")) else notation.prepared(e)
    right = re.sub(r"(?<!\^)\*", "·", _Text(notation).doprint(e).replace("**", "^")).replace("sqrt", "√")
    return f"{plain_left(left)} = {right}"


def plain_left(left: str) -> str:
    """A short LaTeX left-hand side in Unicode."""
    left = re.sub(r"\\(?:text|mathrm|operatorname)\{([^{}]*)\}", r"\1", left)
    left = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", left)
    left = re.sub(r"\\dot *([A-Za-z])", lambda x: unicodedata.normalize("NFC", x[1] + "\u0307"), left)
    for command, sign in _PLAIN.items():
        left = left.replace(command, sign)
    return re.sub(r"\\ ", " ", re.sub(r"(?<!\\)[{}]", "", left)).replace("\\{", "{").replace("\\}", "}").strip()


_PLAIN = {
    r"\nabla ": "∇", r"\nabla": "∇", r"\Lambda": "Λ", r"\exp": "exp", r"^{\top}": "ᵀ",
    r"\partial ": "∂", r"\partial": "∂", r"\beta": "β", r"\lambda": "λ", r"\xi": "ξ", r"\kappa": "κ",
    r"\alpha": "α", r"\theta": "θ", r"\gamma": "γ", r"\Sigma": "Σ", r"\varepsilon": "ε", r"\Delta": "Δ",
    r"\hat m": "m̂", r"\hat q": "q̂", r"\log": "log", r"\operatorname{Tr}": "Tr",
    r"\langle": "⟨", r"\rangle": "⟩", r"\sum": "Σ", r"\mu": "μ", r"\sigma": "σ", r"\hat{m}": "m̂", r"\hat{q}": "q̂",
    r"^\top": "ᵀ", r"^{-1}": "⁻¹", r"\tfrac12 ": "½", r"\infty": "∞", r"\tau": "τ", r"\ge ": "≥ ", r"\cdot ": "·",
    r"\max": "max", r"\min": "min", r"\det": "det", r"\#": "#", r"\,": " ",
}


class _Order:
    """Plain terms first, then those with averages or integration variables; a positive number before what is taken from it."""

    def _as_ordered_terms(self, e: sp.Expr, order: Any = None) -> list[sp.Expr]:
        terms = sorted(e.as_ordered_terms(), key=lambda t: bool(t.atoms(Average, Bound)))
        first = terms[0].could_extract_minus_sign()
        return sorted(terms, key=lambda t: not (first and t.is_number and t.is_positive))


class _Latex(AgesInLatex, LettersInLatex, _Order, LatexPrinter):
    printmethod = ""

    def __init__(self, notation: Notation) -> None:
        super().__init__({"ln_notation": False, "fold_short_frac": False})
        self.notation = notation

    def _argument(self, x: sp.Expr) -> str:
        known = self.notation.names.get(x)
        if known is None:
            return rf"\left({self._print(x)}\right)"
        name, thermal = known
        return rf"(\beta {name})" if thermal else f"({name})"

    def _print_tanh(self, e: sp.Expr, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\tanh{power}{self._argument(e.args[0])}"

    def _print_log2cosh(self, e: sp.Expr, exp: Any = None) -> str:
        inner = rf"\log 2\cosh{self._argument(e.args[0])}"
        return inner if exp is None else rf"\left[{inner}\right]^{{{exp}}}"

    def _print_sech2(self, e: sp.Expr, exp: Any = None) -> str:
        power = "2" if exp is None else self._print(2 * sp.sympify(exp))
        return rf"\operatorname{{sech}}^{{{power}}}{self._argument(e.args[0])}"

    def _print_ExpBase(self, e: sp.Expr, exp: Any = None) -> str:
        for x, name in self.notation.exponents.items():
            if (power := e.args[0].as_coefficient(x)) is not None:
                return rf"e^{{{self._print(power)} {name}}}"
        spins = [f for f in e.args[0].atoms(log2cosh) if e.args[0].as_coefficient(f) is not None]
        if spins:
            power = self._print(e.args[0].as_coefficient(spins[0]))
            return rf"\left(2\cosh{self._argument(spins[0].args[0])}\right)^{{{power}}}"
        return str(super()._print_ExpBase(e, exp))

    _print_exp = _print_ExpBase

    def _print_sign(self, e: sp.Expr, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\operatorname{{sign}}{power}{self._argument(e.args[0])}"

    def _print_Abs(self, e: sp.Expr, exp: Any = None) -> str:
        known = self.notation.names.get(e.args[0])
        if known is None:
            return str(super()._print_Abs(e, exp))
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"|{known[0]}|{power}"

    _print_signum, _print_absolute = _print_sign, _print_Abs

    def _print_GaussianAverage(self, e: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\left\langle {self._print(e.integrand)} \right\rangle_{{{self.notation.variable(e)}}}{power}"

    def _print_PlaneAverage(self, e: Any, exp: Any = None) -> str:
        inside, law = self.notation.over_plane(e)
        harmonic = {0: "", 1: r"\cos\varphi \,"}.get(e.args[2], rf"\cos {e.args[2]}\varphi \,")
        mean = harmonic + ("" if inside == 1 and harmonic else self._print(inside))
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\left\langle {mean} \right\rangle_{{h = {self._print(law)}}}{power}"

    def _print_log_i0(self, e: sp.Expr, exp: Any = None) -> str:
        inner = rf"\log I_0\left({self._print(e.args[0])}\right)"
        return inner if exp is None else rf"\left[{inner}\right]^{{{exp}}}"

    def _print_phase_mean(self, e: sp.Expr, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\mathcal{{A}}{power}\left({self._print(e.args[0])}\right)"

    def _print_TiltedAverage(self, e: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        inner = rf"{self._print(e.integrand)} \,\middle|\, {self._weight(e.exponent)}"
        return rf"\left\langle {inner} \right\rangle_{{{self.notation.variable(e)}}}{power}"

    def _print_LogMeanExp(self, e: Any, exp: Any = None) -> str:
        name = self.notation.weights.get(e.integrand)
        weighted = f"e^{{{name}}}" if name else self._print(sp.exp(e.integrand))
        inner = rf"\log\left\langle {weighted} \right\rangle_{{{self.notation.variable(e)}}}"
        return inner if exp is None else rf"\left[{inner}\right]^{{{exp}}}"

    def _weight(self, exponent: sp.Expr) -> str:
        return self.notation.weights.get(exponent) or str(self._print(exponent))

    def _print_Bound(self, e: Any) -> str:
        return "z" if self.notation.depth <= 1 else f"z_{{{self.notation.depth - e.index}}}"

    def _print_Pi(self, e: sp.Expr, exp: Any = None) -> str:
        return r"\pi" if exp is None else rf"\pi^{{{exp}}}"

    def _print_Max(self, e: sp.Expr, exp: Any = None) -> str:
        inner = rf"\max({', '.join(self._print(a) for a in e.args)})"
        return inner if exp is None else rf"{inner}^{{{exp}}}"


_GREEK = {
    "alpha": "α", "beta": "β", "theta": "θ", "Delta": "Δ", r"\hat{m}": "m̂", r"\hat{q}": "q̂", "mu": "μ", "sigma": "σ",
    "tau": "τ", "lambda": "λ", "Lambda": "Λ", "kappa": "κ", "xi": "ξ", "phi": "φ", "gamma": "γ", "delta": "δ",
    "varepsilon": "ε", "alpha_c": "α_c", "eta": "η",
}
_LEVELS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉", "z_{}")


class _Text(AgesInText, LettersInText, _Order, StrPrinter):
    printmethod = ""

    def __init__(self, notation: Notation) -> None:
        super().__init__()
        self.notation = notation

    def _argument(self, x: sp.Expr) -> str:
        known = self.notation.names.get(x)
        if known is None:
            return str(self._print(x))
        name, thermal = known[0].replace("{", "").replace("}", ""), known[1]
        return f"β*{name}" if thermal else name

    def _print_tanh(self, e: sp.Expr) -> str:
        return f"tanh({self._argument(e.args[0])})"

    def _print_log2cosh(self, e: sp.Expr) -> str:
        return f"log2cosh({self._argument(e.args[0])})"

    def _print_sech2(self, e: sp.Expr) -> str:
        return f"sech²({self._argument(e.args[0])})"

    def _print_sign(self, e: sp.Expr) -> str:
        return f"sign({self._argument(e.args[0])})"

    def _print_Abs(self, e: sp.Expr) -> str:
        return f"|{self._argument(e.args[0])}|"

    _print_signum, _print_absolute = _print_sign, _print_Abs

    def _print_GaussianAverage(self, e: Any) -> str:
        return f"⟨{self._print(e.integrand)}⟩{self._over(e)}"

    def _print_PlaneAverage(self, e: Any) -> str:
        inside, law = self.notation.over_plane(e)
        harmonic = {0: "", 1: "cos φ"}.get(e.args[2], f"cos {e.args[2]}φ")
        mean = " · ".join(filter(None, [harmonic, "" if inside == 1 and harmonic else self._print(inside)]))
        return f"⟨{mean}⟩[h = {self._print(law)}]"

    def _print_log_i0(self, e: sp.Expr) -> str:
        return f"log I₀({self._print(e.args[0])})"

    def _print_phase_mean(self, e: sp.Expr) -> str:
        return f"A({self._print(e.args[0])})"

    def _print_TiltedAverage(self, e: Any) -> str:
        return f"⟨{self._print(e.integrand)} | {self._weight(e.exponent)}⟩{self._over(e)}"

    def _print_LogMeanExp(self, e: Any) -> str:
        weight = self._weight(e.integrand)
        return f"log⟨e^{weight if len(weight) < 4 else f'({weight})'}⟩{self._over(e)}"

    def _weight(self, exponent: sp.Expr) -> str:
        return plain_left(self.notation.weights.get(exponent, "")) or str(self._print(exponent))

    def _over(self, e: Average) -> str:
        return self.notation.variable(e).translate(_LEVELS) if self.notation.depth > 1 else ""

    def _print_Pi(self, e: sp.Expr) -> str:
        return "π"

    def _print_Sum(self, e: sp.Expr) -> str:
        return f"Σ[{', '.join(self._print(limit[0]) for limit in reversed(e.limits))}] {self._print(e.function)}"

    def _print_Indexed(self, e: sp.Expr) -> str:
        return f"{self._print(e.base.label)}_{','.join(map(self._print, e.indices))}"

    def _print_Symbol(self, e: sp.Symbol) -> str:
        name, level = re.fullmatch(r"(.*?)_?(\d*)", e.name).groups()  # type: ignore[union-attr]
        if name == "epsilon":
            return f"ε{level}"
        letter, *below = [_GREEK[name]] if name in _GREEK else name.split("_", 1)
        return "_".join([_GREEK.get(letter, letter), *below, *([level] if level else [])])

    def _print_Bound(self, e: Any) -> str:
        return "z" if self.notation.depth <= 1 else f"z_{self.notation.depth - e.index}"

    def _print_Letter(self, e: Any) -> str:
        return plain_left(e.name)


def _width(latex: str) -> int:
    """Roughly how many characters wide a formula is set; of a fraction the wider part counts once."""
    before = ""
    while latex != before:
        before = latex
        latex = re.sub(r"[\^_]\{([^{}]*)\}", r"\1", latex)
        latex = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", lambda f: max(f[1], f[2], key=len), latex)
        latex = re.sub(r"\\(?!frac)[a-zA-Z]+\{([^{}]*)\}", r"x\1", latex)
    latex = re.sub(r"\\(left|right|quad)", "", latex)
    return latex.count("+") + latex.count("-") + len(re.sub(r"[{}^_&\s]", "", re.sub(r"\\[a-zA-Z]+", "x", latex)))
