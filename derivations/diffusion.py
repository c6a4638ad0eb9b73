# %% [markdown]
# # Diffusion as associative memory
#
# The score of e^{αd} data that diffuse, x = e^{−t} a + (1 − e^{−2t})^½ z, is the field of a dense memory whose weights are
# e^{−|y − a|²/2σ²} at y = x e^t, σ² = e^{2t} − 1: an exponential load with the Euclidean similarity, at the sharpness that
# is best. So the time at which the weight leaves the one datum (collapse, read backwards) is where the information that a
# component of x has of the datum is α. This page runs and checks the steps and writes them down (`diffusion.md`, `.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks
from dammech.systems.diffusion.capacity import threshold
from dammech.systems.diffusion.theory import theory

chapter = theory()
checks = run_checks(chapter)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"diffusion{suffix}").write_text(render(chapter, form, checks), encoding="utf-8")

# %% [markdown]
# Times of collapse, and the load that the frame of exponential loads finds there: the greatest G(s) over all s.

# %%
for data, variance in (("gaussian", 1.0), ("gaussian", 2.0), ("binary", 1.0)):
    for load in (0.2, 0.5):
        time = dm.capacity(dm.Diffusion(load, data, variance)).value
        print(
            f"{data}, variance {variance:g}, α = {load:g}: t_C = {time:.10f}, G = {threshold(time, data, variance):.12f}"
        )

# %% [markdown]
# At α = log 2 signs repeat, and no point has one of its own. Classes are another matter: they appear at ½ log Λ, late and
# without any e^{αd}. The same threshold is that of a kernel density estimate with Gaussian data: with the width β^{−1/2}
# and noisy queries it grows with β up to the plateau ½ log(1 + 1/σ²).
#
# Two antipodal means ±μ under normalised attention have no transition: a step is tanh(κμ·x) μ over its norm, the nearer
# mean at every κ. Only without the norm is there a paramagnet, below κ = 1.

# %%
print(dm.capacity(dm.Diffusion(0.7, "binary")).points[0].why)
print("speciation at", dm.capacity(dm.Diffusion(0.2, eigenvalue=20.0)).points[0].others["speciation"])
