# %% [markdown]
# # Signal against noise
#
# One step of spins in a memory with energy −Σ_μ F(ξ^μ·σ): the field of a spin is its signal and a sum of independent terms
# with mean 0. Their variance is exact at every N; how many patterns it allows depends on what is asked: a fraction of wrong
# bits, or none, in one pattern or in all. The steps are registered in the package; this page runs and checks them, and
# writes them down (`signal_to_noise.md`, `signal_to_noise.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks

law = dm.derive("polynomial.signal-to-noise")
checks = run_checks(law)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"signal_to_noise{suffix}").write_text(render(law, form, checks), encoding="utf-8")

# %% [markdown]
# Loads at half a per cent of wrong bits, and the coefficients of N^{n−1}/ln N without errors. A rectified interaction has
# half of the noise and twice the patterns; all patterns at once are 1/n of one.

# %%
for order in (2, 3, 4):
    asked = {"order": order, "errors": 0.005}
    loads = [dm.capacity(dm.PolynomialMemory(**asked, interaction=k)).value for k in ("power", "distinct", "rectified")]
    none = [dm.capacity(dm.PolynomialMemory(order, errors=0, criterion=c)).value for c in ("typical", "all")]
    print(f"n = {order}  power {loads[0]:.8f}  distinct {loads[1]:.8f}  rectified {loads[2]:.8f}  no errors {none}")
