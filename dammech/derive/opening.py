"""How a derivation begins: from ⟨Zⁿ⟩ over order parameters and their conjugates to the saddle point, before any ansatz."""

from __future__ import annotations

from dammech.declared.states import ISING_REPLICAS
from dammech.derive.steps import Derivation

#: sentence, and lines of LaTeX that follow it
Part = tuple[str, tuple[str, ...]]

_SINGLE_SPIN = (
    r"\log\sum_{\{\sigma^a\}} \exp\Bigl(\sum_a \hat m_a\sigma^a + \sum_{a<b}\hat Q_{ab}\,\sigma^a\sigma^b\Bigr)"
)


def opening(d: Derivation) -> list[Part]:
    """What precedes the steps, for Ising spins; nothing where a system says it by itself."""
    if d.model.replicas != ISING_REPLICAS:
        return []
    parts = _of_memory(d.mixture) if "load" in d.model.axes else _of_glass()
    blocks = d.ansatz != "rs"
    ansatz = (
        "values that depend on the blocks that a and b share"
        if blocks
        else "m_a = m, m̂_a = m̂, Q_ab = q, Q̂_ab = q̂"
    )
    return [*parts, (
        f"As N → ∞ the integral is its saddle point, at which Φ is stationary in all its variables. Only now comes the "
        f"ansatz: {ansatz}. "
        "Then n → 0, −βf = ∂Φ/∂n.", (),
    )]  # fmt: skip


def _of_memory(mixture: int) -> list[Part]:
    condensed = "Pattern 1 is" if mixture == 1 else f"Patterns 1 to {mixture}, which have equal overlaps, are"
    return [
        (
            "The mean of log Z over the patterns follows from integer powers of Z: −βf = lim ∂/∂n log ⟨Zⁿ⟩ / N as n → 0. "
            "Zⁿ is the partition function of n copies of the spins, a = 1 … n, in the same patterns, and the patterns are "
            f"independent, H = Σ_μ H_μ. {condensed} condensed and held fixed; over each of the others the mean is taken:",
            (r"\langle Z^n\rangle = \sum_{\{\sigma^a\}} e^{-\beta\sum_a H_1(\sigma^a)} "
             r"\prod_{\mu>1} \bigl\langle e^{-\beta\sum_a H_\mu(\sigma^a)}\bigr\rangle_{\xi^\mu}",),
        ),
        (
            "The first factor depends on m_a = N⁻¹ Σ_i ξ_i σ_i^a alone, the others on Q_ab = N⁻¹ Σ_i σ_i^a σ_i^b alone, the "
            "covariance of the overlaps y_a with a pattern that is not condensed: their product is e^{NW(Q)} up to factors of "
            "order 1, as steps "
            "1 to 3 show. Both are held by Dirac distributions, each an integral over a conjugate variable along the "
            "imaginary axis:",
            (r"\delta\Bigl(m_a - \tfrac1N\sum_i\xi_i\sigma_i^a\Bigr) = \int\!\frac{N\,d\hat m_a}{2\pi i}\, "
             r"e^{-\hat m_a(N m_a - \sum_i\xi_i\sigma_i^a)},\qquad",
             r"\delta\Bigl(Q_{ab} - \tfrac1N\sum_i\sigma_i^a\sigma_i^b\Bigr) = \int\!\frac{N\,d\hat Q_{ab}}{2\pi i}\, "
             r"e^{-\hat Q_{ab}(N Q_{ab} - \sum_i\sigma_i^a\sigma_i^b)}"),
        ),
        (
            "Under the integrals the sites are independent and, after σ_i → ξ_i σ_i, alike. Up to factors that do not count "
            "at order N",
            (r"\begin{gathered}",
             r"\langle Z^n\rangle = \int\! dm\,d\hat m\,dQ\,d\hat Q\; e^{N\Phi},\\",
             r"\Phi = -\tfrac{\beta}{N}\sum_a H_1(m_a) - \sum_a\hat m_a m_a + W(Q) - \sum_{a<b}\hat Q_{ab}Q_{ab} + "
             + _SINGLE_SPIN,
             r"\end{gathered}"),
        ),
    ]  # fmt: skip


def _of_glass() -> list[Part]:
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
             r"\Phi = W(Q) - \sum_{a<b}\hat Q_{ab}Q_{ab} + "
             + _SINGLE_SPIN.replace(r"\sum_a \hat m_a\sigma^a + ", ""),
             r"\end{gathered}"),
        ),
    ]  # fmt: skip
