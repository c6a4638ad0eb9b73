"""How a derivation begins: from ⟨Zⁿ⟩ over order parameters and their conjugates to the saddle point, before any ansatz."""

from __future__ import annotations

import sympy as sp

from dammech.derive.functional import Part, Replicated
from dammech.derive.steps import Derivation

_LATEX = {"σ": r"\sigma", "τ": r"\tau", "ξ": r"\xi", "η": r"\eta"}


def opening(d: Derivation) -> list[Part]:
    """What precedes the steps, from what the functional declares; nothing where a system has none."""
    if d.functional is None:
        return []
    slots: Replicated = d.functional
    noise = next(k for k, step in enumerate(d.steps, start=1) if step.title == "Noise functional")
    ansatz = "values that depend on the blocks that a and b share" if d.ansatz != "rs" else _alike(slots)
    closing = (
        f"As N → ∞ the integral is its saddle point, at which Φ is stationary in all its variables. Only now comes the "
        f"ansatz: {ansatz}. "
        "Then n → 0, −βf = ∂Φ/∂n."
    )
    parts = [*slots.rewritten, *(_of_memory(slots, noise) if slots.patterns else _of_glass(slots))]
    if not slots.coordinates:
        return [*parts, (closing, ())]
    placed = r",\qquad ".join(f"{sp.latex(x)} = {sp.latex(e)}" for x, e in slots.coordinates.items())
    return [*parts, (f"{closing} The free energy is written in other variables, with", (placed,))]


def _alike(slots: Replicated) -> str:
    """The ansatz of replica symmetry."""
    signal = "m_a = m, m̂_a = m̂, " if slots.patterns else ""
    off, norm = (" for a ≠ b", ", Q_aa = d, Q̂_aa = d̂") if slots.spin.free else ("", "")
    return f"{signal}Q_ab = q, Q̂_ab = q̂{off}{norm}{', all of them real' if slots.spin.plane else ''}"


def _of_memory(slots: Replicated, noise: int) -> list[Part]:
    s, x, plane = slots.spin.letter, slots.stored, slots.spin.plane
    S, X = _LATEX[s], _LATEX.get(x, x)
    bar, B, on = ("\u0304", r"\bar", r"\cdot ") if plane else ("", "", "")
    count = slots.patterns
    condensed = "Pattern 1 is" if count == 1 else f"Patterns 1 to {count}, which have equal overlaps, are"
    phases = "Tr is the mean over the phases of all spins. " if plane else ""
    every = "an integral over a conjugate variable along the imaginary axis"
    either = " for either component of a complex number, with u · v = Re ūv" if plane else ""
    if slots.spin.free:
        either = " (for Q_aa over Q̂_aa/2)"
    measure = (lambda v: rf"\frac{{N^2 d^2\hat {v}}}{{(2\pi i)^2}}") if plane else (
        lambda v: rf"\frac{{N\,d\hat {v}}}{{2\pi i}}"
    )  # fmt: skip
    shown = f"1 {'and' if noise == 2 else 'to'} {noise}"
    first, times = ("H_1", "") if count == 1 else (rf"\sum_{{\nu\le {count}}} H_\nu", f"{count}")
    uneven = tuple(slots.site) != Replicated.site
    single = _single(slots, f"{X}\\," if uneven else "")
    single = rf"\Bigl\langle {single}\Bigr\rangle_{{{X}}}" if uneven else single
    there = "the sum of the condensed patterns" if count > 1 else "what is stored"
    deltas = (
        rf"\delta\Bigl(m_a - \tfrac1N\sum_i{B}{X}_i{S}_i^a\Bigr) = \int\!{measure('m_a')}\, "
        rf"e^{{-\hat m_a{on}(N m_a - \sum_i{B}{X}_i{S}_i^a)}}",
        rf"\delta\Bigl(Q_{{ab}} - \tfrac1N\sum_i{B}{S}_i^a{S}_i^b\Bigr) = \int\!{measure('Q_{ab}')}\, "
        rf"e^{{-\hat Q_{{ab}}{on}(N Q_{{ab}} - \sum_i{B}{S}_i^a{S}_i^b)}}",
    )
    return [
        (
            "The mean of log Z over the patterns follows from integer powers of Z: −βf = lim ∂/∂n log ⟨Zⁿ⟩ / N as n → 0. "
            "Zⁿ is the partition function of n copies of the spins, a = 1 … n, in the same patterns, and the patterns are "
            f"independent, H = Σ_μ H_μ. {phases}{condensed} condensed and held fixed; over each of the others the mean is taken:",
            (rf"\langle Z^n\rangle = {_over(slots)} e^{{-\beta\sum_a {first}({S}^a)}} "
             rf"\prod_{{\mu>{count}}} \bigl\langle e^{{-\beta\sum_a H_\mu({S}^a)}}\bigr\rangle_{{{X}^\mu}}",),
        ),
        (
            f"The first factor depends on m_a = N⁻¹ Σ_i {x}{bar}_i {s}_i^a alone, the others on Q_ab = N⁻¹ Σ_i {s}{bar}_i^a "
            f"{s}_i^b alone, the "
            "covariance of the overlaps y_a with a pattern that is not condensed: their product is e^{NW(Q)} up to factors of "
            f"order 1, as steps {shown} show. Both are held by Dirac distributions, each {every}{either}:",
            (r"\begin{gathered}", f"{deltas[0]},\\\\", deltas[1], r"\end{gathered}") if plane else
            (rf"{deltas[0]},\qquad", deltas[1]),
        ),
        (
            f"Under the integrals the sites are independent and, after {s}_i → ξ_i {s}_i, alike"
            + (f" but for {x}, {there} there times ξ" if uneven else "")
            + ". Up to factors that do not count at order N",
            (r"\begin{gathered}",
             r"\langle Z^n\rangle = \int\! dm\,d\hat m\,dQ\,d\hat Q\; e^{N\Phi},\\",
             rf"\Phi = -\tfrac{{\beta}}{{N}}\sum_a {first}(m_a) - {times}\sum_a\hat m_a{on or ' '}m_a + W(Q) - "
             rf"{_conjugate(slots)} + {single}",
             r"\end{gathered}"),
        ),
    ]  # fmt: skip


def _of_glass(slots: Replicated) -> list[Part]:
    return [
        (
            "The mean of log Z over the couplings follows from integer powers of Z: −βf = lim ∂/∂n log ⟨Zⁿ⟩ / N as n → 0. "
            "Zⁿ is the partition function of n copies of the spins, a = 1 … n, with the same couplings; these are Gaussian, "
            "so that the mean depends on the covariance of the energies, on Q_ab = N⁻¹ Σ_i σ_i^a σ_i^b alone:",
            (r"\langle Z^n\rangle = \sum_{\{\sigma^a\}} \bigl\langle e^{-\beta\sum_a H(\sigma^a)}\bigr\rangle_J "
             r"= \sum_{\{\sigma^a\}} e^{N W(Q)}",),
        ),
        (
            "Q_ab is held by Dirac distributions, each an integral over a conjugate variable along the imaginary axis, under "
            "which the sites are independent:",
            (r"\begin{gathered}",
             r"\langle Z^n\rangle = \int\! dQ\,d\hat Q\; e^{N\Phi},\\",
             rf"\Phi = W(Q) - {_conjugate(slots)} + {_single(slots, '')}",
             r"\end{gathered}"),
        ),
    ]  # fmt: skip


def _over(slots: Replicated) -> str:
    """The sum over all states of the copies, or of those of one site."""
    sign = r"\operatorname{Tr}" if slots.spin.plane or slots.spin.free else r"\sum"
    return rf"{sign}_{{\{{{_LATEX[slots.spin.letter]}^a\}}}}"


def _conjugate(slots: Replicated) -> str:
    on = r"\cdot " if slots.spin.plane else ""
    return rf"{_pairs(slots)}\hat Q_{{ab}}{on}Q_{{ab}}"


def _pairs(slots: Replicated) -> str:
    return r"\tfrac12\sum_{a,b}" if slots.spin.free else r"\sum_{a<b}"


def _single(slots: Replicated, strength: str) -> str:
    """The logarithm of what is left of one site."""
    S, B, on = _LATEX[slots.spin.letter], *((r"\bar", r"\cdot ") if slots.spin.plane else ("", ""))
    signal = rf"\sum_a \hat m_a{on}{strength}{S}^a + " if slots.patterns else ""
    on = on or r"\,"
    return rf"\log{_over(slots)} \exp\Bigl({signal}{_pairs(slots)}\hat Q_{{ab}}{on}{B}{S}^a{S}^b\Bigr)"
