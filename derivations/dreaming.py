# %% [markdown]
# # Hopfield's memory after sleep
#
# Asleep, couplings flow from Hebb's rule to the projector on what is stored (Fachechi, Agliari and Barra). The inverse
# matrix in them is turned into Gaussian fields, one for each pattern and an imaginary one for each neuron; what is left is
# a Hopfield model of spins whose square varies, and the replica calculation is that of Hopfield. What is stored may be
# the mean of a few noisy examples. The steps are registered in the package; this page runs and checks them, and writes
# them down (`dreaming.md`, `dreaming.tex`).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks

rs = dm.derive(dm.DreamingDAM(1.0), "rs")
checks = run_checks(rs)
for step in checks:
    print("ok  " if step["passed"] else "FAIL", step["title"], "|", step["check"])
here = Path(__file__).parent if "__file__" in globals() else Path()
for form, suffix in {"md": ".md", "latex": ".tex"}.items():
    (here / f"dreaming{suffix}").write_text(render(rs, form, checks), encoding="utf-8")

# %% [markdown]
# What sleep does to couplings, as theorems on matrices: their flow, the ridge regression and the Bayesian memory that they
# are, and the temperature above which they leave no glass.

# %%
for name in ("dreaming.sleep", "dreaming.glass-line"):
    law = dm.derive(name)
    passed = all(step["passed"] for step in run_checks(law))
    print(f"{'ok  ' if passed else 'FAIL'} {law.name}\n     {law.statement}")

# %% [markdown]
# The load at which retrieval ends at T = 0. It does not tend to 1 but to 1.068: 1 is the load up to which patterns are
# linearly independent, and the limit at any T > 0, where the gap that holds a pattern is of order 1/t. Replica symmetry is
# unstable at T = 0. Its glass of a long sleep even lies below a rigorous bound, so that no load at which retrieval becomes
# the ground state is given.

# %%
for sleep in (0.0, 0.1, 0.5, 1.0, 10.0, 100.0, 1000.0):
    (end,) = dm.boundary(dm.DreamingDAM(sleep), "retrieval-spinodal", temperatures=[0.0]).points
    print(f"t = {sleep:6g}  α_c = {end['load']:.5f}  m = {end['m']:.5f}")

# %% [markdown]
# The same with noisy examples, R = 0.1: beyond the best sleep a longer one over-fits them. Runs that start on a pattern last
# beyond these loads, so that simulation shows no sharp jump there; the overlap below them is what can be compared.

# %%
for sleep in (0.0, 3.0, 10.0, 30.0, 100.0, 1000.0):
    (end,) = dm.boundary(dm.DreamingDAM(sleep, dataset_entropy=0.1), "retrieval-spinodal", temperatures=[0.0]).points
    print(f"t = {sleep:6g}  α_c = {end['load']:.5f}")
