"""LaTeX as this package writes it, as MathML: a small language, of which every word is known here or refused."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

from dammech.derive.prose import latex_prose

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S")
_GREEK = {
    **{name: unicodedata.lookup(f"GREEK {case} LETTER {name.upper()}")
       for case, names in {"SMALL": "alpha beta gamma delta eta theta kappa mu xi pi rho sigma tau chi psi omega"}.items()
       for name in names.split()},
    **{name: unicodedata.lookup(f"GREEK CAPITAL LETTER {name.upper()}")
       for name in "Gamma Delta Pi Sigma Phi Psi".split()},
    "lambda": "λ", "Lambda": "Λ", "varepsilon": "ε", "varphi": "φ", "phi": "ϕ", "ell": "ℓ", "infty": "∞", "top": "⊤",
    "i": "i", "ldots": "…",
}  # fmt: skip
_OPERATORS = {
    "cdot": "·", "to": "→", "ge": "≥", "geq": "≥", "le": "≤", "leq": "≤", "neq": "≠", "times": "×", "sim": "∼", "in": "∈",
    "approx": "≈", "pm": "±", "mp": "∓", "propto": "∝", "cup": "∪", "circ": "∘", "Vert": "‖", "forall": "∀", "notin": "∉",
    "subset": "⊂", "dagger": "†", "partial": "∂", "nabla": "∇", "langle": "⟨", "rangle": "⟩", "{": "{", "}": "}", "#": "#",
    "surd": "√", "mid": "|", "star": "⋆", "&": "&amp;", "%": "%", "|": "‖",
}  # fmt: skip
_LARGE = {"sum": "∑", "prod": "∏", "int": "∫"}
_FUNCTIONS = frozenset("log exp det cosh sinh tanh cos sin max min lim arg".split())
_SPACES = {",": 0.17, ":": 0.22, ";": 0.28, "!": -0.17, " ": 0.25, "quad": 1, "qquad": 2}
_THIN = '<mspace width="0.17em"></mspace>'
_ACCENTS = {"hat": "^", "bar": "¯", "dot": "˙"}
_SIZES = {"big": 1.2, "Big": 1.6}
_ALPHABETS = {"mathcal": ("MATHEMATICAL SCRIPT CAPITAL", "SCRIPT CAPITAL"), "mathsf": ("MATHEMATICAL SANS-SERIF CAPITAL",),
              "mathbb": ("MATHEMATICAL DOUBLE-STRUCK CAPITAL", "DOUBLE-STRUCK CAPITAL")}  # fmt: skip


def mathml(latex: str, block: bool = False) -> str:
    """A formula as a ``math`` element.

    Raises
    ------
    ValueError
        For a command that this package does not write, and where a group is not closed.
    """
    kind = ' display="block"' if block else ""
    try:
        return f"<math{kind}>{_Reader(latex).whole()}</math>"
    except IndexError:
        raise ValueError(f"{latex} ends too early") from None


def html_prose(words: str) -> str:
    """A sentence with Unicode mathematics as HTML with MathML."""
    parts = re.split(r"\$([^$]*)\$", latex_prose(words))
    return "".join(mathml(part) if k % 2 else _text(part) for k, part in enumerate(parts))


def _text(words: str) -> str:
    plain = words.replace("---", "—").replace("--", "–").replace(r"\ldots", "…").replace(r"\%", "%").replace(r"\#", "#")
    return html.escape(plain, quote=False)


class _Reader:
    """Reads tokens one after another."""

    def __init__(self, latex: str) -> None:
        self._left = _TOKEN.findall(latex)[::-1]

    def whole(self) -> str:
        found = self._row(())
        if self._left:
            raise ValueError(f"{self._left[-1]} has nothing that it closes")
        return found

    def _next(self) -> str:
        return self._left[-1] if self._left else ""

    def _row(self, until: tuple[str, ...]) -> str:
        """What stands before one of these tokens, which stays."""
        found: list[str] = []
        while self._left and self._next() not in (*until, "}", r"\right", r"\end"):
            named = self._next()[1:] in _FUNCTIONS or self._next() == r"\operatorname"
            if named and found and not found[-1].startswith(("<mo>", "<mo ", "<mspace")):
                found.append(_THIN)
            found.append(self._scripted())
            if named and self._next() not in ("(", "[", "{", "_", "^", "}", r"\left", r"\Bigl", r"\bigl", r"\right", ""):
                found.append(_THIN)
        return f"<mrow>{''.join(found)}</mrow>"

    def _scripted(self) -> str:
        token = self._next()
        base, below, above = "<mrow></mrow>" if token in ("_", "^") else self._atom(), "", ""
        while self._next() in ("_", "^"):
            if self._left.pop() == "_":
                below = self._argument()
            else:
                above = self._argument()
        under = token[1:] in ("sum", "prod", "max", "min", "lim")
        kind = {(1, 0): ("munder" if under else "msub"), (0, 1): ("mover" if under else "msup"),
                (1, 1): ("munderover" if under else "msubsup")}.get((bool(below), bool(above)))  # fmt: skip
        return f"<{kind}>{base}{below}{above}</{kind}>" if kind else base

    def _argument(self) -> str:
        """A group, or one sign."""
        token = self._next()
        if token.isdigit() and len(token) > 1:
            self._left[-1] = token[1:]
            return f"<mn>{token[0]}</mn>"
        return self._atom()

    def _atom(self) -> str:
        token = self._left.pop()
        if token.startswith("\\"):
            return self._command(token[1:])
        if token == "{":
            return self._closed(self._row(()), "}")
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token in "_^}&$" or (ord(token) > 127 and not token.isalpha()):
            raise ValueError(f"{token} stands where a sign is expected")
        return f"<mi>{token}</mi>" if token.isalpha() else _operator({"-": "−"}.get(token, html.escape(token, quote=False)))

    def _closed(self, found: str, end: str) -> str:
        if not self._left or self._left.pop() != end:
            raise ValueError(f"{end} is missing")
        return found

    def _command(self, name: str) -> str:
        if name in _GREEK or name in _FUNCTIONS:
            return f"<mi>{_GREEK.get(name, name)}</mi>"
        if name in _OPERATORS or name in _LARGE:
            return _operator(_OPERATORS.get(name) or _LARGE[name])
        if name in _SPACES:
            return _THIN.replace("0.17", str(_SPACES[name]))
        if name in _ACCENTS:
            return f'<mover accent="true">{self._argument()}<mo>{_ACCENTS[name]}</mo></mover>'
        if name in _ALPHABETS:
            return f"<mi>{_lettered(self._word(), _ALPHABETS[name])}</mi>"
        if name in ("frac", "tfrac"):
            small = ' displaystyle="false"' if name == "tfrac" else ""
            return f"<mfrac{small}>{self._argument()}{self._argument()}</mfrac>"
        if name.rstrip("lr") in _SIZES:
            size = _SIZES[name.rstrip("lr")]
            return f'<mo stretchy="true" minsize="{size}em" maxsize="{size}em">{self._delimiter()}</mo>'
        rule: dict[str, Callable[[], str]] = {
            "sqrt": lambda: f"<msqrt>{self._argument()}</msqrt>", "left": self._fenced,
            "middle": lambda: f'<mo stretchy="true">{self._delimiter()}</mo>', "begin": self._table,
            "operatorname": lambda: f"<mi>{self._word()}</mi>", "mathrm": lambda: f'<mi mathvariant="normal">{self._word()}</mi>',
            "text": lambda: f"<mtext>{self._word()}</mtext>", "substack": self._stack,
        }  # fmt: skip
        if name not in rule:
            raise ValueError(f"\\{name} has no MathML here")
        return rule[name]()

    def _word(self) -> str:
        """The letters of a group."""
        if self._next() != "{":
            return self._left.pop()
        self._left.pop()
        found = []
        while self._left and self._next() != "}":
            found.append(self._left.pop())
        return self._closed(html.escape("".join(found)), "}")

    def _delimiter(self) -> str:
        token = self._left.pop()
        return "" if token == "." else _OPERATORS.get(token[1:], token) if token.startswith("\\") else token

    def _fenced(self) -> str:
        begin = self._delimiter()
        inside = self._closed(self._row(()), r"\right")
        fences = [f'<mo fence="true" stretchy="true">{sign}</mo>' if sign else "" for sign in (begin, self._delimiter())]
        return f"<mrow>{fences[0]}{inside}{fences[1]}</mrow>"

    def _table(self) -> str:
        kind = self._word()
        table = self._closed(self._lines(kind), r"\end")
        self._word()
        return f"<mrow><mo>(</mo>{table}<mo>)</mo></mrow>" if kind == "pmatrix" else table

    def _stack(self) -> str:
        self._closed("", "{")
        return self._closed(self._lines("gathered"), "}")

    def _lines(self, kind: str) -> str:
        """Rows of cells up to the end of a group or an environment."""
        rows, cells = [], []
        while True:
            cells.append(self._row(("&", "\\\\")))
            token = self._next()
            if token in ("&", "\\\\"):
                self._left.pop()
            if token != "&":
                rows.append(cells)
                cells = []
            if token == "\\\\" and self._next() == "[":  # the distance of the next line
                while self._left.pop() != "]":
                    pass
            if token not in ("&", "\\\\"):
                break
        sides = ("right", "left") if kind == "aligned" else ("center", "center")
        made = ["".join(f'<mtd style="text-align:{sides[k % 2]}">{cell}</mtd>' for k, cell in enumerate(row)) for row in rows]
        return f'<mtable displaystyle="true">{"".join(f"<mtr>{row}</mtr>" for row in made)}</mtable>'


def _operator(sign: str) -> str:
    """A sign; large ones and brackets keep their size."""
    return f'<mo stretchy="false">{sign}</mo>' if sign in "()[]|⟨⟩{}‖/" else f"<mo>{sign}</mo>"


def _lettered(word: str, alphabets: tuple[str, ...]) -> str:
    for alphabet in alphabets:
        try:
            return unicodedata.lookup(f"{alphabet} {word}")
        except KeyError:
            continue
    raise ValueError(f"{word} has no such letter")
