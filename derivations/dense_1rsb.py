# %% [markdown]
# # Broken replica symmetry, one step
#
# The same functional as the replica-symmetric theory, on overlap matrices with blocks: q_1 inside a block of θ
# replicas, q_0 between blocks. Every piece is derived for any number of steps, any interaction and the
# log-determinant of p = 2; this page runs and checks one step for p = 2, p = 3 and the p-spin glass, and writes it
# down (`hopfield_1rsb.md`, `dense_1rsb_p3.md`, `pspin_1rsb_p3.md`, and the same in LaTeX).

# %%
from pathlib import Path

import dammech as dm
from dammech.derive import render, run_checks

models = {
    "hopfield_1rsb": dm.HebbianDAM(order=2), "dense_1rsb_p3": dm.HebbianDAM(order=3), "pspin_1rsb_p3": dm.PSpin(order=3)
}
print(dm.derive(models["dense_1rsb_p3"], "1rsb").render("text"))

# %% [markdown]
# Each step is checked by another route than the one that made it: explicit replicas, sums over all states, a
# functional in plain numbers. `dammech check hebbian.p3.distinct.1rsb --mutate` says whether an error would be
# noticed.

# %%
here = Path(__file__).parent if "__file__" in globals() else Path()
for name, model in models.items():
    broken = dm.derive(model, "1rsb")
    checks = run_checks(broken)
    for step in checks:
        print("ok  " if step["passed"] else "FAIL", broken.name, "|", step["title"], "|", step["check"])
    for form, suffix in {"md": ".md", "latex": ".tex"}.items():
        (here / f"{name}{suffix}").write_text(render(broken, form, checks), encoding="utf-8")
