"""Sentences with Unicode mathematics as LaTeX."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = {
    "σ": r"\sigma ", "ξ": r"\xi ", "α": r"\alpha ", "β": r"\beta ", "δ": r"\delta ", "κ": r"\kappa ", "λ": r"\lambda ",
    "θ": r"\theta ", "μ": r"\mu ", "τ": r"\tau ", "Σ": r"\sum ", "∂": r"\partial ", "→": r"\to ", "≥": r"\ge ",
    "≠": r"\neq ", "√": r"\surd ", "∞": r"\infty ", "⟨": r"\langle ", "⟩": r"\rangle ", "·": r"\cdot ", "−": "-",
    "ε": r"\varepsilon ", "γ": r"\gamma ", "½": r"\tfrac12 ", "×": r"\times ", "~": r"\sim ",
    "∇": r"\nabla ", "Λ": r"\Lambda ", "φ": r"\varphi ", "ω": r"\omega ", "ρ": r"\rho ", "≤": r"\le ", "∈": r"\in ",
    "∪": r"\cup ", "∘": r"\circ ", "‖": r"\Vert ", "ᵀ": r"^\top ", "±": r"\pm ", "∓": r"\mp ", "≈": r"\approx ",
    "π": r"\pi ", "Ψ": r"\Psi ", "Π": r"\prod ", "∫": r"\int ", "Γ": r"\Gamma ", "Δ": r"\Delta ", "Φ": r"\Phi ", "χ": r"\chi ",
    "η": r"\eta ", "ζ": r"\zeta ", "ℓ": r"\ell ", "ψ": r"\psi ", "∝": r"\propto ", "′": "'", "∀": r"\forall ",
    "∉": r"\notin ", "⊂": r"\subset ", "⁄": "/", "ℝ": r"\mathbb{R}", "†": r"^\dagger ",
}
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵖ", "0123456789-+np")
_BELOW = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ACCENTS = {"\u0302": "hat", "\u0304": "bar", "\u0307": "dot"}
_MATHS = re.compile(rf"[{''.join(_SIGNS)}^_=<>+|⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵖ₀₁₂₃₄₅₆₇₈₉{''.join(_ACCENTS)}]")
_FUNCTIONS = re.compile(r"(?<![a-z\\])(log|det|diag|tanh|cosh|sech|sign)(?![a-z])")
_LETTER = re.compile(
    r"\(?[b-zB-HJ-Z]\)?|\d+(/\d+)?|[A-Z]\(\w\)(/\w)?|\d?/[A-Z]|\w/\w\)?|\w!|(log|tanh|sech|sign|CT)|\d?cosh|(det|1/)\(1"
)


def latex_prose(words: str) -> str:
    """A sentence with Unicode mathematics as LaTeX: each run of words that holds a mathematical sign in math mode."""
    out: list[str] = []
    run: list[str] = []

    def close() -> None:
        if any(_MATHS.search(w) or re.fullmatch("[B-Zb-z]", w) for w in run):
            out.append(f"${_formula(' '.join(run))}$")
        else:
            out.extend(run)
        run.clear()

    tokens = [_decomposed(token) for token in _whole(words.split(" "))]
    for k, token in enumerate(tokens):
        core = token.rstrip(".,;:")
        tail = token[len(core):]
        beside = [t for t in (tokens[k - 1] if k else "", tokens[k + 1] if k + 1 < len(tokens) else "")]
        letter = _LETTER.fullmatch(core) or (core == "a" and any(t in ("≠", "=") for t in beside))
        if core and core != "—" and (_MATHS.search(core) or letter):
            run.append(core)
            if tail:
                close()
                out[-1] += tail
        else:
            close()
            out.append(token.replace("—", "---").replace("–", "--").replace("…", r"\ldots"))
    close()
    return " ".join(out).replace("%", r"\%").replace("#", r"\#")


def _whole(tokens: list[str]) -> list[str]:
    """Tokens joined where braces are open between them."""
    found: list[str] = []
    for token in tokens:
        if found and found[-1].count("{") > found[-1].count("}"):
            found[-1] += f" {token}"
        else:
            found.append(token)
    return found


def _decomposed(token: str) -> str:
    """Accented letters as a letter with its accent."""
    apart = unicodedata.normalize("NFD", token)
    return apart if set(apart) & set(_ACCENTS) else token


def _formula(words: str) -> str:
    words = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿᵖ]+", lambda x: f"^{{{x[0].translate(_POWERS)}}}", words)
    words = re.sub("[₀₁₂₃₄₅₆₇₈₉]+", lambda x: f"_{{{x[0].translate(_BELOW)}}}", words)
    words = re.sub("(\\w)([\u0302\u0304\u0307])", lambda x: rf"\{_ACCENTS[x[2]]}{{{x[1]}}}", words)
    words = words.replace("^½", "^{1/2}")
    words = re.sub(r"_([A-Za-z]{2,})", r"_{\1}", words)
    words = re.sub(r"_\(([^)]*)\)", r"_{\1}", words)
    words = re.sub(r"\^(\d{2,})", r"^{\1}", words)
    words = _FUNCTIONS.sub(lambda x: rf"\operatorname{{{x[1]}}}", words)
    return "".join(_SIGNS.get(c, c) for c in words).strip()
