# %% [markdown]
# # Exponentially many patterns
#
# A memory that weighs patterns by e^{β Σ_i s(ξ_i, x_i)} stores e^{αN} of them. Wrong patterns are a random energy model; one
# concave function G(s) = s⟨s(ξ, x)⟩ − ⟨log⟨e^{s s(ξ′, x)}⟩⟩ gives the threshold of a typical pattern for any law of patterns,
# query and similarity: max G over s ≤ β. The steps are registered in the package; this page runs and checks them against
# exact laws at finite N, and writes them down (`exponential.md`, `exponential.tex`).

# %%
import math
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks

law = dm.derive("exponential.thresholds")
checks = run_checks(law)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"exponential{suffix}").write_text(render(law, form, checks), encoding="utf-8")

# %% [markdown]
# Similarities under noise and masks, and the binary memory at a temperature.

# %%
for name in ("exponential.similarities", "exponential.temperature"):
    other = dm.derive(name)
    passed = all(step["passed"] for step in run_checks(other))
    print(f"{'ok  ' if passed else 'FAIL'} {other.name}\n     {other.statement}")

# %% [markdown]
# The sign rule from a query with a fraction f of wrong signs: a typical pattern is restored up to I(1 − 2f), all of them
# together up to half of it. The mean square of the noise, an annealed estimate, would say 2(1 − 2f) − log cosh 2.

# %%
for flip in (0.05, 0.1, 0.2, 0.4):
    one, every = (
        dm.capacity(dm.ExponentialMemory(rule="sign", flip=flip, criterion=c)).value for c in ("typical", "all")
    )
    annealed = 2 * (1 - 2 * flip) - math.log(math.cosh(2))
    print(f"f = {flip:.2f}  typical {one:.6f}  all {every:.6f}  annealed {annealed:.6f}")

# %% [markdown]
# The same frame takes a similarity of one's own: cubes of differences, under Gaussian noise.

# %%
for similarity in ("euclidean", "manhattan", "-abs(x - xi)**3"):
    found = dm.capacity(dm.ExponentialMemory("gaussian", similarity, math.inf, noise=1.0))
    print(f"{similarity:16s} α = {found.value:.8f} ± {found.points[0].error:.0e}")
