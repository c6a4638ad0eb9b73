"""Formulas of pages as MathML: every construct that is written has its element, and what is not known is refused."""

from xml.etree import ElementTree

import pytest

from dammech.derive.mathml import html_prose, mathml


def shape(latex):
    """Nested lists of tags and text, without rows of one and attributes."""

    def of(e):
        parts = [of(child) for child in e]
        if e.tag == "mrow" and len(parts) == 1:
            return parts[0]
        return f"{e.tag}:{e.text}" if not parts and e.text else [e.tag, *parts]

    return of(ElementTree.fromstring(mathml(latex)))[1]


WRITTEN = {
    r"\alpha^{2}_{c}": ["msubsup", "mi:α", "mi:c", "mn:2"],
    r"x_ab": ["mrow", ["msub", "mi:x", "mi:a"], "mi:b"],
    r"\frac{a}{\sqrt{2}}": ["mfrac", "mi:a", ["msqrt", "mn:2"]],
    r"\tfrac12 x": ["mrow", ["mfrac", "mn:1", "mn:2"], "mi:x"],
    r"\hat m_a": ["msub", ["mover", "mi:m", "mo:^"], "mi:a"],
    r"\sum_{a<b} q": ["mrow", ["munder", "mo:∑", ["mrow", "mi:a", "mo:<", "mi:b"]], "mi:q"],
    r"\left\langle z \right\rangle_{h}": ["msub", ["mrow", "mo:⟨", "mi:z", "mo:⟩"], "mi:h"],
    r"\Bigl(1 - q\Bigr)": ["mrow", "mo:(", "mn:1", "mo:−", "mi:q", "mo:)"],
    r"T \log 2": ["mrow", "mi:T", ["mspace"], "mi:log", ["mspace"], "mn:2"],
    r"\operatorname{sech}^{2}(h)": ["mrow", ["msup", "mi:sech", "mn:2"], "mo:(", "mi:h", "mo:)"],
    r"\mathcal{A}": "mi:𝒜",
    r"\begin{aligned} f &= 1 \\ &\quad + 2\end{aligned}": [
        "mtable", ["mtr", ["mtd", "mi:f"], ["mtd", ["mrow", "mo:=", "mn:1"]]],
        ["mtr", ["mtd", ["mrow"]], ["mtd", ["mrow", ["mspace"], "mo:+", "mn:2"]]],
    ],
    r"\begin{pmatrix}a & b \\[1ex] c & d\end{pmatrix}": [
        "mrow", "mo:(", ["mtable", ["mtr", ["mtd", "mi:a"], ["mtd", "mi:b"]], ["mtr", ["mtd", "mi:c"], ["mtd", "mi:d"]]], "mo:)",
    ],
    r"\#\{x\}": ["mrow", "mo:#", "mo:{", "mi:x", "mo:}"],
}  # fmt: skip


@pytest.mark.parametrize("latex", WRITTEN)
def test_a_formula(latex):
    assert shape(latex) == WRITTEN[latex]


@pytest.mark.parametrize("latex", [r"\foo", r"\frac{1}{2", "a}", r"\left(a", r"a \right)", "x^", r"\begin{aligned}a", "a & b"])
def test_what_is_not_known_or_not_closed_is_refused(latex):
    with pytest.raises(ValueError):
        mathml(latex)


def test_a_sentence():
    made = html_prose("Where a < b & q → 0 — 5 % of N⁻¹ Σ_i σ_i^a σ_i^b — is left.")
    root = ElementTree.fromstring(f"<p>{made}</p>")
    assert root.findall("math") and "".join(root.itertext()).startswith("Where") and "&amp;" in made
    assert root.find(".//munder") is not None and "\\" not in made and "$" not in made
